"""Changes to the labels of single rows, and notes that a doubted label is right; both by place in the stored table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ftstudio.core.specs import ColumnRole
from ftstudio.datasets.manifest import Edit
from ftstudio.datasets.view import View

RELABEL = "relabel"
CONFIRMED = "confirmed"
NOTES = frozenset({CONFIRMED})
"""Kinds of edits that say something about the data and change none of it: its fingerprint does not know them."""


def relabel(place: int, label: str) -> Edit:
    """Return the edit that gives one row another label."""
    return Edit(key=RELABEL, params={"place": place, "label": label})


def confirm(place: int, label: str) -> Edit:
    """Return the note that the label a row has is right, so that it is not doubted again."""
    return Edit(key=CONFIRMED, params={"place": place, "label": label})


def changing(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Return the edits without the notes."""
    return tuple(edit for edit in edits if edit.key not in NOTES)


def confirmed(edits: Iterable[Edit]) -> dict[int, str]:
    """Return the label that was said to be right, by the row's place."""
    return {int(edit.params["place"]): str(edit.params["label"]) for edit in edits if edit.key == CONFIRMED}


def relabelled(edits: Iterable[Edit]) -> dict[int, str]:
    """Return the label that each relabelled row was given last, by its place."""
    return {int(edit.params["place"]): str(edit.params["label"]) for edit in edits if edit.key == RELABEL}


def with_labels_at(view: View, labels: Mapping[int, str]) -> View:
    """Return the rows with other labels at some places of the stored table; places that are gone do not count."""
    wanted = np.array(sorted(labels), dtype=np.int64)
    at = np.searchsorted(view.index, wanted)
    there = at < len(view)
    there[there] = view.index[at[there]] == wanted[there]
    if not view.has(ColumnRole.LABEL) or not there.any():
        return view
    mask = np.zeros(len(view), dtype=bool)
    mask[at[there]] = True
    new = pa.array([labels[int(place)] for place in wanted[there]], pa.string())
    column = view.column(ColumnRole.LABEL).combine_chunks()
    return view.with_column(ColumnRole.LABEL, pc.replace_with_mask(column, pa.array(mask), new.cast(column.type)))
