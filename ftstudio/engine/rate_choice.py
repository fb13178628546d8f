"""What the sweeps of a range test say: which learning rate to take, in which band, and from where it does harm.

The rule was chosen by measuring (`tests/benchmarks/advice.py`): the test ends within a hundred steps, a run goes on
for longer, so that two thirds of the rate at which the fixed rows have gained nearly all there is to gain serve a run
well. On 300 film reviews and 300 questions on 17 topics that is 4e-5 and 3e-5, where a grid found 3e-5 best.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ftstudio.engine.range_test import Sweep

SMOOTHING = 0.7
NEARLY_ALL = 0.1
SHARE = 2 / 3
BAND = (0.1, 1.0)
FEWEST_POINTS = 4
LEAST_GAIN = 0.01
HARM = 1.1
SAFETY = 10.0


@dataclass(frozen=True)
class Reading:
    """The answer of a range test. All lists are over `rates`; losses are those of the fixed rows.

    `reached` is the lowest rate with nearly all of the gain, `harm` the rate from which the loss is clearly above that
    of the start (None: never), `gains` whether the rows gained at all, `open` whether the loss still falls at the end.
    """

    rates: list[float]
    raw: list[float]
    line: list[float]
    low: list[float]
    high: list[float]
    start: float
    best: float
    reached: float
    harm: float | None
    gains: bool
    open: bool
    suggested: float
    band: tuple[float, float]


def smoothed(values: NDArray[np.float64], keep: float = SMOOTHING) -> NDArray[np.float64]:
    """Return `values` smoothed without delay: the mean of a moving average forwards and one backwards, same shape.

    Each is exponential and corrected for its start (Kingma and Ba 2014).
    """
    return (_averaged(values, keep) + _averaged(values[::-1], keep)[::-1]) / 2


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
    reached = float(rates[np.flatnonzero(line <= line[lowest] + NEARLY_ALL * max(fall, 0.0))[0]])
    aim = SHARE * reached if gains else (harm or float(rates[-1])) / SAFETY
    return Reading(
        rates=rates.tolist(),
        raw=losses.mean(axis=0).tolist(),
        line=line.tolist(),
        low=lines.min(axis=0).tolist(),
        high=lines.max(axis=0).tolist(),
        start=start,
        best=float(line[lowest]),
        reached=reached,
        harm=harm,
        gains=gains,
        open=gains and lowest >= count - 2 and harm is None,
        suggested=rounded(min(1.0, aim)),
        band=(rounded(BAND[0] * aim / SHARE), rounded(min(1.0, BAND[1] * aim / SHARE))),
    )


def rounded(value: float, digits: int = 2) -> float:
    """Return `value` with so many significant digits: more would pretend to know more than was measured."""
    return float(f"{value:.{digits - 1}e}")


def _averaged(values: NDArray[np.float64], keep: float) -> NDArray[np.float64]:
    result = np.empty(len(values))
    average = 0.0
    for at, value in enumerate(values):
        average = keep * average + (1 - keep) * float(value)
        result[at] = average / (1 - keep ** (at + 1))
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
