"""How good answers of several labels are, and from which probability on each label is best given. Pure NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.deciding import USUAL
from ftstudio.planning.quality.intervals import Interval

ROWS, EXACT, HIT = range(3)
"""Columns of `counts_of`; from `HIT` on there are three for each label: right, given, there."""

RARELY = 0.5
FEWEST = 5  # rows with a label, below which no threshold of its own can be found
MOST_DRAWN, DRAWS_OF_RANKS = 100_000, 200
LEAST_GAIN = 0.01  # of F1: below that a threshold was rather found by chance


def counts_of(given: NDArray[np.bool_], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return what each row adds to the metrics, shape [rows, 2 + 3 labels]; both inputs are [rows, labels]."""
    rows, labels = truth.shape
    each = np.stack((given & truth, given, truth), axis=2).reshape(rows, 3 * labels)
    exact = (given == truth).all(axis=1) if rows else np.zeros(0, dtype=bool)
    return np.column_stack((np.ones(rows), exact, each)).astype(np.float64)


def rates(sums: NDArray[np.float64]) -> dict[str, float]:
    """Return the metrics but the loss; `sums` are those of `counts_of` over rows."""
    hit, said, there = sums[HIT:].reshape(-1, 3).T
    either = said + there
    each = np.divide(2 * hit, either, out=np.zeros_like(hit), where=either > 0)
    total = float(either.sum())
    return {
        "micro_f1": 2 * float(hit.sum()) / total if total else 0.0,
        "macro_f1": float(each[either > 0].mean()) if total else 0.0,
        "subset_accuracy": float(sums[EXACT] / sums[ROWS]) if sums[ROWS] else 0.0,
    }


def average_precision(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """Return the mean over labels of the average precision: how far ahead the rows with a label come, whatever its
    threshold. NaN where no row has a label. Both inputs are [rows, labels].
    """
    there = np.flatnonzero(truth.any(axis=0))
    found = [_precision(scores[:, at], truth[:, at]) for at in there]
    return float(np.mean(found)) if found else float("nan")


def _precision(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    order = np.argsort(-scores, kind="stable")
    ordered, hits = scores[order], np.cumsum(truth[order])
    last = np.append(ordered[1:] != ordered[:-1], True)  # rows with the same score come at once
    precision, recall = hits[last] / (np.flatnonzero(last) + 1), hits[last] / hits[-1]
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def of_average_precision(scores: NDArray[np.float64], truth: NDArray[np.bool_], seed: int = 0) -> Interval | None:
    """Return its 95 % interval, by drawing rows again; None where there is nothing to draw, or too much."""
    if truth.size > MOST_DRAWN or not truth.any():
        return None
    chance, rows = np.random.default_rng(seed), len(truth)
    drawn = [chance.integers(rows, size=rows) for _ in range(DRAWS_OF_RANKS)]
    found = [average_precision(scores[some], truth[some]) for some in drawn]
    low, high = np.nanpercentile(found, (2.5, 97.5))
    return float(low), float(high)


def given_when_always(truth: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which labels, given to every row alike, have the best micro-F1, shape [labels]: what is to be beaten."""
    there = truth.sum(axis=0).astype(np.float64)
    order = np.argsort(-there, kind="stable")
    hits = np.cumsum(there[order])
    scores = 2 * hits / (np.arange(1, len(order) + 1) * max(len(truth), 1) + max(float(there.sum()), 1.0))
    given = np.zeros(len(there), dtype=bool)
    given[order[: int(scores.argmax()) + 1]] = bool(hits[-1]) if len(hits) else False
    return given


def best_thresholds(shares: NDArray[np.float64], truth: NDArray[np.bool_], names: Sequence[str]) -> dict[str, float]:
    """Return for each label from which probability on it is given for the highest F1.

    It stays `USUAL` where fewer than `FEWEST` rows have the label or lack it, and where the gain is less than
    `LEAST_GAIN`. A threshold lies in the middle between two probabilities that rows have, the one nearest to `USUAL` of
    several that are as good (Lipton et al. 2014, arXiv:1402.1892, on why 0.5 is seldom best for F1).

    Args:
        shares: the probability of each label, shape [rows, labels].
        truth: whether a row has it, in the same shape.
        names: of the labels.
    """
    return {name: _best(shares[:, at], truth[:, at]) for at, name in enumerate(names)}


def _best(shares: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    if min(int(truth.sum()), int((~truth).sum())) < FEWEST:
        return USUAL
    values = np.unique(shares)
    tried = np.append((values[1:] + values[:-1]) / 2, USUAL)
    order = np.sort(shares), np.sort(shares[truth])
    said = len(shares) - np.searchsorted(order[0], tried, side="left")
    hits = int(truth.sum()) - np.searchsorted(order[1], tried, side="left")
    scores = 2 * hits / (said + int(truth.sum()))
    if scores.max() < scores[-1] + LEAST_GAIN:
        return USUAL
    among = tried[scores >= scores.max() - 1e-12]
    return round(float(among[np.abs(among - USUAL).argmin()]), 4)
