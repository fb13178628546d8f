"""What a model gains by saying “don't know”: how many rows it still answers, and how often it is then right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 400

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class At:
    """What a limit does: `answered` is a share of all rows, `right` a share of those answered (NaN: none is)."""

    limit: float
    answered: float
    right: float


@dataclass(frozen=True)
class Coverage:
    """The most confident answers first: `confidence` falls, `right` is the share right among those so far."""

    confidence: Floats
    right: Floats

    def at(self, limit: float) -> At:
        """Return what “don't know below `limit`” does."""
        rows = len(self.confidence)
        answered = int(np.searchsorted(-self.confidence, -limit, side="right"))
        if not answered:
            return At(limit, 0.0, float("nan"))
        return At(limit, answered / rows, float(self.right[answered - 1]))

    def drawn(self) -> tuple[Floats, Floats]:
        """Return answered share and share right for a picture; rows of equal confidence are answered together."""
        rows = len(self.confidence)
        if not rows:
            return np.zeros(0), np.zeros(0)
        ends = np.append(np.flatnonzero(np.diff(self.confidence)), rows - 1)
        if len(ends) > MOST_POINTS:
            ends = ends[np.unique(np.linspace(0, len(ends) - 1, MOST_POINTS).astype(np.int64))]
        return (ends + 1) / rows, self.right[ends]

    def limit_for_answers(self, share: float) -> float:
        """Return the highest limit at which at least this share of rows is answered."""
        rows = len(self.confidence)
        return float(self.confidence[min(rows, max(1, int(np.ceil(share * rows - 1e-9)))) - 1]) if rows else 0.0

    def limit_for_right(self, share: float) -> float | None:
        """Return the lowest limit at which at least this share of answers is right; None where no limit does that."""
        if not len(self.confidence):
            return None
        ends = np.append(np.flatnonzero(np.diff(self.confidence)), len(self.confidence) - 1)
        good = ends[self.right[ends] >= share]
        return float(self.confidence[good[-1]]) if len(good) else None


def coverage(confidence: Floats, right: NDArray[np.bool_]) -> Coverage:
    """Rank answers by the probability of the label given, shape [rows]."""
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order]
    return Coverage(ranked, np.cumsum(right[order]) / np.arange(1, len(ranked) + 1))
