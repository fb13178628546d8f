"""Answers of a model to rows: one array where every row has one, else an array of arrays, one a row.

Both are indexed by row, so that whoever picks or counts rows need not know which they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def by_row(rows: Sequence[NDArray[Any]]) -> NDArray[np.object_]:
    """Return arrays of different lengths as one array of them, shape [rows]."""
    result = np.empty(len(rows), dtype=object)
    for at, row in enumerate(rows):
        result[at] = row
    return result


def flat(values: NDArray[Any]) -> NDArray[Any]:
    """Return all answers of all rows one after the other, along the first axis."""
    if values.dtype != object:
        return values
    return np.concatenate(list(values)) if len(values) else np.zeros(0, dtype=np.float32)


class Collected:
    """Logits put together from batches, in the order of the rows.

    Args:
        items: how many answers each row has, shape [rows].
    """

    def __init__(self, items: NDArray[np.int64]) -> None:
        self._items = items
        self._values: NDArray[Any] | None = None

    def put(self, rows: NDArray[np.int64], logits: NDArray[np.float32]) -> None:
        """Take the logits of some rows: [rows, classes], or [rows, items, classes] with more items than a row has."""
        if self._values is None:
            shape = (len(self._items),) if logits.ndim == 3 else (len(self._items), logits.shape[1])
            self._values = np.empty(shape, dtype=object if logits.ndim == 3 else np.float32)
        if logits.ndim == 2:
            self._values[rows] = logits
            return
        for row, values in zip(rows.tolist(), logits, strict=True):
            self._values[row] = values[: self._items[row]].copy()

    @property
    def values(self) -> NDArray[Any]:
        """Float32, shape [rows, classes]; or [rows] arrays of shape [items, classes]."""
        return self._values if self._values is not None else np.empty((0, 0), dtype=np.float32)
