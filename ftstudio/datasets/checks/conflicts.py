"""The same input with different labels."""

from __future__ import annotations

from collections.abc import Iterator

from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.checks import Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.edits import conflicting

ANSWERS = frozenset({Answer.LABEL, Answer.LABELS})


def find(case: Case) -> Iterator[Problem]:
    """Report rows whose identical twins have another label."""
    view = case.view
    if not bool((view.same >= 0).any()):
        return
    torn = conflicting(view)
    if count := int(torn.sum()):
        yield Problem(
            severity=Severity.WARNING,
            code="conflicting_labels",
            message=text_plural(
                "{count} row has a twin with the same content and another label.",
                "{count} rows have the same content as others but another label.",
                count,
            ),
            hint=text("A model cannot learn both. Correct the labels and import again, or remove these rows."),
            count=count,
            fix=Fix(key="drop_conflicts", label=text("Remove these rows")),
            **places(view, torn),
        )
