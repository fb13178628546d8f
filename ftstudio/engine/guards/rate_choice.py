"""What the sweeps of a range test say: which learning rate to take, in which band, and from where it does harm.

The rule was chosen by measuring (`tests/benchmarks/advice.py`): suggested is the rate at which the fixed rows have
gained four fifths of what they gain at all. The lowest loss is reached at a higher rate, but a run takes more steps
than the test, and late in the test a lucky step may go deeper. On 300 film reviews the rule gives 3e-5 to 9e-5 from
one set of batches to another, on 300 questions on 17 topics 3e-5; a grid found 3e-5 best for both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.engine.guards.range_test import Sweep

MEDIAN_OVER, MEAN_OVER = 5, 3
GAINED = 0.8
BAND = (0.25, 1.5)
FEWEST_POINTS = 4
LEAST_GAIN = 0.05
HARM = 1.1
SAFETY = 10.0


@dataclass(frozen=True)
class Reading:
    """The answer of a range test. All lists are over `rates`; losses are those of the fixed rows.

    `harm` is the rate from which the loss is clearly above that
    of the start (None: never), `gains` whether the rows gained at all, `open` whether the loss still falls at the end.
    """

    rates: list[float]
    raw: list[float]
    line: list[float]
    low: list[float]
    high: list[float]
    start: float
    best: float
    harm: float | None
    gains: bool
    open: bool
    suggested: float
    band: tuple[float, float]


def smoothed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `values` smoothed without delay: a running median, then a running mean, same shape.

    A moving average would carry the steep rise at the end back to where the loss still falls; a median does not.
    """
    return _over_windows(_over_windows(values, MEDIAN_OVER, np.median), MEAN_OVER, np.mean)


def read(sweeps: Sequence[Sweep]) -> Reading | None:
    """Work out the answer of one or more sweeps over the same rates; None when they ended before there is one."""
    count = min(len(sweep.rates) for sweep in sweeps)
    if count < FEWEST_POINTS:
        return None
    rates = np.array(sweeps[0].rates[:count])
    losses = np.array([sweep.checked[:count] for sweep in sweeps])
    lines = np.array([smoothed(row) for row in losses])
    line, start = lines.mean(axis=0), float(np.mean([sweep.start for sweep in sweeps]))
    lowest = int(line.argmin())
    fall = start - float(line[lowest])
    harm = _harm(rates, line, start, lowest, ended=any(sweep.diverged for sweep in sweeps))
    gains = fall > LEAST_GAIN * start
    reached = float(rates[np.flatnonzero(line <= start - GAINED * fall)[0]]) if gains else float(rates[0])
    aim = min(1.0, reached if gains else (harm or float(rates[-1])) / SAFETY)
    return Reading(
        rates=rates.tolist(),
        raw=losses.mean(axis=0).tolist(),
        line=line.tolist(),
        low=lines.min(axis=0).tolist(),
        high=lines.max(axis=0).tolist(),
        start=start,
        best=float(line[lowest]),
        harm=harm,
        gains=gains,
        open=gains and lowest >= count - 2 and harm is None,
        suggested=rounded(aim),
        band=(rounded(BAND[0] * aim), rounded(min(1.0, BAND[1] * aim))),
    )


def rounded(value: float, digits: int = 2) -> float:
    """Return `value` with so many significant digits: more would pretend to know more than was measured."""
    return float(f"{value:.{digits - 1}e}")


def _over_windows(values: NDArray[np.float64], width: int, what: Callable[..., Any]) -> NDArray[np.float64]:
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, width // 2, mode="edge"), width)
    result: NDArray[np.float64] = what(windows, axis=1)
    return result


def _harm(
    rates: NDArray[np.float64], line: NDArray[np.float64], start: float, lowest: int, *, ended: bool
) -> float | None:
    above = np.flatnonzero(line[lowest:] > HARM * start)
    if len(above):
        return float(rates[lowest + above[0]])
    return float(rates[-1]) if ended else None


def differs(one: float, other: float) -> float:
    """Return how many times the larger of two rates is the smaller, at least 1."""
    return math.exp(abs(math.log(one / other)))
