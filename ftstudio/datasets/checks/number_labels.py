"""Rows whose label is a number: cells that hold none or may mean another, far-off numbers, and where they lie."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ftstudio.core import number_forms, plain_numbers
from ftstudio.core.errors import Where
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.checks import MOST_EXAMPLES, Case
from ftstudio.datasets.checks._show import places, shorten
from ftstudio.datasets.gathering import number_values
from ftstudio.datasets.splits import LEFT_OUT
from ftstudio.datasets.view import Mask, View

ANSWERS = frozenset({Answer.NUMBER})
FAR = 10  # times the middle half of all numbers, beyond it


def find(case: Case) -> Iterator[Problem]:
    """Report what the numbers are, cells without one, and numbers that may be misread or slips."""
    view = case.view
    numbers = view.numbers
    bad: Mask = np.isnan(numbers) & view.filled(ColumnRole.LABEL)
    if bad.any():
        yield _no_numbers(case, bad)
    usable = (view.split != LEFT_OUT) & ~np.isnan(numbers)
    if not usable.any():
        return
    yield _range(case, numbers[usable])
    yield from _rewritten(case)
    if (unclear := usable & _might_be_thousands(case.view)).any():
        yield _unclear(case, unclear)
    low, high = np.percentile(numbers[usable], (25, 75))
    reach = FAR * (high - low)
    far: Mask = usable & ((numbers < low - reach) | (numbers > high + reach))
    if reach and far.any():
        yield _far_off(case, far)


def _range(case: Case, numbers: npt.NDArray[np.float64]) -> Problem:
    written = plain_numbers.for_reading(float(np.std(numbers)))
    least, middle, most = (written(float(np.quantile(numbers, at))) for at in (0, 0.5, 1))
    return Problem(
        severity=Severity.NOTE,
        code="number_labels",
        message=text(
            "The label is a number: from {least} to {most}, half of them up to {middle}.",
            least=least,
            middle=middle,
            most=most,
        ),
        hint=text("If the numbers stand for classes, choose “One class” as the kind of label."),
        count=len(numbers),
        where=_column(case),
    )


def _rewritten(case: Case) -> Iterator[Problem]:
    """Tell how numbers were read that are written in another way than 1234.5."""
    kinds, cells = number_values(case.dataset.as_imported(ColumnRole.LABEL))
    pairs = [(cell or "", other) for cell, other in zip(cells, number_forms.plain(cells), strict=True)]
    other = np.array([cell != plain for cell, plain in pairs] + [False])
    if not other.any():
        return
    longest = max((pair for pair in pairs if pair[0] != pair[1]), key=lambda pair: len(pair[0]))
    yield Problem(
        severity=Severity.NOTE,
        code="numbers_rewritten",
        message=text(
            "The numbers are written in one way, and were read so: “{cell}” is {number}.",
            cell=shorten(longest[0]),
            number=longest[1],
        ),
        hint=text("If that is wrong, write them as 1234.5 in the file, and import it again."),
        count=int(other[kinds].sum()),
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


def _might_be_thousands(view: View) -> Mask:
    kinds, cells = number_values(view.column(ColumnRole.LABEL))
    return np.array([plain_numbers.might_be_thousands(cell or "") for cell in cells], dtype=bool)[kinds]


def _unclear(case: Case, which: Mask) -> Problem:
    count = int(which.sum())
    example = str(case.view.column(ColumnRole.LABEL)[int(np.flatnonzero(which)[0])].as_py()).strip()
    return Problem(
        severity=Severity.WARNING,
        code="unclear_commas",
        message=text_plural(
            "{count} number has a comma before three digits: {example} is read as {read}.",
            "{count} numbers have a comma before three digits: {example} is read as {read}.",
            count,
            example=example,
            read=example.replace(",", "."),
        ),
        hint=text("If the comma parts thousands, remove it in the file, and import the data again."),
        count=count,
        where=_column(case),
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
