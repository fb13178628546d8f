"""Whether a model is right as often as it says, and the one number that corrects it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.deciding import softmax
from ftstudio.planning.quality.intervals import Interval, of_share

BINS = 15
ROWS_A_BIN = 20
FEWEST_ROWS, FEWEST_MISTAKES = 30, 3
LOWEST, HIGHEST = 0.05, 20.0
CERTAIN_GAIN = 3.841  # the 0.95 quantile of chi squared with one degree of freedom

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bin:
    """Answers of about the same confidence: what the model claimed on average, how often it was right."""

    rows: int
    claimed: float
    right: float

    @property
    def interval(self) -> Interval:
        """Between what the share of right answers lies 95 times of 100."""
        return of_share(self.right, self.rows)


@dataclass(frozen=True)
class Calibration:
    """Claims beside facts: `error` is the expected calibration error, `claimed` and `right` are over all rows."""

    bins: tuple[Bin, ...]
    error: float
    claimed: float
    right: float
    rows: int


def calibration(confidence: Floats, right: NDArray[np.bool_]) -> Calibration:
    """Compare the probability of each given label, shape [rows], with whether it was right.

    The expected calibration error (Naeini et al. 2015) is the mean gap between claim and fact over `BINS` bins of
    equally many rows (Nguyen and O'Connor 2015), because bins of equal width leave most of them empty where a model is
    sure of itself; there are fewer bins where rows are few. Equal confidences stay in one bin.
    """
    rows = len(confidence)
    if not rows:
        return Calibration((), float("nan"), float("nan"), float("nan"), 0)
    wanted = min(BINS, max(1, rows // ROWS_A_BIN))
    ranked = np.sort(confidence)
    edges = np.unique(ranked[[round(rows * at / wanted) for at in range(1, wanted)]]) if wanted > 1 else ranked[:0]
    place = np.searchsorted(edges, confidence, side="right")
    counts = np.bincount(place, minlength=len(edges) + 1)
    claimed, hits = np.bincount(place, confidence, len(counts)), np.bincount(place, right, len(counts))
    bins = tuple(
        Bin(int(count), float(claim / count), float(hit / count))
        for count, claim, hit in zip(counts, claimed, hits, strict=True)
        if count
    )
    error = sum(one.rows * abs(one.claimed - one.right) for one in bins) / rows
    return Calibration(bins, float(error), float(confidence.mean()), float(right.mean()), rows)


def fit_temperature(logits: NDArray[np.floating], truth: NDArray[np.int64]) -> float | None:
    """Return the temperature at which the right labels surprise least (Guo et al. 2017), None where rows are too few.

    The loss is convex in 1/temperature, so Newton's method kept inside a shrinking bracket finds the one minimum.
    Where there is hardly a mistake, the answer would be boundless confidence, so there is none. It is 1 where the
    rows do not tell another value from chance (likelihood ratio test, 95 %), or few rows would make things worse.
    """
    there = truth >= 0
    scores, labels = np.asarray(logits[there], dtype=np.float64), truth[there]
    if len(labels) < FEWEST_ROWS or (scores.argmax(axis=1) != labels).sum() < FEWEST_MISTAKES:
        return None
    low, high, inverse = 1 / HIGHEST, 1 / LOWEST, 1.0
    for _ in range(60):
        slope, curvature = _derivatives(scores, labels, inverse)
        low, high = (inverse, high) if slope < 0 else (low, inverse)
        step = inverse - slope / curvature if curvature > 0 else math.sqrt(low * high)
        after = step if low < step < high else math.sqrt(low * high)
        if abs(after - inverse) < 1e-7 * inverse:
            break
        inverse = after
    gained = 2 * len(labels) * (_loss(scores, labels, 1.0) - _loss(scores, labels, inverse))
    return 1 / inverse if gained > CERTAIN_GAIN else 1.0


def _loss(logits: Floats, labels: NDArray[np.int64], inverse: float) -> float:
    """Return the mean surprise at the right labels, in nats."""
    scaled = logits * inverse
    highest = scaled.max(axis=1)
    total = highest + np.log(np.exp(scaled - highest[:, None]).sum(axis=1))
    return float((total - np.take_along_axis(scaled, labels[:, None], axis=1)[:, 0]).mean())


def _derivatives(logits: Floats, labels: NDArray[np.int64], inverse: float) -> tuple[float, float]:
    """Return the first and second derivative of the mean loss by 1/temperature."""
    shares = softmax(logits, 1 / inverse)
    mean = (shares * logits).sum(axis=1)
    truth = np.take_along_axis(logits, labels[:, None], axis=1)[:, 0]
    spread = (shares * logits**2).sum(axis=1) - mean**2
    return float((mean - truth).mean()), float(spread.mean())
