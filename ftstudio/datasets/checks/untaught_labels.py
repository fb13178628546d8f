"""Labels that validation or test asks for although training never shows them."""

from __future__ import annotations

from collections.abc import Iterator

from ftstudio.core.errors import Where
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.checks import MOST_EXAMPLES, Case

ANSWERS = frozenset({Answer.LABEL})


def find(case: Case) -> Iterator[Problem]:
    """Report labels without a training row, which changes to the data can bring about."""
    taught = case.view.counts_by_label(Split.TRAIN)
    asked = case.view.counts_by_label()
    unknown = [label for label in asked if label not in taught]
    if not unknown:
        return
    yield Problem(
        severity=Severity.ERROR,
        code="untaught_labels",
        message=text_plural(
            "{count} label has no training row, so it cannot be learned.",
            "{count} labels have no training row, so they cannot be learned.",
            len(unknown),
        ),
        hint=text("Undo the last change to the data, or remove the rows with these labels."),
        count=len(unknown),
        where=Where(column=case.dataset.roles.get(ColumnRole.LABEL)),
        examples=tuple(unknown[:MOST_EXAMPLES]),
        fix=Fix(key="drop_labels", label=text("Remove their rows"), params={"labels": unknown}),
    )
