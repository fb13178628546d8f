"""From the answers of the probes at each depth to what should learn: scores with their uncertainty, and a rule.

The rule was checked against training with each method (`tests/benchmarks/advice.py`): layers below the depth where
the probes stop getting better can rest, those above it are worth retraining; a model whose topmost features already
answer nearly everything needs no more than a head. Freezing saves time and may cost score, so it is only advised where
there are rows enough to vouch for it: on 300 questions on 17 topics a plateau that was one by chance cost four points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    are 95 % bootstrap intervals over the rows; `tolerance` is what a difference must exceed to mean anything.
    """

    names: list[str]
    depths: list[int]
    blocks: int
    accuracy: list[float]
    macro_f1: list[float]
    score: list[float]
    low: list[float]
    high: list[float]
    tolerance: list[float]
    metric: str

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
    names: Sequence[str], depths: Sequence[int], blocks: int, predicted: Labels, labels: Labels, metric: str, seed: int
) -> Curve:
    """Score `predicted` (shape [depths, rows]) at every depth; `metric` is `accuracy` or `macro_f1`."""
    drawn = np.random.default_rng(seed).multinomial(len(labels), np.full(len(labels), 1 / len(labels)), size=DRAWS)
    whole = np.ones((1, len(labels)))
    score = macro_f1 if metric == "macro_f1" else accuracy
    found = np.array([score(row, labels, whole)[0] for row in predicted])
    again = np.array([score(row, labels, drawn) for row in predicted])
    spread = (again[int(found.argmax())] - again).std(axis=1)
    low, high = np.percentile(again, (2.5, 97.5), axis=1)
    return Curve(
        names=list(names),
        depths=list(depths),
        blocks=blocks,
        accuracy=[float(accuracy(row, labels, whole)[0]) for row in predicted],
        macro_f1=[float(macro_f1(row, labels, whole)[0]) for row in predicted],
        score=found.tolist(),
        low=np.minimum(low, found).tolist(),
        high=np.maximum(high, found).tolist(),
        tolerance=np.maximum(LEAST_TOLERANCE, spread).tolist(),
        metric="macro_f1" if metric == "macro_f1" else "accuracy",
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
    present = both > 0
    f1 = np.divide(2 * hits, both, out=np.zeros_like(both), where=present)
    result: Scores = f1.sum(axis=1) / np.maximum(1, present.sum(axis=1))
    return result
