"""What dividing the rows needs to know of them, put together from what was gathered while they streamed by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.datasets import answer_rows, documents, identity, number_labels, written_rows
from ftstudio.datasets.gathering import CONTENT_ROLES, Gathered
from ftstudio.datasets.span_labels import NOTHING, SpanLabels

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Material:
    """Per row: its class number (-1 none), group (-1 none) and set of identical rows (-1 unique); what it needs.

    `values` are the labels by number, `usable` the rows with all they need, `test_rows` those of the user's own test
    files and `given` the stated split codes, None without a split column.
    """

    labels: Numbers
    values: list[str]
    groups: Numbers | None
    same: Numbers
    usable: npt.NDArray[np.bool_]
    test_rows: npt.NDArray[np.bool_]
    given: npt.NDArray[np.int8] | None
    answer: Answer = Answer.LABEL


def of_texts(gathered: Gathered, table: pa.Table, roles: Mapping[ColumnRole, str], answer: Answer) -> Material:
    """Return the material of rows whose input is text; identical texts are found and compared in full."""
    columns = [table[roles[role]] for role in CONTENT_ROLES if role in roles]
    usable = gathered.filled
    if answer is Answer.TEXT:
        answers = table[roles[ColumnRole.LABEL]] if ColumnRole.LABEL in roles else None
        usable = usable & written_rows.learnable(table[roles[ColumnRole.TEXT]], answers)
    if answer is Answer.EXTRACT and {ColumnRole.TEXT_PAIR, ColumnRole.LABEL} <= roles.keys():
        passages, cells = (table[roles[role]] for role in (ColumnRole.TEXT_PAIR, ColumnRole.LABEL))
        usable = usable & answer_rows.learnable(passages, cells)
    return _material(gathered, usable, identity.same_rows(gathered.prints, columns, usable), answer)


def of_pictures(gathered: Gathered, is_good: npt.NDArray[np.bool_], same: Numbers, answer: Answer) -> Material:
    """Return the material of rows whose input is a picture, from what is known of the pictures."""
    return _material(gathered, gathered.filled & is_good, same, answer)


def _material(gathered: Gathered, usable: npt.NDArray[np.bool_], same: Numbers, answer: Answer) -> Material:
    labels = gathered.numbered(ColumnRole.LABEL)
    if labels is not None and answer.has_kinds:
        marked = SpanLabels(*labels, answer)
        labels, usable = (marked.rarest, marked.values), usable & (marked.rarest >= 0)
    if labels is not None and answer is Answer.NUMBER:
        bins, count = number_labels.bins_of(number_labels.of_cells(*labels))
        labels, usable = (bins, [NOTHING] * count), usable & (bins >= 0)
    if answer.writes:
        labels = np.zeros(len(usable), np.int64), [NOTHING]
    return Material(
        answer=answer,
        labels=labels[0] if labels else np.zeros(len(usable), np.int64),
        values=labels[1] if labels else [""],
        groups=_named_groups(gathered.numbered(ColumnRole.GROUP), gathered.documents),
        same=same,
        usable=usable,
        test_rows=gathered.test_rows,
        given=gathered.given,
    )


def _named_groups(groups: tuple[Numbers, list[str]] | None, pieces_of: Numbers | None) -> Numbers | None:
    """Return the group numbers, with rows whose group is empty belonging to none; without a column of groups the
    stretches of the documents that rows are `pieces_of`, if they are pieces.
    """
    if groups is None:
        return None if pieces_of is None else documents.stretches(pieces_of)
    numbers, values = groups
    empty = np.array([not value or not value.strip() for value in values], dtype=bool)
    return np.where((numbers >= 0) & ~empty[numbers], numbers, -1)
