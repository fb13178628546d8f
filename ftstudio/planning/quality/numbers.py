"""How good answers are that are numbers. Pure NumPy; the definitions are those of scikit-learn and SciPy."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ftstudio.planning.quality.intervals import Interval, Z

Numbers = NDArray[np.float64]
_ROWS, _OFF, _SQUARED, _TRUTH, _TRUTH_SQUARED = range(5)


def figures_of(said: Numbers, truth: Numbers) -> Numbers:
    """Return what each row adds to the metrics, shape [rows, 5]. Both inputs are [rows]."""
    off = said - truth
    centred = truth - truth.mean()  # squares of large numbers that hardly differ would swallow the difference
    return np.column_stack((np.ones(len(truth)), np.abs(off), off**2, centred, centred**2))


def rates(sums: Numbers) -> dict[str, float]:
    """Return the metrics that are made of sums over rows; R² is NaN where all true numbers are the same."""
    rows = float(sums[_ROWS])
    spread = float(sums[_TRUTH_SQUARED]) - float(sums[_TRUTH]) ** 2 / rows
    return {
        "r2": 1.0 - float(sums[_SQUARED]) / spread if spread > 0 else math.nan,
        "mae": float(sums[_OFF]) / rows,
        "rmse": math.sqrt(float(sums[_SQUARED]) / rows),
    }


def rank_correlation(said: Numbers, truth: Numbers) -> float:
    """Return Spearman's correlation of ranks, ties at their mean rank; NaN where all of one side are the same."""
    one, other = _ranks(said), _ranks(truth)
    one, other = one - one.mean(), other - other.mean()
    scale = math.sqrt(float((one**2).sum()) * float((other**2).sum()))
    return float((one * other).sum()) / scale if scale > 0 else math.nan


def _ranks(values: Numbers) -> Numbers:
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Numbers = (last - (counts - 1) / 2)[where]
    return ranks


def between_ranks(correlation: float, rows: int) -> Interval | None:
    """Return the 95 % interval of a rank correlation (Fieller, Hartley and Pearson 1957); None of too few rows."""
    if rows < 5 or correlation != correlation:
        return None
    middle, half = math.atanh(max(-0.999999, min(0.999999, correlation))), Z * math.sqrt(1.06 / (rows - 3))
    return math.tanh(middle - half), math.tanh(middle + half)
