"""The same input in training and in the data that is to judge it."""

from __future__ import annotations

from collections.abc import Iterator

from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.checks import Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.edits import leaking


def find(case: Case) -> Iterator[Problem]:
    """Report training and validation rows that are also in a later split."""
    view = case.view
    if not bool((view.same >= 0).any()):
        return
    leaks = leaking(view)
    if count := int(leaks.sum()):
        yield Problem(
            severity=Severity.WARNING,
            code="leaks",
            message=text_plural(
                "{count} row is also in the validation or test data.",
                "{count} rows are also in the validation or test data.",
                count,
            ),
            hint=text("The result would look better than it is. Remove them from the earlier part."),
            count=count,
            fix=Fix(key="drop_leaks", label=text("Remove them from training")),
            **places(view, leaks),
        )
