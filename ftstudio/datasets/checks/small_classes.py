"""Classes with too few rows to be learned or judged."""

from __future__ import annotations

from collections.abc import Iterator

from ftstudio.core.errors import Where
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.checks import MOST_EXAMPLES, Case

ANSWERS = frozenset({Answer.LABEL})

FEWEST = 8


def find(case: Case) -> Iterator[Problem]:
    """Report too few classes, and classes with fewer than `FEWEST` training rows."""
    counts = case.view.counts_by_label(Split.TRAIN)
    if len(counts) < 2:
        yield Problem(
            severity=Severity.ERROR,
            code="one_class",
            message=text_plural("Only {count} class is left.", "No class is left ({count}).", len(counts)),
            hint=text("There must be at least two classes. Undo the last change, or import other data."),
        )
    small = {label: count for label, count in counts.items() if count < FEWEST}
    if not small or len(counts) < 2:
        return
    removable = len(counts) - len(small) >= 2
    yield Problem(
        severity=Severity.WARNING,
        code="small_classes",
        message=text_plural(
            "{count} class has fewer than {fewest} training rows.",
            "{count} classes have fewer than {fewest} training rows.",
            len(small),
            fewest=FEWEST,
        ),
        hint=text("They will hardly be recognised. Add rows, or leave these classes out."),
        count=len(small),
        where=Where(column=case.dataset.roles.get(ColumnRole.LABEL)),
        examples=tuple(
            f"{label}: {count}" for label, count in sorted(small.items(), key=lambda one: one[1])[:MOST_EXAMPLES]
        ),
        fix=Fix(key="drop_labels", label=text("Leave them out"), params={"labels": sorted(small)})
        if removable
        else None,
    )
