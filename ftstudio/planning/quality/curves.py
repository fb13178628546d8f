"""Precision against recall, hits against false alarms: of one label or all together, as scikit-learn defines them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 400
MOST_TOGETHER = 4_000_000  # answers of all labels in one ranking

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """A curve over thresholds, `x` rising: `area` is the average precision, or the area under the ROC curve.

    `threshold` is the probability from which on the label is given at each point. A curve of no positive rows is empty.
    """

    x: Floats
    y: Floats
    threshold: Floats
    area: float


@dataclass(frozen=True)
class Both:
    """The two curves of one label (or of all): recall to precision, and false alarms to hits."""

    precision_recall: Curve
    roc: Curve
    positives: int
    rows: int


EMPTY = Curve(np.zeros(0), np.zeros(0), np.zeros(0), float("nan"))


def of_scores(scores: Floats, positive: NDArray[np.bool_]) -> Both:
    """Return the curves of one label: `scores` is its probability for each row, `positive` where it is the truth."""
    order = np.argsort(-scores, kind="stable")
    ranked, hit = scores[order], positive[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1) if len(ranked) else np.zeros(0, np.int64)
    hits = np.cumsum(hit, dtype=np.float64)[last]
    given = (last + 1).astype(np.float64)
    positives, rows = int(positive.sum()), len(positive)
    return Both(
        precision_recall=_precision_recall(hits, given, ranked[last], positives),
        roc=_roc(hits, given, ranked[last], positives, rows),
        positives=positives,
        rows=rows,
    )


def of_all(probabilities: Floats, truth: NDArray[np.int64]) -> Both | None:
    """Return the curves of all labels together (micro-average); None where there are too many answers for that."""
    if probabilities.size > MOST_TOGETHER or not probabilities.size:
        return None
    positive = truth[:, None] == np.arange(probabilities.shape[1])
    return of_scores(probabilities.ravel(), positive.ravel())


def macro_areas(probabilities: Floats, truth: NDArray[np.int64]) -> tuple[float, float]:
    """Return the means over labels that occur of average precision and of the area under ROC; NaN where none does."""
    both = [of_scores(probabilities[:, at], truth == at) for at in np.unique(truth[truth >= 0])]
    areas = np.array([(one.precision_recall.area, one.roc.area) for one in both]).reshape(-1, 2)
    with np.errstate(all="ignore"):
        means = [float(np.nanmean(column)) if np.isfinite(column).any() else float("nan") for column in areas.T]
    return means[0], means[1]


def _precision_recall(hits: Floats, given: Floats, threshold: Floats, positives: int) -> Curve:
    if not positives:
        return EMPTY
    precision, recall = hits / given, hits / positives
    area = float(np.sum(np.diff(recall, prepend=0.0) * precision))
    return _thinned(np.append(0.0, recall), np.append(1.0, precision), np.append(np.inf, threshold), area)


def _roc(hits: Floats, given: Floats, threshold: Floats, positives: int, rows: int) -> Curve:
    negatives = rows - positives
    if not positives or not negatives:
        return EMPTY
    x, y = np.append(0.0, (given - hits) / negatives), np.append(0.0, hits / positives)
    area = float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2))
    return _thinned(x, y, np.append(np.inf, threshold), area)


def _thinned(x: Floats, y: Floats, threshold: Floats, area: float) -> Curve:
    """Keep points at even distances along the curve, enough to draw it."""
    if len(x) > MOST_POINTS:
        way = np.cumsum(np.abs(np.diff(x, prepend=x[0])) + np.abs(np.diff(y, prepend=y[0])))
        wanted = np.searchsorted(way, np.linspace(0.0, way[-1], MOST_POINTS))
        kept = np.unique(np.clip(np.append(wanted, len(x) - 1), 0, len(x) - 1))
        x, y, threshold = x[kept], y[kept], threshold[kept]
    return Curve(x, y, threshold, area)
