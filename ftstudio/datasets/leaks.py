"""Rows that occur again in another part of the data: exactly, nearly, or as members of the same group.

A model scored on rows like those it has learned from looks better than it is. Removing the earlier row of a pair keeps
the later part honest; moving all of a pair into one part keeps every row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import Split
from ftstudio.datasets import near_duplicates, picture_hashes
from ftstudio.datasets.gathering import CONTENT_ROLES, number_values
from ftstudio.datasets.matches import Matches, Numbers, best_partners, crosses, in_several_parts, nothing
from ftstudio.datasets.splits import CODES, NAMES
from ftstudio.datasets.view import View

KINDS = ("exact", "near", "group", "similar")
LEAKING = ("exact", "near", "group")
ORDER = ((Split.TRAIN, Split.TEST), (Split.TRAIN, Split.VALIDATION), (Split.VALIDATION, Split.TEST))

Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class Leaks:
    """What was found in `view` (usable rows only), by kind; the rows of `matches` are places in the view."""

    view: View
    matches: Mapping[str, Matches]

    def between(self, kind: str, earlier: Split, later: Split) -> Matches:
        """Return the pairs of a kind between two parts."""
        found, split = self.matches[kind], self.view.split
        return found.only((split[found.left] == CODES[earlier]) & (split[found.right] == CODES[later]))

    def rows(self, kinds: Iterable[str], split: Split, *, later: bool) -> Numbers:
        """Return the rows of a part that occur again in a later part, or (`later`) that occur in an earlier one."""
        ends = [self.matches[kind].right if later else self.matches[kind].left for kind in kinds]
        rows = np.unique(np.concatenate([np.zeros(0, np.int64), *ends]))
        result: Numbers = rows[self.view.split[rows] == CODES[split]]
        return result

    def to_drop(self, kinds: Iterable[str]) -> list[int]:
        """Return the places, in the stored table, of rows that occur again in a later part."""
        rows = np.concatenate([np.zeros(0, np.int64), *(self.matches[kind].left for kind in kinds)])
        return [int(place) for place in self.view.index[np.unique(rows)]]

    def to_move(self, kinds: Iterable[str]) -> dict[str, list[int]]:
        """Return for each part the places of rows to be moved there, so that whatever is alike is in its first part."""
        pairs = np.concatenate(
            [
                np.zeros((0, 2), np.int64),
                *(np.stack((m.left, m.right), axis=1) for m in map(self.matches.get, kinds) if m),
            ]
        )
        target = _earliest(pairs, self.view.split.astype(np.int64))
        moved = np.flatnonzero(target < self.view.split)
        return {
            NAMES[code].value: [int(place) for place in self.view.index[moved[target[moved] == code]]]
            for code in sorted({int(code) for code in target[moved]})
        }


def _earliest(pairs: Numbers, codes: Numbers) -> Numbers:
    """Return for each row the lowest code among all rows it is linked to, directly or through others."""
    target = codes.copy()
    while True:
        before = target.copy()
        np.minimum.at(target, pairs[:, 0], before[pairs[:, 1]])
        np.minimum.at(target, pairs[:, 1], before[pairs[:, 0]])
        if np.array_equal(before, target):
            return target


def find(view: View, folder: Path, alike: float, tick: Tick) -> Leaks:
    """Return the rows that occur again in another part, exactly, nearly (`alike` for texts) or by their group.

    `folder` is the data folder of the project, where pictures lie. `tick(done, total)` may raise to cancel.
    """
    usable = view.keep(view.in_split(None))
    exact = of_units(usable.same, usable)
    return Leaks(usable, {"exact": exact, "near": _near(usable, folder, alike, tick), "group": of_groups(usable)})


def of_units(units: Numbers, view: View) -> Matches:
    """Return each row whose unit (-1: none) has rows in other parts, with one of them."""
    rows = np.flatnonzero(units >= 0)
    if not len(rows):
        return nothing()
    itself = np.flatnonzero(crosses(in_several_parts(units[rows], view.split[rows])))
    found = best_partners(units[rows], view.split[rows], np.stack((itself, itself), axis=1), np.ones(len(itself)))
    return Matches(rows[found.left], rows[found.right], found.similarity)


def of_groups(view: View) -> Matches:
    """Return each row whose group is also in another part, with one row of it there."""
    if not view.has(ColumnRole.GROUP):
        return nothing()
    numbers, _ = number_values(view.column(ColumnRole.GROUP))
    return of_units(np.where(view.filled(ColumnRole.GROUP), numbers, -1), view)


def texts_of(view: View) -> pa.ChunkedArray:
    """Return the texts of all rows; second texts come after the first, on a line of their own."""
    columns = [pc.fill_null(view.column(role), "") for role in CONTENT_ROLES if view.has(role)]
    return pc.binary_join_element_wise(*columns, "\n") if len(columns) > 1 else columns[0]


def _near(view: View, folder: Path, alike: float, tick: Tick) -> Matches:
    if view.has(ColumnRole.IMAGE):
        paths = [folder / path for path in view.column(ColumnRole.IMAGE).to_pylist()]
        found = picture_hashes.find(paths, view.split, tick=tick)
    else:
        found = near_duplicates.find(texts_of(view), view.split, alike, tick)
    return found.only(~_identical(view.same, found))


def _identical(same: Numbers, found: Matches) -> npt.NDArray[np.bool_]:
    result: npt.NDArray[np.bool_] = (same[found.left] >= 0) & (same[found.left] == same[found.right])
    return result
