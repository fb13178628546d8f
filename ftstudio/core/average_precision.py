"""How good drawn boxes are: average precision as COCO counts it (the rules are those of pycocotools, with 100 boxes).

Boxes of a kind are gone through from the surest down; one is right when it overlaps a true box that none before it has
taken, by at least a given share. Precision at 101 levels of recall is averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.boxes import overlaps
from ftstudio.core.detections import MOST_BOXES, Drawn

THRESHOLDS = np.linspace(0.5, 0.95, 10)
_RECALLS = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True)
class Present:
    """What is in a picture: corners in shares of it [boxes, 4], kinds [boxes]."""

    corners: NDArray[np.float64]
    kinds: NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """The boxes of one kind in all pictures, the surest first: `right` [thresholds, boxes], `probabilities` [boxes];
    `there` counts the true ones. `counts` [thresholds, boxes] says which boxes are judged at all (None: every one).
    """

    right: NDArray[np.bool_]
    probabilities: NDArray[np.float64]
    there: int
    counts: NDArray[np.bool_] | None = None

    def above(self, threshold: float) -> tuple[int, int]:
        """Return how many boxes are right at an overlap of a half, and how many there are, from a probability on."""
        drawn_now = self.probabilities >= threshold
        return int(self.right[0][drawn_now].sum()), int(drawn_now.sum())

    def average_precision(self) -> NDArray[np.float64]:
        """Return the average precision at each threshold; NaN where there is nothing to be found."""
        if not self.there:
            return np.full(len(self.right), np.nan)
        counts = np.ones_like(self.right) if self.counts is None else self.counts
        hits, misses = (self.right & counts).cumsum(axis=1), (~self.right & counts).cumsum(axis=1)
        judged = np.maximum(hits + misses, 1)
        return np.array([_area(hit / self.there, hit / said) for hit, said in zip(hits, judged, strict=True)])


def _area(recall: NDArray[np.float64], precision: NDArray[np.float64]) -> float:
    best = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, _RECALLS, side="left")
    return float(np.where(at < len(best), best[np.minimum(at, len(best) - 1)], 0.0).mean()) if len(best) else 0.0


def judge(drawn: Sequence[Drawn], truth: Sequence[Present], kinds: int) -> list[Judged]:
    """Return how the boxes of each kind fare, all pictures together."""
    return [_judge(drawn, truth, kind) for kind in range(kinds)]


def _judge(drawn: Sequence[Drawn], truth: Sequence[Present], kind: int) -> Judged:
    rights, shares, there = [], [], 0
    for said, is_there in zip(drawn, truth, strict=True):
        mine, wanted = said.kinds == kind, is_there.kinds == kind
        there += int(wanted.sum())
        shares.append(said.probabilities[mine][:MOST_BOXES])
        rights.append(taken(said.corners[mine][:MOST_BOXES], is_there.corners[wanted]) >= 0)
    right = np.concatenate(rights, axis=1) if rights else np.zeros((len(THRESHOLDS), 0), dtype=bool)
    all_shares = np.concatenate(shares) if shares else np.zeros(0)
    order = np.argsort(-all_shares, kind="mergesort")
    return Judged(right[:, order], all_shares[order], there)


def taken(said: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return which true box each drawn one takes at each threshold, -1 for none, shape [thresholds, drawn]."""
    result = np.full((len(THRESHOLDS), len(said)), -1, dtype=np.int64)
    if not len(said) or not len(wanted):
        return result
    common = overlaps(said, wanted)
    for level, threshold in enumerate(THRESHOLDS):
        free = np.ones(len(wanted), dtype=bool)
        for at in range(len(said)):
            best = np.where(free, common[at], -1.0)
            choice = len(wanted) - 1 - int(best[::-1].argmax())  # of equal ones the last, as pycocotools does
            if best[choice] >= min(threshold, 1 - 1e-10):
                result[level, at], free[choice] = choice, False
    return result


def mean_average_precision(judged: Sequence[Judged]) -> tuple[float, float]:
    """Return mAP at an overlap of a half, and mAP over all thresholds; 0 where there is nothing to be found."""
    each = np.array([one.average_precision() for one in judged if one.there])
    return (float(each[:, 0].mean()), float(each.mean())) if len(each) else (0.0, 0.0)


@dataclass(frozen=True)
class Threshold:
    """From which probability on boxes are best drawn, and how many of those are right and how many things are found."""

    value: float
    precision: float
    recall: float


def best_threshold(judged: Sequence[Judged]) -> Threshold:
    """Return the threshold with the best F1 at an overlap of a half, all kinds together; 0.5 where nothing is right."""
    shares = np.concatenate([one.probabilities for one in judged]) if judged else np.zeros(0)
    right = np.concatenate([one.right[0] for one in judged]) if judged else np.zeros(0, dtype=bool)
    there = sum(one.there for one in judged)
    if not right.any() or not there:
        return Threshold(0.5, 0.0, 0.0)
    order = np.argsort(-shares, kind="stable")
    hits, said = right[order].cumsum(), np.arange(1, len(order) + 1)
    last_of_its_share = np.append(shares[order][1:] < shares[order][:-1], True)
    f1 = np.where(last_of_its_share, 2 * hits / (said + there), -1.0)
    at = int(f1.argmax())
    return Threshold(float(shares[order][at]), float(hits[at] / said[at]), float(hits[at] / there))
