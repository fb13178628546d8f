"""Rows whose label is a number: cells that hold none, numbers far from all others, and where they lie."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ftstudio.core import plain_numbers
from ftstudio.core.errors import Where
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.checks import MOST_EXAMPLES, Case
from ftstudio.datasets.checks._show import places, shorten
from ftstudio.datasets.splits import LEFT_OUT
from ftstudio.datasets.view import Mask

ANSWERS = frozenset({Answer.NUMBER})
FAR = 10  # times the middle half of all numbers, beyond it


def find(case: Case) -> Iterator[Problem]:
    """Report what the numbers are, cells without one, and numbers so far off that they may be slips."""
    view = case.view
    numbers = view.numbers
    bad: Mask = np.isnan(numbers) & view.filled(ColumnRole.LABEL)
    if bad.any():
        yield _no_numbers(case, bad)
    usable = (view.split != LEFT_OUT) & ~np.isnan(numbers)
    if not usable.any():
        return
    yield _range(case, numbers[usable])
    low, high = np.percentile(numbers[usable], (25, 75))
    reach = FAR * (high - low)
    far: Mask = usable & ((numbers < low - reach) | (numbers > high + reach))
    if reach and far.any():
        yield _far_off(case, far)


def _range(case: Case, numbers: npt.NDArray[np.float64]) -> Problem:
    least, middle, most = (plain_numbers.write(float(np.quantile(numbers, at))) for at in (0, 0.5, 1))
    return Problem(
        severity=Severity.NOTE,
        code="number_labels",
        message=text(
            "The label is a number: from {least} to {most}, half of them up to {middle}.",
            least=least,
            middle=middle,
            most=most,
        ),
        hint=text(
            "If the numbers stand for classes, say so above the table (on the command line: --label-kind label)."
        ),
        count=len(numbers),
        where=_column(case),
    )


def _no_numbers(case: Case, which: Mask) -> Problem:
    count = int(which.sum())
    cells = case.view.column(ColumnRole.LABEL).filter(which).unique().to_pylist()
    shown = ", ".join(f"“{shorten(cell)}”" for cell in cells[:MOST_EXAMPLES])
    return Problem(
        severity=Severity.WARNING,
        code="no_numbers",
        message=text_plural(
            "{count} row has a label that is no number, or too large a one: {cells}. It is left out.",
            "{count} rows have labels that are no numbers, or too large ones: {cells}. They are left out.",
            count,
            cells=shown,
        ),
        hint=text("Write numbers without unit or thousands separators, as 1234.5, and import the data again."),
        count=count,
        where=_column(case),
        fix=Fix(key="drop_left_out", label=text("Remove these rows")),
        **places(case.view, which),
    )


def _far_off(case: Case, which: Mask) -> Problem:
    count = int(which.sum())
    return Problem(
        severity=Severity.WARNING,
        code="numbers_far_off",
        message=text_plural(
            "{count} number lies far from all others.", "{count} numbers lie far from all others.", count
        ),
        hint=text(
            "A slip of the pen there teaches much that is wrong. Look at these rows, and correct or remove them."
        ),
        count=count,
        where=_column(case),
        **places(case.view, which),
    )


def _column(case: Case) -> Where:
    return Where(column=case.dataset.roles.get(ColumnRole.LABEL))
