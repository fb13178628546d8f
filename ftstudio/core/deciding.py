"""From a model's logits to its answer: how sure it may call itself, which label it gives, and when it does not know.

Pure NumPy, because the window, the engine and an exported model must all come to the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field

USUAL = 0.5
"""The probability from which on one of several labels is given, unless another was chosen."""


class Decision(BaseModel):
    """How a run's model decides. As it stands here, it gives the likeliest label and always claims to know.

    `temperature` divides the logits before they become probabilities (Guo et al. 2017, arXiv 1706.04599); it changes
    no order. With `positive`, one of two labels, that label is given from the probability `threshold` on. An answer
    whose label has a probability below `dont_know_below` counts as not known. Of a passage no answer is given where
    that is better by more than `no_answer_margin` than the best place (before softmax; Rajpurkar et al. 2018, arXiv
    1806.03822, section 5). `chosen` is when a person chose (UTC).

    Boxes in a picture are drawn from the probability `threshold` on.
    Where a row may have several labels, each is given from its own of `thresholds` on, or from `USUAL` on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    temperature: float = Field(default=1.0, ge=0.01, le=100.0)
    dont_know_below: float = Field(default=0.0, ge=0.0, le=1.0)
    positive: str = ""
    threshold: float = Field(default=0.5, ge=0.0, le=1.0)
    no_answer_margin: float = Field(default=0.0, ge=-1000.0, le=1000.0)
    thresholds: dict[str, Annotated[float, Field(ge=0.0, le=1.0)]] = {}
    chosen: str = ""

    def has_threshold(self, labels: Sequence[str]) -> bool:
        """Whether one of two `labels` is given from a threshold on."""
        return len(labels) == 2 and self.positive in labels

    def is_plain(self, labels: Sequence[str]) -> bool:
        """Whether answers are those of the model as it was trained."""
        moved = any(self.thresholds.get(label, USUAL) != USUAL for label in labels)
        as_trained = self.temperature == 1.0 and self.dont_know_below == 0.0 and self.no_answer_margin == 0.0
        return as_trained and not self.has_threshold(labels) and not moved


AS_TRAINED = Decision()


@dataclass(frozen=True)
class Decided:
    """Answers to rows: `probabilities` [rows, labels] sum to 1, `label` [rows] is the position of the label given,
    `known` [rows] whether the answer is stood by.
    """

    probabilities: NDArray[np.float64]
    label: NDArray[np.int64]
    known: NDArray[np.bool_]


def softmax(logits: ArrayLike, temperature: float = 1.0) -> NDArray[np.float64]:
    """Return probabilities over the last axis of `logits` [rows, labels], divided by `temperature`, in float64."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    shifted = np.exp(scaled - scaled.max(axis=-1, keepdims=True, initial=-np.inf))
    result: NDArray[np.float64] = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


def decide(logits: ArrayLike, labels: Sequence[str], decision: Decision = AS_TRAINED) -> Decided:
    """Return the answers to rows with `logits` [rows, labels]; of equally likely labels the first is given."""
    probabilities = softmax(logits, decision.temperature)
    if not probabilities.size:
        return Decided(probabilities, np.zeros(len(probabilities), np.int64), np.ones(len(probabilities), bool))
    label = probabilities.argmax(axis=1).astype(np.int64)
    if decision.has_threshold(labels):
        positive = list(labels).index(decision.positive)
        label = np.where(probabilities[:, positive] >= decision.threshold, positive, 1 - positive).astype(np.int64)
    given = np.take_along_axis(probabilities, label[:, None], axis=1)[:, 0]
    return Decided(probabilities, label, given >= decision.dont_know_below)


def sigmoid(logits: ArrayLike, temperature: float = 1.0) -> NDArray[np.float64]:
    """Return the probability of each label by itself, in the shape of `logits` divided by `temperature`, float64."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    result: NDArray[np.float64] = 0.5 * (1.0 + np.tanh(0.5 * scaled))  # never overflows
    return result


def decide_several(
    logits: ArrayLike, labels: Sequence[str], decision: Decision = AS_TRAINED
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the probability of each label and whether it is given, both [rows, labels], of `logits` of that shape."""
    probabilities = sigmoid(logits, decision.temperature)
    thresholds = np.array([decision.thresholds.get(label, USUAL) for label in labels])
    return probabilities, probabilities >= thresholds
