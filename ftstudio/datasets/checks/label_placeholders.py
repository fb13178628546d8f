"""Labels that look like a missing value which some program wrote out."""

from __future__ import annotations

from collections.abc import Iterator

from ftstudio.core.errors import Where
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.text import text
from ftstudio.datasets.checks import Case

ANSWERS = frozenset({Answer.LABEL})

_PLACEHOLDERS = {"nan", "null", "n/a", "#n/a", "<na>", "na", "nil", "?", "-", "none", "undefined", "unknown"}
_SURE = {"nan", "null", "#n/a", "<na>", "n/a"}


def find(case: Case) -> Iterator[Problem]:
    """Report labels such as “NaN”."""
    counts = case.view.counts_by_label()
    for label, count in counts.items():
        name = label.strip().lower()
        if name not in _PLACEHOLDERS:
            continue
        yield Problem(
            severity=Severity.WARNING if name in _SURE else Severity.NOTE,
            code="label_placeholder",
            message=text("The label “{label}” looks like a missing value.", label=label),
            hint=text("If it is not a class of its own, remove its rows."),
            count=count,
            where=Where(column=case.dataset.roles.get(ColumnRole.LABEL)),
            examples=(label,),
            fix=Fix(key="drop_labels", label=text("Remove its rows"), params={"labels": [label]}),
        )
