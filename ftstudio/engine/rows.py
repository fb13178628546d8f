"""Rows of the project's table as the engine needs them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def label_indices(table: pa.Table, labels: Sequence[str]) -> NDArray[np.int64]:
    """Return the position of each row's label in `labels`, -1 where it has none or an unknown one."""
    if "label" not in table.column_names:
        return np.full(table.num_rows, -1, dtype=np.int64)
    positions = {label: at for at, label in enumerate(labels)}
    column = table["label"].cast(pa.string())
    return np.fromiter((positions.get(value, -1) for value in column.to_pylist()), dtype=np.int64, count=len(column))


def some_rows(table: pa.Table, most: int) -> pa.Table:
    """Return up to `most` rows from all over the table, the same ones every time, in chance order."""
    return table.take(np.random.default_rng(0).permutation(table.num_rows)[:most])
