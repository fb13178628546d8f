"""A class that is so frequent that guessing it always would look good."""

from __future__ import annotations

from collections.abc import Iterator

from ftstudio.core.errors import Where
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets.checks import MOST_EXAMPLES, Case

ANSWERS = frozenset({Answer.LABEL})

STRONG = 10


def find(case: Case) -> Iterator[Problem]:
    """Report when the most frequent class has `STRONG` times the rows of the rarest."""
    counts = case.view.counts_by_label(Split.TRAIN)
    if len(counts) < 2:
        return
    most, least = max(counts, key=lambda label: counts[label]), min(counts, key=lambda label: counts[label])
    ratio = counts[most] / counts[least]
    if ratio < STRONG:
        return
    ordered = sorted(counts.items(), key=lambda one: -one[1])
    yield Problem(
        severity=Severity.WARNING,
        code="imbalance",
        message=text(
            "“{most}” has {ratio} times as many rows as “{least}”.", most=most, least=least, ratio=round(ratio)
        ),
        hint=text("Judge by macro-F1, not by accuracy, and let rare classes weigh more (class weights: balanced)."),
        count=len(counts),
        where=Where(column=case.dataset.roles.get(ColumnRole.LABEL), field="class_weights"),
        examples=tuple(f"{label}: {count}" for label, count in ordered[:MOST_EXAMPLES]),
        fix=Fix(key="setting", label=text("Balance the class weights"), params={"class_weights": "balanced"}),
    )
