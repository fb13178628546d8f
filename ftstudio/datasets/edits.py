"""The kinds of change that can be made to imported data: each takes a view and returns another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow.compute as pc

from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets import label_edits, label_set_cells, unlabelled
from ftstudio.datasets.manifest import Edit
from ftstudio.datasets.span_labels import NOTHING
from ftstudio.datasets.splits import LEFT_OUT
from ftstudio.datasets.view import Mask, View

Params = Mapping[str, Any]


def apply_all(view: View, edits: Iterable[Edit]) -> View:
    """Return the view after all edits; neighbouring changes of single labels are made at once, for their number."""
    for key, several in groupby(label_edits.changing(edits), key=lambda edit: edit.key):
        if key == label_edits.RELABEL:
            view = label_edits.with_labels_at(view, label_edits.relabelled(several))
            continue
        for edit in several:
            view = KINDS[edit.key](view, edit.params)
    return view


def check(edits: Iterable[Edit]) -> None:
    """Refuse edits of unknown kind or without the values they need; raises `InputError`."""
    for edit in edits:
        if edit.key not in KINDS:
            raise InputError(
                text("There is no change to data called “{key}”.", key=edit.key),
                text("Known ones are: {keys}.", keys=", ".join(sorted(KINDS))),
                field=edit.key,
            )
        for name, kind in _NEEDS.get(edit.key, {}).items():
            if not isinstance(edit.params.get(name), kind):
                raise InputError(
                    text("The change “{key}” lacks its value “{name}”.", key=edit.key, name=name), field=edit.key
                )
        if edit.params.get("answer", Answer.LABEL) not in list(Answer):
            raise InputError(
                text("There is no kind of label called “{kind}”.", kind=edit.params["answer"]), field="answer"
            )
        for split in edit.params.get("splits", {}):
            if split not in list(Split):
                raise InputError(
                    text("There is no part of the data called “{split}”.", split=split),
                    text("Known ones are: {keys}.", keys=", ".join(Split)),
                    field="splits",
                )


_NEEDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "drop_labels": {"labels": (list, tuple)},
    "merge_labels": {"names": dict},
    "drop_rows": {"places": (list, tuple)},
    "move_rows": {"splits": dict},
    "set_roles": {"roles": dict},
    "relabel": {"place": int, "label": str},
    "confirmed": {"place": int, "label": str},
}


def drop_left_out(view: View, params: Params) -> View:
    """Remove the rows that cannot be used: no input, no label, broken picture."""
    return view.keep(view.split != LEFT_OUT)


def drop_duplicates(view: View, params: Params) -> View:
    """Keep the first of each set of identical rows with the same label within a split."""
    return view.keep(first_of_each(view, view.split))


def drop_leaks(view: View, params: Params) -> View:
    """Remove training and validation rows that are also in a later split, so that the test stays honest."""
    return view.keep(~leaking(view))


def drop_conflicts(view: View, params: Params) -> View:
    """Remove rows whose identical twins have another label."""
    return view.keep(~conflicting(view))


def drop_labels(view: View, params: Params) -> View:
    """Remove all rows with some labels; where rows have several, only the labels go.

    `NOTHING` then stands for the rows without any.
    """
    if view.answer is Answer.LABELS and view.marked is not None:
        kept = view.keep(~view.marked.having(NOTHING)) if NOTHING in params["labels"] else view
        cells = label_set_cells.without(kept.column(ColumnRole.LABEL), params["labels"])
        return kept.with_column(ColumnRole.LABEL, cells)
    numbers = [index for index, value in enumerate(view.label_values) if value in params["labels"]]
    return view.keep(~np.isin(view.label_numbers, numbers))


def keep_unlabelled(view: View, params: Params) -> View:
    """Use the rows with an empty label as rows that none of the labels fits."""
    return unlabelled.kept(view) if view.answer is Answer.LABELS else view


def merge_labels(view: View, params: Params) -> View:
    """Rename labels; `names` maps old to new."""
    return view.with_labels(dict(params["names"]))


def drop_rows(view: View, params: Params) -> View:
    """Remove rows by their places in the stored table."""
    return view.keep(~np.isin(view.index, np.asarray(params["places"], dtype=np.int64)))


def move_rows(view: View, params: Params) -> View:
    """Put rows into other parts; `splits` maps each part to places in the stored table. What is left out stays so."""
    for split, places in params["splits"].items():
        chosen = np.isin(view.index, np.asarray(places, dtype=np.int64)) & (view.split != LEFT_OUT)
        view = view.with_split(chosen, Split(split))
    return view


def set_roles(view: View, params: Params) -> View:
    """Say what the columns mean; the data set heeds it before any other change."""
    return view


def relabel(view: View, params: Params) -> View:
    """Give one row another label; `place` is its place in the stored table."""
    return label_edits.with_labels_at(view, {params["place"]: params["label"]})


def confirmed(view: View, params: Params) -> View:
    """Note that a doubted label is right; no row changes."""
    return view


_ALL = (
    *(drop_left_out, drop_duplicates, drop_leaks, drop_conflicts, drop_labels),
    *(keep_unlabelled, merge_labels, drop_rows, move_rows, set_roles, relabel, confirmed),
)
KINDS: dict[str, Callable[[View, Params], View]] = {kind.__name__: kind for kind in _ALL}


def first_of_each(view: View, within: np.ndarray) -> Mask:
    """Return which rows are unique or the first of their kind with the same label and the same value of `within`."""
    keep = view.same < 0
    rows = np.flatnonzero(~keep)
    if len(rows):
        labels = view.whole_labels[rows].astype(np.int64)
        keys = np.stack([view.same[rows], labels, within[rows].astype(np.int64)])
        order = np.lexsort((rows, *keys[::-1]))
        ordered = keys[:, order]
        is_first = np.r_[True, (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)]
        keep[rows[order[is_first]]] = True
    return keep


def conflicting(view: View) -> Mask:
    """Return which rows have an identical row with another label."""
    result = np.zeros(len(view), dtype=bool)
    rows = np.flatnonzero((view.same >= 0) & (view.whole_labels >= 0) & (view.split != LEFT_OUT))
    if len(rows):
        size = int(view.same.max()) + 1
        low, high = np.full(size, np.iinfo(np.int64).max), np.full(size, -1, dtype=np.int64)
        np.minimum.at(low, view.same[rows], view.whole_labels[rows])
        np.maximum.at(high, view.same[rows], view.whole_labels[rows])
        result[rows] = (low != high)[view.same[rows]]
    return result


def leaking(view: View) -> Mask:
    """Return which rows of training and validation are also in a later split."""
    result = np.zeros(len(view), dtype=bool)
    rows = np.flatnonzero((view.same >= 0) & (view.split != LEFT_OUT))
    if len(rows):
        later = np.full(int(view.same.max()) + 1, LEFT_OUT, dtype=np.int8)
        np.maximum.at(later, view.same[rows], view.split[rows])
        result[rows] = view.split[rows] < later[view.same[rows]]
    return result


def contains(view: View, wanted: str) -> Mask:
    """Return which rows hold some words in any of their columns, upper and lower case alike."""
    mask = np.zeros(len(view), dtype=bool)
    for name in view.table.column_names:
        found = pc.match_substring(view.table[name], wanted, ignore_case=True)
        mask |= pc.fill_null(found, False).to_numpy()
    return mask
