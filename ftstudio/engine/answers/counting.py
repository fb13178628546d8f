"""Scores of many draws of the same rows: what each row adds to the metrics is counted once where a task can do that.

A task whose rows have several answers offers `counts(logits, truth, names)`, shape [rows, …], and `rates(sums)`: the
metrics that follow from the sum over rows. Scoring such rows anew for each of hundreds of draws would take minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from ftstudio.core.deciding import AS_TRAINED, Decision
from ftstudio.engine.task import Task


@dataclass(frozen=True)
class Counted:
    """`rows` [rows, …] and the function that scores some of them: `score(rows[some], truth[some])`."""

    rows: NDArray[Any]
    score: Callable[[NDArray[Any], NDArray[Any]], dict[str, float]]


def count(
    task: Task, logits: NDArray[Any], truth: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
) -> Counted:
    """Return what answers to rows add to the metrics; the logits themselves where that is not known by row."""
    counts = getattr(task, "counts", None)
    if counts is None:
        return Counted(logits, lambda some, right: task.score(some, right, names, decision))
    rates: Callable[[Any], dict[str, float]] = task.rates  # type: ignore[attr-defined]
    return Counted(counts(logits, truth, names), lambda some, _: rates(some.sum(axis=0)))
