"""The same input several times within one split."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.checks import Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.edits import first_of_each
from ftstudio.datasets.splits import LEFT_OUT


def find(case: Case) -> Iterator[Problem]:
    """Report rows that repeat an earlier row of their split, label included."""
    view = case.view
    if not bool((view.same >= 0).any()):
        return
    repeated = ~first_of_each(view, view.split) & (view.split != LEFT_OUT)
    if count := int(np.count_nonzero(repeated)):
        yield Problem(
            severity=Severity.WARNING,
            code="duplicates",
            message=text_plural(
                "{count} row is an exact copy of another one.", "{count} rows are exact copies of other ones.", count
            ),
            hint=text("Copies count double in learning and in the result. Keep one of each."),
            count=count,
            fix=Fix(key="drop_duplicates", label=text("Keep one of each")),
            **places(view, repeated),
        )
