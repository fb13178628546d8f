"""Rows that are pieces of longer documents, as of a book in a plain text file: which are of one, and what is held back.

Pieces are cut for people to look at and for scores to count; who learns from them reads on from one to the next. What
is held back of a long document is whole stretches of it, so that hardly any of it lies beside what was learned.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

COLUMN, ENDS = "document", "ends"
STRETCHES, LONGEST = 50, 100
"""A document is held back whole if it makes a fiftieth of all pieces at most, else in stretches of that size; of a
large corpus in shorter ones, so that what is held back comes from many places."""

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def stretches(documents: Numbers) -> Numbers:
    """Return a number for each row, equal for those of one stretch; `documents` never falls from row to row."""
    if not len(documents):
        return documents
    longest = min(LONGEST, max(1, len(documents) // STRETCHES))
    first = np.flatnonzero(np.diff(documents, prepend=-1))
    sizes = np.diff(first, append=len(documents))
    parts = -(-sizes // longest)
    before, begin, size, part = (np.repeat(one, sizes) for one in (np.cumsum(parts) - parts, first, sizes, parts))
    numbers: Numbers = before + (np.arange(len(documents)) - begin) * part // size
    return numbers


def goes_on(table: pa.Table) -> Mask:
    """Return which rows are the next piece of the document that the row before them is of (`View.rows`)."""
    found = np.zeros(table.num_rows, dtype=bool)
    if COLUMN in table.column_names:
        found[1:] = (np.diff(table[COLUMN].to_numpy()) == 0) & (np.diff(table["row"].to_numpy()) == 1)
    return found


def read(rows: pa.Table) -> tuple[Numbers | None, Mask | None]:
    """Return of stored rows the document that each is a piece of, and which are the last; None of whole ones."""
    if COLUMN not in rows.column_names:
        return None, None
    documents = rows[COLUMN].to_numpy().astype(np.int64)
    return documents, np.diff(documents, append=-1) != 0


def begins(rows: pa.Table) -> Mask | None:
    """Return which stored rows are the first piece of a document; None where every row is a whole one."""
    documents, _ = read(rows)
    return None if documents is None else np.diff(documents, prepend=-1) != 0
