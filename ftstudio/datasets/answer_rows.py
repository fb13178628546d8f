"""Rows for models that find answers: which of them have an answer that stands in its passage, or say there is none."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ftstudio.core import answers


def learnable(passages: pa.ChunkedArray, cells: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Return which rows can be learned from; one whose cell cannot be read is not among them."""
    pairs = zip(passages.to_pylist(), cells.to_pylist(), strict=True)
    return np.array([_stands(passage or "", cell) for passage, cell in pairs], dtype=bool)


def _stands(passage: str, cell: str | None) -> bool:
    try:
        given = answers.read(cell or "")
    except ValueError:
        return False
    return not given or bool(answers.placed(passage, given))
