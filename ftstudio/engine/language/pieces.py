"""Rows that are pieces of longer documents: read on from one to the next, and ended only where a document ends.

Neighbours are cut into tokens together, as they stand in their document, and the tokens are then given to the rows: a
piece by itself may be cut otherwise at its edges.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.datasets import documents

TOGETHER = 16
"""So many pieces are cut into tokens together at most: many short texts are quicker than one long one."""

Tokens = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Pieces:
    """Of each row whether it goes on from the one before it, and whether its document ends with it."""

    goes_on: Mask
    ends: Mask


def of(table: pa.Table) -> Pieces:
    """Return what rows are pieces of; without a word on it every row is a whole document."""
    are_pieces = documents.COLUMN in table.column_names
    ends = table[documents.ENDS].to_numpy() if are_pieces else np.ones(table.num_rows, dtype=bool)
    return Pieces(documents.goes_on(table), ends)


def as_wholes(table: pa.Table) -> pa.Table:
    """Return rows of which each is a document of its own from now on."""
    return table.drop_columns([one for one in (documents.COLUMN, documents.ENDS) if one in table.column_names])


def tokenized(tokenizer: Any, words: Sequence[str], goes_on: Sequence[bool], ends: Sequence[bool]) -> Iterator[Tokens]:
    """Yield the tokens of each text, none of which is empty: a document has its marks where it begins and ends."""
    groups = _groups(goes_on)
    found: dict[int, list[Tokens]] = {}
    for is_first in (True, False):
        some = [group for group in groups if bool(goes_on[group[0]]) is not is_first]
        if not some:
            continue
        texts = ["".join(words[first:last]) for first, last in some]
        encoded = tokenizer(texts, add_special_tokens=is_first, verbose=False)
        for at, (first, last) in enumerate(some):
            found[first] = _apart(encoded, at, [len(one) for one in words[first:last]])
    each = (ids for first, _ in groups for ids in found[first])
    for ids, is_end in zip(each, ends, strict=True):
        yield ended(tokenizer, ids) if is_end else unended(tokenizer, ids)


def ended(tokenizer: Any, ids: Tokens) -> Tokens:
    """Return the tokens of a text with the one that ends it: that it ends is learned, too."""
    end = tokenizer.eos_token_id
    return ids if end is None or ids[-1:].tolist() == [end] else np.append(ids, end)


def unended(tokenizer: Any, ids: Tokens) -> Tokens:
    """Return the tokens of a text without the one that some tokenizers end every text with."""
    return ids[:-1] if ids[-1:].tolist() == [tokenizer.eos_token_id] else ids


def _groups(goes_on: Sequence[bool]) -> list[tuple[int, int]]:
    """Return from where to where rows follow each other, a few at a time."""
    firsts: list[int] = []
    for at, is_next in enumerate(goes_on):
        if not firsts or not is_next or at - firsts[-1] >= TOGETHER:
            firsts.append(at)
    return list(pairwise([*firsts, len(goes_on)]))


def _apart(encoded: Any, at: int, sizes: list[int]) -> list[Tokens]:
    """Return the tokens of each of several texts that were cut as one; the last one has a token that two share."""
    ids = np.array(encoded["input_ids"][at], dtype=np.int64)
    if len(sizes) == 1:
        return [ids]
    *seams, total = accumulate(sizes)
    return np.split(ids, [_token_at(encoded, at, seam, total, len(ids)) for seam in seams])


def _token_at(encoded: Any, at: int, letter: int, total: int, count: int) -> int:
    """Return the first token that stands for a letter or for one after it; white space may have none."""
    found = (encoded.char_to_token(at, one) for one in range(letter, total))
    return next((int(token) for token in found if token is not None), count)
