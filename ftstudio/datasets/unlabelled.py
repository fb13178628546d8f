"""Rows with an empty label where rows may have several labels: for many people that means that none of them fits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ftstudio.core import label_sets
from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import Split
from ftstudio.datasets.gathering import number_values
from ftstudio.datasets.splits import CODES, LEFT_OUT
from ftstudio.datasets.view import Mask, View

_INPUTS = (ColumnRole.TEXT, ColumnRole.TEXT_PAIR)


def empty_labels(view: View) -> Mask:
    """Return which rows are left out for nothing but an empty label."""
    empty: Mask = (view.split == LEFT_OUT) & ~view.filled(ColumnRole.LABEL)
    for role in _INPUTS:
        if view.has(role):
            empty &= view.filled(role)
    return empty if view.flaw is None else empty & (view.flaw == "")


def kept(view: View) -> View:
    """Return the rows with those of empty labels used as rows without any, divided as the others are.

    A row goes where those of its recording, or with the same text, are already; the others by chance, the same each
    time, in the shares of the rows there are.
    """
    rows = np.flatnonzero(empty_labels(view))
    if not len(rows):
        return view
    nothing = pa.scalar(label_sets.write(()), pa.string())
    column = view.column(ColumnRole.LABEL)
    is_empty = pa.chunked_array([pa.array(empty_labels(view))])
    view = view.with_column(ColumnRole.LABEL, pc.if_else(is_empty, nothing, column))
    codes = _codes(view, rows)
    for split in Split:
        chosen = np.zeros(len(view), dtype=bool)
        chosen[rows[codes == CODES[split]]] = True
        view = view.with_split(chosen, split)
    return view


def _codes(view: View, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    """Return the split of each of the rows."""
    belongs = _belongs_to(view)
    shares = np.array([view.in_split(split).sum() for split in Split], dtype=float)
    shares = shares / shares.sum() if shares.any() else np.eye(len(Split))[0]
    chance = np.random.default_rng(0)
    drawn = chance.choice([CODES[split] for split in Split], size=int(belongs.max()) + 1, p=shares).astype(np.int8)
    there = view.split != LEFT_OUT
    drawn[belongs[there]] = view.split[there]
    return drawn[belongs[rows]]


def _belongs_to(view: View) -> npt.NDArray[np.int64]:
    """Return a number for each row, the same for rows that must stay together."""
    role = next((one for one in (ColumnRole.GROUP, ColumnRole.TEXT) if view.has(one)), None)
    numbers = np.arange(len(view)) if role is None else number_values(view.column(role))[0].astype(np.int64)
    return np.where(numbers < 0, numbers.max() + 1 + np.arange(len(view)), numbers)
