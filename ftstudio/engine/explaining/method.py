"""What a method of explaining is: a `SPEC`, whether it can explain a model, and how it weighs the parts of an input."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from ftstudio.core.catalog import Catalog
from ftstudio.core.specs import Modality
from ftstudio.engine.explaining.subject import Subject, Weighed


@dataclass(frozen=True)
class MethodSpec:
    """One method. Of those that suit a model, the one with the lowest `order` is taken unless another is asked for."""

    key: str
    title: str
    modalities: frozenset[Modality]
    order: int


class Method(Protocol):
    """A module of `ftstudio.engine.explaining.methods`."""

    SPEC: MethodSpec

    def suits(self, subject: Subject) -> bool:
        """Whether this kind of model can be explained in this way."""
        ...

    def weigh(self, subject: Subject, target: int) -> Weighed:
        """Return what speaks for (above 0) and against label `target`."""
        ...


@cache
def _all() -> list[Any]:
    found = Catalog("ftstudio.engine.explaining.methods")
    return sorted((found.module(spec.key) for spec in found), key=lambda module: module.SPEC.order)


def methods(subject: Subject) -> list[Any]:
    """Return the methods that suit an input and its model, the best first."""
    return [one for one in _all() if subject.modality in one.SPEC.modalities and one.suits(subject)]
