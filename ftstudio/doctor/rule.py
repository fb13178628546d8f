"""What a rule of the doctor is: a `SPEC`, how strongly its signs show, and what it then says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ftstudio.core.advice import Advice
from ftstudio.doctor.signs import Signs


@dataclass(frozen=True)
class RuleSpec:
    """One verdict. Of several that hold, the one with the lowest `order` is told: the gravest.

    A verdict `at_the_end` is about a run that is over.
    """

    key: str
    title: str
    order: int
    at_the_end: bool = False


class Rule(Protocol):
    """A module of `ftstudio.doctor.rules`."""

    SPEC: RuleSpec

    def strength(self, signs: Signs) -> float:
        """Return how strongly the signs show: 1 and more is ill, and what was told is taken back only well below."""
        ...

    def advise(self, signs: Signs) -> Advice:
        """Return what to tell: the sentence, the figures it rests on, and what can be done."""
        ...


def weakest(*parts: tuple[float, float]) -> float:
    """Return how well all conditions hold, each given as (value, least value that counts): the worst of the ratios."""
    return min(value / least if value == value else 0.0 for value, least in parts)
