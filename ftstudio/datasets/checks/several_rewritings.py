"""The same text with different ones to be written in its place."""

from __future__ import annotations

from collections.abc import Iterator

from ftstudio.core.errors import Where
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.checks import Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.edits import conflicting

ANSWERS = frozenset({Answer.REWRITE})


def find(case: Case) -> Iterator[Problem]:
    """Report rows whose text is that of another row, to be written otherwise."""
    torn = conflicting(case.view)
    if count := int(torn.sum()):
        yield Problem(
            severity=Severity.NOTE,
            code="several_rewritings",
            message=text_plural(
                "{count} row has the same text as another one, to be rewritten otherwise.",
                "{count} rows have the same text as others, to be rewritten otherwise.",
                count,
            ),
            hint=text(
                "That is right where both are good. A model writes one of them; remove the rows if one is wrong."
            ),
            count=count,
            where=Where(column=case.dataset.roles.get(ColumnRole.TEXT)),
            fix=Fix(key="drop_conflicts", label=text("Remove these rows")),
            **places(case.view, torn),
        )
