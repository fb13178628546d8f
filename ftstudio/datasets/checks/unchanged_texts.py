"""Texts that are to be written just as they are read: a model that sees many of them learns to copy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from ftstudio.core.errors import Where
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.checks import Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.splits import LEFT_OUT

ANSWERS = frozenset({Answer.REWRITE})
_MANY = 0.2  # of all rows


def find(case: Case) -> Iterator[Problem]:
    """Report rows whose two texts are the same but for white space at their ends."""
    view = case.view
    if not view.has(ColumnRole.LABEL):
        return
    read, written = (pc.utf8_trim_whitespace(view.column(role)) for role in (ColumnRole.TEXT, ColumnRole.LABEL))
    same = pc.fill_null(pc.equal(read, written), False).to_numpy() & (view.split != LEFT_OUT)
    if count := int(np.count_nonzero(same)):
        yield Problem(
            severity=Severity.WARNING if count > _MANY * len(view) else Severity.NOTE,
            code="unchanged_texts",
            message=text_plural(
                "In {count} row the text to be written is the one that is read.",
                "In {count} rows the text to be written is the one that is read.",
                count,
            ),
            hint=text("Keep them if some texts shall stay as they are; else a column is the wrong one, or a text."),
            count=count,
            where=Where(column=case.dataset.roles.get(ColumnRole.LABEL)),
            **places(view, same),
        )
