"""Whether one model is really better than another on the same rows: differences with intervals, and an exact test.

Rows are drawn again with replacement, the answers of both models to a row together (the paired bootstrap: Efron and
Tibshirani 1993, chapter 16; for classifiers Koehn 2004). Rows that belong together, as copies or rows of one group,
are drawn together. The differing answers are held against chance by McNemar's test in its exact form (McNemar 1947).

Where hardly any answers differ, drawing again shows too little doubt. The interval of the accuracy is then widened to
that of Agresti and Min (2005), which holds for few rows, too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Floats = NDArray[np.float64]

LEVEL = 0.95
DRAWS, FEWEST_DRAWS, ROWS_FOR_ALL_DRAWS = 2_000, 500, 20_000
MOST_AT_ONCE = 4_000_000
METRICS = ("accuracy", "macro_f1")


@dataclass(frozen=True)
class Difference:
    """A metric of two models on the same rows: `by` is how much better the second is, `low` to `high` its interval."""

    metric: str
    first: float
    second: float
    low: float
    high: float

    @property
    def by(self) -> float:
        """The second's value less the first's."""
        return self.second - self.first

    @property
    def is_clear(self) -> bool:
        """Whether chance alone does not explain the difference."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Paired:
    """Two models compared on `rows` rows, `level` the certainty of the intervals.

    `only_first` and `only_second` count the rows that only one of them has right, `alike` those answered alike;
    `p_value` is that of McNemar's exact test.
    """

    rows: int
    alike: int
    only_first: int
    only_second: int
    p_value: float
    level: float
    differences: tuple[Difference, ...]

    def of(self, metric: str) -> Difference:
        """Return the difference in a metric; raises KeyError for one that was not compared."""
        for one in self.differences:
            if one.metric == metric:
                return one
        raise KeyError(metric)

    def is_clear(self, metric: str) -> bool:
        """Whether the difference is more than chance; for the accuracy, McNemar's test must agree."""
        agrees = metric != "accuracy" or self.p_value < 1 - self.level
        return self.of(metric).is_clear and agrees


def compare(
    labels: Labels,
    first: Labels,
    second: Labels,
    units: Labels | None = None,
    *,
    comparisons: int = 1,
    seed: int = 0,
) -> Paired:
    """Compare two models by their answers to the same rows.

    Args:
        labels: the truth of each row, shape [rows], not negative.
        first: the first model's answer to each row, shape [rows].
        second: the second model's, shape [rows].
        units: equal numbers for rows that are drawn together; None: each row on its own.
        comparisons: how many such comparisons are made side by side; the doubt is shared out among them (Bonferroni).
        seed: chance of the draws; the same seed gives the same intervals.

    Raises:
        ValueError: there are no rows, or not as many answers as rows.
    """
    if not len(labels) or not len(labels) == len(first) == len(second):
        raise ValueError("as many answers as rows are needed, and at least one")
    level = 1 - (1 - LEVEL) / max(1, comparisons)
    first_right, second_right = first == labels, second == labels
    only_first = int(np.count_nonzero(first_right & ~second_right))
    only_second = int(np.count_nonzero(second_right & ~first_right))
    drawn = np.concatenate([_scores(*cells) for cells in _draws(labels, first, second, units, seed)])
    whole = _scores(labels, first, second, np.ones((1, len(labels))))[0]
    low, high = np.percentile(drawn[:, 1] - drawn[:, 0], _ends(level), axis=0)
    # What chance of few rows does to the accuracy is known exactly enough, so the draws need not be trusted alone.
    least, most = agresti_min(only_first, only_second, len(labels), level)
    low[0], high[0] = min(low[0], least), max(high[0], most)
    differences = tuple(
        Difference(metric, float(whole[0, at]), float(whole[1, at]), float(low[at]), float(high[at]))
        for at, metric in enumerate(METRICS)
    )
    return Paired(
        rows=len(labels),
        alike=int(np.count_nonzero(first == second)),
        only_first=only_first,
        only_second=only_second,
        p_value=mcnemar(only_first, only_second),
        level=level,
        differences=differences,
    )


def scores(labels: Labels, answers: Labels) -> dict[str, float]:
    """Return the metrics of one model's answers to rows."""
    found = _scores(labels, answers, answers, np.ones((1, len(labels))))[0, 0]
    return {metric: float(value) for metric, value in zip(METRICS, found, strict=True)}


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the probability that chance alone divides the differing rows so unevenly, exact and two-sided.

    Of the rows that only one model has right, each is as likely to be the one's as the other's (McNemar 1947).
    """
    differing, fewer = only_first + only_second, min(only_first, only_second)
    if not differing:
        return 1.0
    logs = [_log_choose(differing, count) for count in range(fewer + 1)]
    largest = max(logs)
    total = largest + math.log(math.fsum(math.exp(one - largest) for one in logs)) - differing * math.log(2)
    return min(1.0, 2 * math.exp(total))


def agresti_min(only_first: int, only_second: int, rows: int, level: float) -> tuple[float, float]:
    """Return the interval of a difference of paired shares with half a row more in each cell (Agresti and Min 2005)."""
    count = rows + 2.0
    plus, minus = (only_second + 0.5) / count, (only_first + 0.5) / count
    spread = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt((plus + minus - (plus - minus) ** 2) / count)
    return max(-1.0, plus - minus - spread), min(1.0, plus - minus + spread)


def _ends(level: float) -> tuple[float, float]:
    return 50 * (1 - level), 50 * (1 + level)


def _log_choose(whole: int, part: int) -> float:
    return math.lgamma(whole + 1) - math.lgamma(part + 1) - math.lgamma(whole - part + 1)


def _draws(
    labels: Labels, first: Labels, second: Labels, units: Labels | None, seed: int
) -> Iterator[tuple[Labels, Labels, Labels, Floats]]:
    """Yield truth, both answers and how often each was drawn, shape [draws, rows], some draws at once.

    Rows that are alike in all three count as one, unless rows must be drawn together.
    """
    chance = np.random.default_rng(seed)
    rows = len(labels)
    left = max(FEWEST_DRAWS, min(DRAWS, DRAWS * ROWS_FOR_ALL_DRAWS // rows))
    _, unit = np.unique(units if units is not None else np.arange(rows), return_inverse=True)
    number = int(unit.max()) + 1
    alone = number == rows
    if alone:
        cells, sizes = np.unique(np.stack((labels, first, second)), axis=1, return_counts=True)
        labels, first, second = cells
    while left:
        count = min(left, max(1, MOST_AT_ONCE // len(labels)))
        if alone:
            times = chance.multinomial(rows, sizes / rows, count)
        else:
            drawn = (chance.integers(number, size=number) for _ in range(count))
            times = np.stack([np.bincount(one, minlength=number)[unit] for one in drawn])
        yield labels, first, second, times.astype(np.float64)
        left -= count


def _scores(labels: Labels, first: Labels, second: Labels, times: Floats) -> Floats:
    """Return accuracy and macro-F1 of both models for each way to count the rows, shape [ways, models, metrics].

    `times` says how often each row counts, shape [ways, rows]. The definitions are scikit-learn's: macro-F1 is the
    mean over the classes that occur in truth or answers.
    """
    classes = int(max(labels.max(), first.max(), second.max())) + 1
    truth = _sums(times, labels, classes)
    found = np.empty((len(times), 2, len(METRICS)))
    for at, answers in enumerate((first, second)):
        right = answers == labels
        hits = _sums(times[:, right], labels[right], classes)
        both = truth + _sums(times, answers, classes)
        f1 = np.divide(2 * hits, both, out=np.zeros_like(both), where=both > 0)
        found[:, at, 0] = hits.sum(axis=1) / truth.sum(axis=1)
        found[:, at, 1] = f1.sum(axis=1) / np.count_nonzero(both, axis=1)
    return found


def _sums(times: Floats, numbers: Labels, classes: int) -> Floats:
    """Return the sums of `times` over the rows of each class, shape [ways, classes]."""
    sums = np.zeros((len(times), classes))
    if len(numbers):
        order = np.argsort(numbers, kind="stable")
        present, starts = np.unique(numbers[order], return_index=True)
        sums[:, present] = np.add.reduceat(times[:, order], starts, axis=1)
    return sums
