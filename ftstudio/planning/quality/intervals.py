"""How far chance moves a score: what it would be on other rows of the same kind, 95 times of 100.

Rows are drawn again with replacement a thousand times (the percentile bootstrap, Efron 1979). A draw of rows is a draw
of cells of the confusion matrix, so it is made from a multinomial of as many cells as there are, not of as many rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Interval = tuple[float, float]

DRAWS = 1_000
LARGEST_BLOCK = 4_000_000  # numbers in memory at once
ROWS_DRAWN = 20_000  # the mean loss of more rows is normal enough
Z = 1.959964


def of_share(share: float, rows: int) -> Interval:
    """Return the 95 % interval of a share of `rows` (Wilson 1927); (0, 1) where there are none."""
    if rows < 1:
        return 0.0, 1.0
    middle = (share + Z * Z / (2 * rows)) / (1 + Z * Z / rows)
    half = Z * math.sqrt(share * (1 - share) / rows + Z * Z / (4 * rows * rows)) / (1 + Z * Z / rows)
    return max(0.0, middle - half), min(1.0, middle + half)


def of_scores(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], losses: NDArray[np.float64], seed: int = 0
) -> dict[str, Interval]:
    """Return the interval of every metric of a task with one label a row; empty without rows.

    Args:
        truth: the right labels, shape [rows]; rows without one (-1) are left out.
        predicted: the labels given, shape [rows].
        losses: the cross-entropy of each row, shape [rows].
        seed: starts the chance of the draws.
    """
    there = truth >= 0
    truth, predicted, losses = truth[there], predicted[there], losses[there]
    if not len(truth):
        return {}
    chance = np.random.default_rng(seed)
    found = _of_cells(truth, predicted, chance)
    right = int((truth == predicted).sum())
    if right in (0, len(truth)):  # without a single exception draws do not differ, which is no certainty
        found = dict.fromkeys(found, of_share(right / len(truth), len(truth)))
    return {**found, "loss": _of_mean(losses, chance)}


def _of_cells(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], chance: np.random.Generator
) -> dict[str, Interval]:
    size = int(max(truth.max(), predicted.max())) + 1
    cells, counts = np.unique(truth * size + predicted, return_counts=True)
    cell = _Cells(cells // size, cells % size)
    block = max(1, LARGEST_BLOCK // (len(cells) + 2 * size))
    drawn = [
        cell.scores(chance.multinomial(len(truth), counts / len(truth), size=min(block, DRAWS - done)))
        for done in range(0, DRAWS, block)
    ]
    return {key: _percentiles(np.concatenate([one[key] for one in drawn])) for key in drawn[0]}


class _Cells:
    """The cells of a confusion matrix that are not empty, and the scores of many fillings of them at once."""

    def __init__(self, truth: NDArray[np.int64], predicted: NDArray[np.int64]) -> None:
        self._hits = np.flatnonzero(truth == predicted)
        self._classes = np.union1d(truth, predicted)
        self._hit_class = np.searchsorted(self._classes, truth[self._hits])
        self._by_truth, self._by_predicted = _Grouped(truth, self._classes), _Grouped(predicted, self._classes)

    def scores(self, counts: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        """Return each score of each filling; `counts` is [fillings, cells], the definitions are scikit-learn's."""
        truth, predicted = self._by_truth.sums(counts), self._by_predicted.sums(counts)
        hits = np.zeros_like(truth)
        hits[:, self._hit_class] = counts[:, self._hits]
        return {
            "accuracy": hits.sum(axis=1) / counts.sum(axis=1),
            "macro_f1": _mean_where(2 * hits, truth + predicted),
            "balanced_accuracy": _mean_where(hits, truth),
        }


class _Grouped:
    """Sums of cells by class."""

    def __init__(self, of_cell: NDArray[np.int64], classes: NDArray[np.int64]) -> None:
        self._order = np.argsort(of_cell, kind="stable")
        present, self._starts = np.unique(of_cell[self._order], return_index=True)
        self._at, self._classes = np.searchsorted(classes, present), len(classes)

    def sums(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the sum of each class, shape [fillings, classes]."""
        found = np.zeros((len(counts), self._classes))
        found[:, self._at] = np.add.reduceat(counts[:, self._order], self._starts, axis=1)
        return found


def _mean_where(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over classes of part / whole, over those that have a whole, shape [fillings]."""
    shares = np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
    result: NDArray[np.float64] = shares.sum(axis=1) / (whole > 0).sum(axis=1)
    return result


def _of_mean(values: NDArray[np.float64], chance: np.random.Generator) -> Interval:
    mean, rows = float(values.mean()), len(values)
    if rows > ROWS_DRAWN:
        half = Z * float(values.std()) / math.sqrt(rows)
        return mean - half, mean + half
    block = max(1, LARGEST_BLOCK // rows)
    means = [
        values[chance.integers(rows, size=(min(block, DRAWS - done), rows), dtype=np.int32)].mean(axis=1)
        for done in range(0, DRAWS, block)
    ]
    return _percentiles(np.concatenate(means))


def _percentiles(values: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def of_counts(
    counts: NDArray[Any], score: Callable[[NDArray[np.float64]], dict[str, float]], seed: int = 0
) -> dict[str, Interval]:
    """Return the interval of metrics that are made of sums of counts over rows.

    Args:
        counts: what each row adds, shape [rows, ...].
        score: makes the metrics of the sums, shape [...].
        seed: starts the chance of the draws.
    """
    chance, rows = np.random.default_rng(seed), len(counts)
    added = counts.reshape(rows, -1).astype(np.float64)
    block = max(1, LARGEST_BLOCK // rows)
    scores: list[dict[str, float]] = []
    for done in range(0, DRAWS, block):
        drawn = chance.multinomial(rows, np.full(rows, 1 / rows), size=min(block, DRAWS - done))
        scores += [score(sums.reshape(counts.shape[1:])) for sums in drawn @ added]
    return {key: _percentiles(np.array([one[key] for one in scores])) for key in scores[0]}
