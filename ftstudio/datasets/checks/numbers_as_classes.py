"""Labels that are numbers, but written in more than one way, so that they were taken for classes."""

from __future__ import annotations

from collections.abc import Iterator

from ftstudio.core import number_forms, plain_numbers
from ftstudio.core.errors import Where
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.text import text
from ftstudio.datasets.checks import MOST_EXAMPLES, Case
from ftstudio.datasets.checks._show import shorten
from ftstudio.datasets.label_kinds import FEWEST_NUMBERS

ANSWERS = frozenset({Answer.LABEL})


def find(case: Case) -> Iterator[Problem]:
    """Report numbers that say how much, if it were only clear how they are written."""
    labels = [label for label in case.view.label_values if label.strip()]
    if Answer.NUMBER not in case.task.answers or len(labels) < FEWEST_NUMBERS or not number_forms.are_numbers(labels):
        return
    odd = [label for label in labels if plain_numbers.read(label) is None]
    if number_forms.settle(labels) is not None or not odd:  # whoever takes clear numbers for classes means it
        return
    plain = [label for label in labels if plain_numbers.read(label) is not None]
    shown = [*odd[: MOST_EXAMPLES - 1], *plain[:1]]
    yield Problem(
        severity=Severity.WARNING,
        code="numbers_as_classes",
        message=text(
            "The labels look like numbers, but it is not clear how they are to be read: {cells}. Each was taken for a "
            "class of its own.",
            cells=", ".join(f"“{shorten(one)}”" for one in shown),
        ),
        hint=text(
            "If they say how much of something there is, write all of them in one way in the file, best as 1234.5 "
            "and in one unit, and import it again. The label is then a number."
        ),
        count=len(labels),
        where=Where(column=case.dataset.roles.get(ColumnRole.LABEL)),
        examples=tuple(shown),
    )
