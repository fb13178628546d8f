"""Pairs of rows that are alike and lie in different parts of the data, and how they are found without comparing all.

Whatever is to be compared is first put into buckets (locality-sensitive hashing, Indyk and Motwani 1998); only what
shares a bucket is looked at, and of large buckets only close neighbours, so that the work grows with the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int8]
Keys = npt.NDArray[np.uint64]
Number = TypeVar("Number", np.int64, np.uint64)

NEIGHBOURS = 24
PARTS = 3


@dataclass(frozen=True)
class Matches:
    """Pairs of rows, one entry a pair: `left` lies in an earlier part than `right`; `similarity` is 0 to 1.

    Every row that has a partner in another part is in at least one pair, with its best partner there.
    """

    left: Numbers
    right: Numbers
    similarity: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.left)

    def only(self, mask: npt.NDArray[np.bool_]) -> Matches:
        """Return some of the pairs."""
        return Matches(self.left[mask], self.right[mask], self.similarity[mask])

    def sorted(self) -> Matches:
        """Return the pairs with the most alike first, ties in the order of the rows."""
        order = np.lexsort((self.left, self.right, -self.similarity))
        return Matches(self.left[order], self.right[order], self.similarity[order])


def distinct(numbers: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Return the distinct numbers, sorted; unlike `np.unique` always by sorting, as hashing is slow on such keys."""
    ordered = np.sort(numbers)
    result: npt.NDArray[Number] = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
    return result


def nothing() -> Matches:
    """Return no pairs."""
    return Matches(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def sharing_a_bucket(tables: Iterable[Keys], may_match: Callable[[Numbers, Numbers], npt.NDArray[np.bool_]]) -> Numbers:
    """Return the pairs, shape [pairs, 2], of entries with equal keys in one of `tables`, smaller number first.

    In a bucket of more than `NEIGHBOURS` entries each is paired with that many others, drawn at random.
    `may_match(left, right)` says which pairs are wanted at all.
    """
    chance = np.random.default_rng(0)
    found = [np.zeros(0, np.int64)]
    count = 1
    for keys in tables:
        count = max(count, len(keys))
        shuffled = chance.permutation(len(keys))
        order = shuffled[np.argsort(keys[shuffled], kind="stable")]
        ordered = keys[order]
        for offset in range(1, min(NEIGHBOURS + 1, len(keys))):
            same = np.flatnonzero(ordered[offset:] == ordered[:-offset])
            if not len(same):
                break
            low, high = np.minimum(order[same], order[same + offset]), np.maximum(order[same], order[same + offset])
            wanted = may_match(low, high)
            found.append(distinct(low[wanted] * count + high[wanted]))
    pairs = distinct(np.concatenate(found))
    return np.stack((pairs // count, pairs % count), axis=1)


def in_several_parts(units: Numbers, parts: Codes) -> Numbers:
    """Return for each unit (rows share one) which parts it has rows in, as bits."""
    bits = np.zeros(int(units.max(initial=-1)) + 1, dtype=np.int64)
    np.bitwise_or.at(bits, units, 1 << parts.astype(np.int64))
    return bits


def crosses(bits: Numbers) -> npt.NDArray[np.bool_]:
    """Return which sets of parts, as bits, hold more than one."""
    several: npt.NDArray[np.bool_] = (bits & (bits - 1)) != 0
    return several


def best_partners(units: Numbers, parts: Codes, pairs: Numbers, similarity: npt.NDArray[np.float64]) -> Matches:
    """Turn pairs of units, shape [pairs, 2], into pairs of rows: each row with its best partner in each other part.

    A unit is a set of rows with the same content; `(unit, unit)` pairs say that it is alike to itself.
    """
    if not len(pairs):
        return nothing()
    first = np.full((int(units.max()) + 1, PARTS), -1, dtype=np.int64)
    first[units[::-1], parts[::-1]] = np.arange(len(units))[::-1]
    one = np.concatenate((pairs[:, 0], pairs[:, 1]))
    other = np.concatenate((pairs[:, 1], pairs[:, 0]))
    order = np.argsort(-np.concatenate((similarity, similarity)), kind="stable")
    one, other, alike = one[order], other[order], np.concatenate((similarity, similarity))[order]
    found: list[tuple[Numbers, Numbers, npt.NDArray[np.float64]]] = []
    for part in range(PARTS):
        there = np.flatnonzero(first[other, part] >= 0)
        best = np.full(len(first), -1, dtype=np.int64)
        best[one[there][::-1]] = there[::-1]
        rows = np.flatnonzero((best[units] >= 0) & (parts != part))
        chosen = best[units[rows]]
        found.append((rows, first[other[chosen], part], alike[chosen]))
    rows, partners, values = (np.concatenate(column) for column in zip(*found, strict=True))
    return _ordered(rows, partners, values, parts)


def _ordered(rows: Numbers, partners: Numbers, similarity: npt.NDArray[np.float64], parts: Codes) -> Matches:
    """Return each pair once, the row of the earlier part on the left."""
    swap = parts[rows] > parts[partners]
    left, right = np.where(swap, partners, rows), np.where(swap, rows, partners)
    _, once = np.unique(np.stack((left, right)), axis=1, return_index=True)
    return Matches(left[once], right[once], similarity[once]).sorted()
