"""Rows without an input or a label."""

from __future__ import annotations

from collections.abc import Iterator

from ftstudio.core.errors import Where
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.text import Text, text, text_plural
from ftstudio.datasets.checks import Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.splits import LEFT_OUT

_ROLES = (ColumnRole.TEXT, ColumnRole.TEXT_PAIR, ColumnRole.LABEL)


def find(case: Case) -> Iterator[Problem]:
    """Report, for each needed column, the rows where it is missing or only white space."""
    left_out = case.view.split == LEFT_OUT
    if not left_out.any():
        return
    for role in _ROLES:
        if role not in case.task.required or not case.view.has(role):
            continue
        missing = left_out.copy()
        missing[left_out] = ~case.view.keep(left_out).filled(role)
        if count := int(missing.sum()):
            column = case.dataset.roles[role]
            hint, fix = _way_out(case, role)
            yield Problem(
                severity=Severity.WARNING,
                code="missing_values",
                message=text_plural(
                    "{count} row has no value in “{column}”; it is left out.",
                    "{count} rows have no value in “{column}”; they are left out.",
                    count,
                    column=column,
                ),
                hint=hint,
                count=count,
                where=Where(column=column),
                fix=fix,
                **places(case.view, missing),
            )


def _way_out(case: Case, role: ColumnRole) -> tuple[Text, Fix]:
    """Return what to do; an empty cell among cells with several labels may be meant as it is."""
    if role is ColumnRole.LABEL and case.view.answer is Answer.LABELS:
        return (
            text("If an empty cell means that none of the labels fits, keep these rows: they teach when to give none."),
            Fix(key="keep_unlabelled", label=text("None fits: keep them")),
        )
    return text("Fill them in and import again, or remove them."), Fix(
        key="drop_left_out", label=text("Remove these rows")
    )
