"""From which probability on one of two labels is given: what a threshold costs, and which serves a wish best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Effect:
    """What a threshold does for the positive label: precision and recall are 0 where they have no rows."""

    threshold: float
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def effect(scores: Floats, positive: NDArray[np.bool_], threshold: float) -> Effect:
    """Return what giving the label from `threshold` on does; `scores` is its probability, `positive` the truth."""
    given = scores >= threshold
    hits, wanted = int((given & positive).sum()), int(positive.sum())
    return Effect(threshold, hits / int(given.sum()) if given.any() else 0.0, hits / wanted if wanted else 0.0)


def best_f1(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """Return the threshold of the highest F1, in the middle of the gap below which nothing changes."""
    ranked, precision, recall = _at_each(scores, positive)
    both = precision + recall
    f1 = np.divide(2 * precision * recall, both, out=np.zeros_like(both), where=both > 0)
    return _middle(ranked, int(f1.argmax())) if len(ranked) else 0.5


def for_precision(scores: Floats, positive: NDArray[np.bool_], wanted: float) -> float | None:
    """Return the threshold that finds most while at least the `wanted` share of what is given is right, if any does."""
    ranked, precision, recall = _at_each(scores, positive)
    good = np.flatnonzero((precision >= wanted) & (recall > 0))
    return _middle(ranked, int(good[recall[good].argmax()])) if len(good) else None


def for_recall(scores: Floats, positive: NDArray[np.bool_], wanted: float) -> float | None:
    """Return the threshold of the best precision that finds at least the `wanted` share; None without positive rows."""
    ranked, precision, recall = _at_each(scores, positive)
    good = np.flatnonzero(recall >= wanted)
    return _middle(ranked, int(good[precision[good].argmax()])) if len(good) else None


def _at_each(scores: Floats, positive: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Return the distinct scores, falling, with precision and recall of giving the label from each on."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1) if len(ranked) else np.zeros(0, np.int64)
    hits = np.cumsum(positive[order], dtype=np.float64)[last]
    return ranked[last], hits / (last + 1), hits / max(1, int(positive.sum()))


def _middle(ranked: Floats, at: int) -> float:
    """Return a threshold between the score at `at` and the next lower one, so that neither lies on it."""
    below = float(ranked[at + 1]) if at + 1 < len(ranked) else 0.0
    return (float(ranked[at]) + below) / 2
