"""From the answers of the probes at each depth to what should learn: scores with their uncertainty, and a rule.

The rule was checked against training with each method (`tests/benchmarks/advice.py`): layers below the depth where
the probes stop getting better can rest, those above it are worth retraining; a model whose topmost features already
answer nearly everything needs no more than a head. Freezing saves time and may cost score, so it is only advised where
there are rows enough to vouch for it: on 300 questions on 17 topics a plateau that was one by chance cost four points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.specs import Answer

Scores = NDArray[np.float64]
Labels = NDArray[np.int64]

DRAWS = 200
NOTHING_LEFT = 0.02  # with fewer rows wrong than this a head is enough
LEAST_TOLERANCE = 0.01
VOUCHED = 0.015  # with larger differences than this between depths left to chance, nothing is frozen
MOSTLY = 0.75  # where more of the blocks than this would learn, all may


@dataclass(frozen=True)
class Curve:
    """The score of the probe at each depth, from input to output.

    `names` are the parts after which it was taken, `depths` after how many of the `blocks` that is; `low` and `high`
    are 95 % bootstrap intervals over the rows; `tolerance` is what a difference must exceed to mean anything. `scores`
    are by every metric that fits such answers, among them the one that is judged by.
    """

    names: list[str]
    depths: list[int]
    blocks: int
    scores: Mapping[str, list[float]]
    low: list[float]
    high: list[float]
    tolerance: list[float]
    metric: str

    @property
    def score(self) -> list[float]:
        """The score at each depth by the metric that is judged by."""
        return self.scores[self.metric]

    @property
    def best(self) -> int:
        """The place of the best depth."""
        return int(np.argmax(self.score))

    @property
    def enough(self) -> int:
        """The place of the lowest depth that is as good as the best, as far as these rows can tell."""
        good = [at for at, score in enumerate(self.score) if score >= self.score[self.best] - self.tolerance[at]]
        return good[0]

    @property
    def doubt(self) -> float:
        """The largest difference to the best that chance alone may make, among the depths from `enough` on."""
        return max(self.tolerance[self.enough :])


@dataclass(frozen=True)
class Choice:
    """The settings, and why: `separated`, `rising`, `late`, `saturated`, `spoiled`, `flat` or `unsure`."""

    reason: str
    values: dict[str, Any]
    at: int


def curve(
    names: Sequence[str],
    depths: Sequence[int],
    blocks: int,
    predicted: NDArray[Any],
    truth: NDArray[Any],
    metric: str,
    seed: int,
    answer: Answer = Answer.LABEL,
) -> Curve:
    """Score `predicted` at every depth, shape [depths, rows], and of several labels a row [depths, rows, labels].

    `metric` is one of those of `answer`, else the first of these is taken.
    """
    measures = _MEASURES[answer]
    metric = metric if metric in measures else next(iter(measures))
    drawn = np.random.default_rng(seed).multinomial(len(truth), np.full(len(truth), 1 / len(truth)), size=DRAWS)
    whole = np.ones((1, len(truth)))
    scores = {key: [float(one(row, truth, whole)[0]) for row in predicted] for key, one in measures.items()}
    found = np.array(scores[metric])
    again = np.array([measures[metric](row, truth, drawn) for row in predicted])
    spread = (again[int(found.argmax())] - again).std(axis=1)
    low, high = np.percentile(again, (2.5, 97.5), axis=1)
    return Curve(
        names=list(names),
        depths=list(depths),
        blocks=blocks,
        scores=scores,
        low=np.minimum(low, found).tolist(),
        high=np.maximum(high, found).tolist(),
        tolerance=np.maximum(LEAST_TOLERANCE, spread).tolist(),
        metric=metric,
    )


def choose(found: Curve) -> Choice:
    """Decide what should learn, from the curve of the probes."""
    top, enough, best = len(found.score) - 1, found.enough, found.best
    above = max(1, found.blocks - found.depths[enough])
    lost = found.score[top] < found.score[best] - found.tolerance[top]
    if found.score[top if lost else best] >= 1 - NOTHING_LEFT:
        return Choice("separated", {"tuning_method": "head"}, top)
    if enough == top and best == top:
        return Choice("rising", {"tuning_method": "full"}, top)
    if above > MOSTLY * found.blocks:
        return Choice("late" if lost else "flat", {"tuning_method": "full"}, enough)
    if found.doubt > VOUCHED:
        return Choice("unsure", {"tuning_method": "full"}, enough)
    return Choice("spoiled" if lost else "saturated", {"tuning_method": "top_layers", "top_layers": above}, enough)


def accuracy(predicted: Labels, labels: Labels, weights: NDArray[Any]) -> Scores:
    """Return the share of right rows for each set of row weights, shape [sets]; `weights` has shape [sets, rows]."""
    result: Scores = weights @ (predicted == labels) / weights.sum(axis=1)
    return result


def macro_f1(predicted: Labels, labels: Labels, weights: NDArray[Any]) -> Scores:
    """Return the mean F1 over the classes that occur, for each set of row weights, shape [sets]."""
    classes = int(max(predicted.max(), labels.max())) + 1
    one = np.eye(classes)
    answered, true = one[predicted], one[labels]
    hits, both = weights @ (answered * true), weights @ (answered + true)
    return _mean_f1(hits, both)


def _mean_f1(hits: Scores, both: Scores) -> Scores:
    """Return the mean F1 of the classes that occur, shape [sets]; `hits` and `both` count twice and once, by class."""
    present = both > 0
    f1 = np.divide(2 * hits, both, out=np.zeros_like(both), where=present)
    result: Scores = f1.sum(axis=1) / np.maximum(1, present.sum(axis=1))
    return result


def micro_f1_of_several(given: NDArray[Any], there: NDArray[Any], weights: NDArray[Any]) -> Scores:
    """Return the F1 over all labels of all rows, both [rows, labels] of 0 and 1, for each set of row weights."""
    hits, both = weights @ (given * there).sum(axis=1), weights @ (given + there).sum(axis=1)
    result: Scores = np.divide(2 * hits, both, out=np.zeros_like(both), where=both > 0)
    return result


def macro_f1_of_several(given: NDArray[Any], there: NDArray[Any], weights: NDArray[Any]) -> Scores:
    """Return the mean F1 over the labels that occur, both [rows, labels] of 0 and 1, for each set of row weights."""
    return _mean_f1(weights @ (given * there), weights @ (given + there))


def r2(said: NDArray[Any], truth: NDArray[Any], weights: NDArray[Any]) -> Scores:
    """Return the share of the variance of numbers, [rows], that is explained, for each set of row weights."""
    middle = (weights @ truth / weights.sum(axis=1))[:, None]
    whole = (weights * (truth - middle) ** 2).sum(axis=1)
    left = weights @ (truth - said) ** 2
    result: Scores = 1 - np.divide(left, whole, out=np.ones_like(whole), where=whole > 0)
    return result


Measure = Callable[[NDArray[Any], NDArray[Any], NDArray[Any]], Scores]

_MEASURES: dict[Answer, dict[str, Measure]] = {
    Answer.LABEL: {"accuracy": accuracy, "macro_f1": macro_f1},
    Answer.LABELS: {"micro_f1": micro_f1_of_several, "macro_f1": macro_f1_of_several},
    Answer.NUMBER: {"r2": r2},
}
