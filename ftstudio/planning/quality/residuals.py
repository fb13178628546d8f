"""How far answers that are numbers lie from the true ones, and whether they are off in one direction. Pure NumPy."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST = 20  # rows, below which no leaning is told
SURE = 2.0  # so many standard errors from 0 a leaning must be
FIFTH = 0.2


@dataclass(frozen=True)
class Residuals:
    """`off` is answer minus truth of each row; half of the rows and nine of ten are within so much, in their unit.

    `leaning` is the mean of `off`, 0 where it may be chance; `low_end` and `high_end` are those of the fifth of rows
    with the smallest and the largest true numbers.
    """

    off: Floats
    half_within: float
    nine_of_ten_within: float
    leaning: float
    low_end: float
    high_end: float

    @property
    def draws_to_the_middle(self) -> bool:
        """Whether small numbers are answered too high and large ones too low."""
        return self.low_end > 0 > self.high_end


def residuals(truth: Floats, said: Floats) -> Residuals | None:
    """Return how far answers are off; None without rows. Both inputs are [rows]."""
    if not len(truth):
        return None
    off = said - truth
    order = np.argsort(truth, kind="stable")
    fifth = max(1, round(FIFTH * len(truth)))
    return Residuals(
        off=off,
        half_within=float(np.median(np.abs(off))),
        nine_of_ten_within=float(np.percentile(np.abs(off), 90)),
        leaning=_mean_if_sure(off),
        low_end=_mean_if_sure(off[order[:fifth]]),
        high_end=_mean_if_sure(off[order[-fifth:]]),
    )


def _mean_if_sure(off: Floats) -> float:
    if len(off) < FEWEST:
        return 0.0
    mean, error = float(off.mean()), float(off.std(ddof=1)) / math.sqrt(len(off))
    return mean if abs(mean) > SURE * error else 0.0
