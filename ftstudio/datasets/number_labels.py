"""Labels that are numbers: which rows have one, and what a row counts as when the rows are divided."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ftstudio.core import number_forms, plain_numbers
from ftstudio.datasets.gathering import number_values

BINS, ROWS_A_BIN = 10, 10


def of_cells(numbers: npt.NDArray[np.int64], cells: Sequence[str | None]) -> npt.NDArray[np.float64]:
    """Return the number of each row, NaN where it has none; `numbers` say which of the distinct `cells` it has."""
    read = map(plain_numbers.read, number_forms.plain(cells))
    values = np.array([*(math.nan if one is None else one for one in read), math.nan], dtype=np.float64)
    return values[numbers]


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of numbers with all of them written as 1234.5 (`core.number_forms`), else the column itself."""
    numbers, cells = number_values(column)
    rewritten = number_forms.plain(cells)
    if rewritten == [cell or "" for cell in cells]:
        return column
    places = pa.array(numbers, pa.int64(), mask=numbers < 0)
    return pa.chunked_array([pa.array(rewritten, pa.string()).take(places)])


def bins_of(values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], int]:
    """Return what each row counts as, from small to large numbers, -1 where it has none, and how many such bins are.

    Dividing rows by them puts small, middling and large numbers into each part. There is one bin if all are the same.
    """
    known = ~np.isnan(values)
    found = np.full(len(values), -1, dtype=np.int64)
    if not known.any():
        return found, 1
    different = np.unique(values[known])
    count = max(min(2, len(different)), min(BINS, int(known.sum()) // ROWS_A_BIN, len(different)))
    edges = np.unique(np.quantile(values[known], np.linspace(0, 1, count + 1)[1:-1]))
    found[known] = np.searchsorted(edges, values[known], side="right")
    bins, numbered = np.unique(found[known], return_inverse=True)
    if len(bins) == 1 and len(different) > 1:  # nearly all are the same: what differs is a bin of its own
        numbered = (values[known] != np.median(values[known])).astype(np.int64)
    found[known] = numbered
    return found, int(numbered.max()) + 1
