"""Whether enough rows are held back to trust the result."""

from __future__ import annotations

from collections.abc import Iterator

from ftstudio.core.problems import Problem, Severity
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets.checks import Case

FEWEST = 30


def find(case: Case) -> Iterator[Problem]:
    """Report a missing test or validation part, or one so small that its result is mostly chance."""
    counts = {split: case.dataset.count(split) for split in (Split.VALIDATION, Split.TEST)}
    if not counts[Split.VALIDATION]:
        yield Problem(
            severity=Severity.WARNING,
            code="no_validation",
            message=text("There are no validation rows, so the best moment to stop cannot be seen."),
            hint=text("Import more rows, or import without a split column so that the program divides them."),
        )
    if not counts[Split.TEST]:
        yield Problem(
            severity=Severity.NOTE,
            code="no_test",
            message=text("There are no test rows, so the result is measured on the validation rows only."),
            hint=text("Validation chose the best step, so it flatters a little. Add a test set to know for sure."),
        )
    elif counts[Split.TEST] < FEWEST:
        yield Problem(
            severity=Severity.NOTE,
            code="small_test",
            message=text("With only {count} test rows the result can be off by chance.", count=counts[Split.TEST]),
            hint=text("Read it as a rough guide, or add rows."),
            count=counts[Split.TEST],
        )
