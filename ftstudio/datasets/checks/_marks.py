"""What checks of marked places and of boxes have in common: what is counted by row, unreadable cells, rare kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftstudio.core.errors import Where
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text
from ftstudio.datasets.checks import MOST_EXAMPLES, Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.splits import LEFT_OUT
from ftstudio.datasets.view import Mask

FEWEST = 8  # rows of a kind without which it is hardly learned


@dataclass(frozen=True)
class Fault:
    """One thing that can be wrong: `count` says how often it is so in a row, `message` says that in words."""

    code: str
    message: Callable[[int], Text]
    hint: Text
    count: Callable[..., int]
    severity: Severity = Severity.WARNING


def counted(case: Case, faults: Sequence[Fault], rows: Sequence[Sequence[Any]]) -> Iterator[Problem]:
    """Report each fault that any row in use has; `rows` are what `count` is asked with."""
    view = case.view
    for fault in faults:
        counts = np.array([fault.count(*row) for row in rows], np.int64)
        counts[view.split == LEFT_OUT] = 0
        if total := int(counts.sum()):
            yield Problem(
                severity=fault.severity,
                code=fault.code,
                message=fault.message(total),
                hint=fault.hint,
                count=total,
                where=where(case),
                **places(view, counts > 0),
            )


def unreadable(case: Case, code: str, message: Callable[[int], Text], hint: Text) -> Iterator[Problem]:
    """Report rows with a label that cannot be read."""
    view = case.view
    found: Mask = (view.label_numbers < 0) & view.filled(ColumnRole.LABEL)
    if count := int(found.sum()):
        yield Problem(
            severity=Severity.WARNING,
            code=code,
            message=message(count),
            hint=hint,
            count=count,
            where=where(case),
            fix=Fix(key="drop_left_out", label=text("Remove these rows")),
            **places(view, found),
        )


def rare_kinds(case: Case, message: Callable[..., Text], hint: Text) -> Iterator[Problem]:
    """Report kinds that training sees in fewer than `FEWEST` rows; `message` is asked with `fewest`, too."""
    counts = case.view.counts_by_label(Split.TRAIN)
    few = {kind: counts.get(kind, 0) for kind in case.view.counts_by_label() if counts.get(kind, 0) < FEWEST}
    if few:
        yield Problem(
            severity=Severity.WARNING,
            code="rare_kinds",
            message=message(len(few), fewest=FEWEST),
            hint=hint,
            count=len(few),
            where=where(case),
            examples=tuple(f"{kind}: {rows}" for kind, rows in sorted(few.items())[:MOST_EXAMPLES]),
        )


def where(case: Case) -> Where:
    """Return the column that labels are in."""
    return Where(column=case.dataset.roles.get(ColumnRole.LABEL))
