"""Rows of the project's table as the engine needs them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core import label_sets as label_sets_of
from ftstudio.core import plain_numbers


def label_indices(table: pa.Table, labels: Sequence[str]) -> NDArray[np.int64]:
    """Return the position of each row's label in `labels`, -1 where it has none or an unknown one."""
    if "label" not in table.column_names:
        return np.full(table.num_rows, -1, dtype=np.int64)
    positions = {label: at for at, label in enumerate(labels)}
    column = table["label"].cast(pa.string())
    return np.fromiter((positions.get(value, -1) for value in column.to_pylist()), dtype=np.int64, count=len(column))


def label_sets(table: pa.Table, labels: Sequence[str]) -> NDArray[np.float32]:
    """Return 1 for each label a row has and 0 for the others, shape [rows, labels].

    A row whose labels are not known has no numbers (NaN): its cell is empty or cannot be read, or names another label.
    """
    found = np.full((table.num_rows, len(labels)), np.nan, dtype=np.float32)
    positions = {label: at for at, label in enumerate(labels)}
    for row, cell in enumerate(_cells(table)):
        try:
            at = [positions[label] for label in label_sets_of.read(cell)] if cell.strip() else None
        except (ValueError, KeyError):
            continue
        if at is not None:
            found[row] = 0.0
            found[row, at] = 1.0
    return found


def numbers(table: pa.Table) -> NDArray[np.float32]:
    """Return the number of each row, shape [rows, 1], NaN where it has none."""
    read = (plain_numbers.read(cell) for cell in _cells(table))
    values = [math.nan if one is None else one for one in read]
    return np.array(values, dtype=np.float32).reshape(-1, 1)


def _cells(table: pa.Table) -> list[str]:
    if "label" not in table.column_names:
        return [""] * table.num_rows
    return [cell or "" for cell in table["label"].cast(pa.string()).to_pylist()]


def some_rows(table: pa.Table, most: int) -> pa.Table:
    """Return up to `most` rows from all over the table, the same ones every time, in chance order."""
    return table.take(np.random.default_rng(0).permutation(table.num_rows)[:most])
