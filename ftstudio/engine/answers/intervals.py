"""How far chance moves a score: intervals over folds, and over rows drawn again."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.planning.quality.intervals import Interval, Z

Score = Callable[[NDArray[Any], NDArray[Any]], dict[str, float]]

Z_OF_99 = 2.575829
DRAWS, ROWS_FOR_ALL_DRAWS, FEWEST_DRAWS = 500, 5_000, 100
# The 0.975 quantiles of Student's t for 1, 2, … degrees of freedom; beyond them the normal one.
_QUANTILES = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
              2.120, 2.110, 2.101, 2.093)  # fmt: skip


def over_folds(values: Sequence[float]) -> Interval:
    """Return the 95 % t-interval of the mean of `values`, one a fold.

    Folds share training rows, so that the truth lies outside somewhat more often than one time in twenty
    (Bengio and Grandvalet 2004).
    """
    mean = statistics.fmean(values)
    if len(values) < 2:
        return mean, mean
    quantile = _QUANTILES[len(values) - 2] if len(values) - 2 < len(_QUANTILES) else 1.96
    spread = quantile * statistics.stdev(values) / math.sqrt(len(values))
    return mean - spread, mean + spread


def draws(units: NDArray[np.int64], seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield rows drawn with replacement, as many as there are units; rows of one unit come together (Efron 1979)."""
    chance = np.random.default_rng(seed)
    _, unit, sizes = np.unique(units, return_inverse=True, return_counts=True)
    order, starts = np.argsort(unit, kind="stable"), np.concatenate(([0], np.cumsum(sizes)))
    for _ in range(max(FEWEST_DRAWS, min(DRAWS, DRAWS * ROWS_FOR_ALL_DRAWS // max(1, len(units))))):
        drawn = chance.integers(len(sizes), size=len(sizes))
        if len(sizes) == len(units):
            yield order[drawn]
        else:
            yield np.concatenate([order[starts[one] : starts[one + 1]] for one in drawn])


def over_rows(
    score: Score, logits: NDArray[Any], labels: NDArray[Any], units: NDArray[np.int64], seed: int
) -> dict[str, Interval]:
    """Return the 95 % bootstrap interval of every metric: what it would be on other rows of the same kind."""
    found: dict[str, list[float]] = {}
    for rows in draws(units, seed):
        for key, value in score(logits[rows], labels[rows]).items():
            found.setdefault(key, []).append(value)
    return {key: (float(low), float(high)) for key, values in found.items()
            for low, high in [np.percentile(values, (2.5, 97.5))]}  # fmt: skip


def of_other_rows(
    score: Score,
    logits: NDArray[np.float32],
    labels: NDArray[np.int64],
    counts: NDArray[np.int64],
    metric: str,
    seed: int,
) -> Interval:
    """Return between what the metric lies, 99 times of 100, on other rows of the same kind, `counts` of each class.

    The rows answered are themselves drawn again first, because they too are only some of those there could be.
    """
    chance = np.random.default_rng(seed)
    of_class = [np.flatnonzero(labels == label) for label in range(len(counts))]
    found = []
    for _ in range(DRAWS):
        parts = []
        for rows, count in zip(of_class, counts, strict=True):
            if len(rows) and count:
                parts.append(chance.choice(chance.choice(rows, len(rows)), int(count)))
        drawn = np.concatenate(parts)
        found.append(score(logits[drawn], labels[drawn])[metric])
    low, high = np.percentile(found, (0.5, 99.5))
    return float(low), float(high)


def of_so_many_rows(mean: float, low: float, high: float, measured: int, rows: int) -> Interval:
    """Return between what a metric lies, 99 times of 100, on `rows` other rows of the same kind.

    `low` and `high` are its 95 % interval over the `measured` rows that gave `mean`; chance moves both, and falls with
    the square root of the rows.
    """
    half = Z_OF_99 * (high - low) / (2 * Z) * math.sqrt(1 + measured / max(1, rows))
    return mean - half, mean + half
