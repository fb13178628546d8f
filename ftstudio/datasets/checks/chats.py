"""Conversations and answers that nothing can be learned from: unknown roles, two turns in a row, empty answers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ftstudio.core.chats import BadChatError, Fault
from ftstudio.core.errors import Where
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.text import Text, text, text_plural
from ftstudio.datasets.checks import Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.view import Mask
from ftstudio.datasets.written_rows import bad_chats

ANSWERS = frozenset({Answer.TEXT})
_REMOVE = Fix(key="drop_left_out", label=text("Remove these rows"))


def find(case: Case) -> Iterator[Problem]:
    """Report the rows that are left out because of how their conversation is written, or because nothing answers."""
    view = case.view
    faults: dict[Fault, list[tuple[int, BadChatError]]] = {}
    for place, error in bad_chats(view.column(ColumnRole.TEXT)):
        faults.setdefault(error.fault, []).append((place, error))
    for fault, found in faults.items():
        yield _problem(case, fault, _mask(len(view), [place for place, _ in found]), found[0][1].detail)
    if view.has(ColumnRole.LABEL):
        empty = ~view.filled(ColumnRole.LABEL)
        if empty.any():
            yield _problem(case, "empty_answer", empty, "", ColumnRole.LABEL)


def _mask(rows: int, at: list[int]) -> Mask:
    mask = np.zeros(rows, dtype=bool)
    mask[at] = True
    return mask


def _problem(case: Case, fault: Fault, mask: Mask, detail: str, role: ColumnRole = ColumnRole.TEXT) -> Problem:
    count = int(mask.sum())
    return Problem(
        severity=Severity.WARNING,
        code=fault,
        message=_message(fault, count, detail),
        hint=text("Correct them and import the data again, or remove these rows."),
        count=count,
        where=Where(column=case.dataset.roles.get(role)),
        fix=_REMOVE,
        **places(case.view, mask),
    )


def _message(fault: Fault, count: int, detail: str) -> Text:
    if fault == "unknown_role":
        return text_plural(
            "{count} conversation has a role that is not known (“{role}”); it is left out.",
            "{count} conversations have a role that is not known (the first is “{role}”); they are left out.",
            count,
            role=detail,
        )
    if fault == "turns_in_a_row":
        return text_plural(
            "In {count} conversation one side speaks twice in a row (turn {turn}); it is left out.",
            "In {count} conversations one side speaks twice in a row (the first at turn {turn}); they are left out.",
            count,
            turn=detail,
        )
    if fault == "no_answer":
        return text_plural(
            "In {count} conversation nobody answers; it is left out.",
            "In {count} conversations nobody answers; they are left out.",
            count,
        )
    return text_plural(
        "{count} row has an empty answer; it is left out.",
        "{count} rows have an empty answer; they are left out.",
        count,
    )
