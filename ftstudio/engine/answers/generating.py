"""What tasks that write texts share: loss, metrics, the table of the result page.

Their “logits” are of each learned token how surprised the model was, in nats, and whether it had foreseen it
(`engine.language.language_models.surprise`). torch is imported inside, so that tasks can be listed without it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.deciding import AS_TRAINED, Decision
from ftstudio.core.samples import Prediction
from ftstudio.core.settings import TrainingSettings
from ftstudio.planning.quality.intervals import Interval, of_counts

if TYPE_CHECKING:
    from torch import Tensor

_LARGEST = 50.0  # nats; beyond that a perplexity is no number any more


def loss(logits: Tensor, labels: Tensor, settings: TrainingSettings, weights: Tensor | None) -> Tensor:
    """Return the surprise of each row, summed over its learned tokens, shape [rows]; there are no classes to weigh.

    `logits` are [rows, tokens, 2], `labels` [rows, tokens] with -100 where nothing is learned; the step divides by the
    number of learned tokens, so that each counts the same. Where label smoothing is learned with, there is a third
    number: the mean surprise by all tokens of the vocabulary (Szegedy et al. 2016).
    """
    surprise = logits[..., 0]
    if settings.label_smoothing and logits.shape[-1] > 2:
        surprise = surprise.lerp(logits[..., 2], settings.label_smoothing)
    return surprise.where(labels >= 0, 0.0).sum(dim=1)


def sums_by_row(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Return of each row with something to learn the sum of surprise, the tokens foreseen and all, shape [rows, 3]."""
    listed = [(*one.astype(np.float64).sum(axis=0), len(one)) for one in logits if len(one)]
    return np.array(listed, dtype=np.float64).reshape(-1, 3)


def surprise_by_row(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Return the mean surprise by a token of each row, in nats, shape [rows]; NaN where nothing is learned of it."""
    return np.array([float(one[:, 0].mean()) if len(one) else math.nan for one in logits], dtype=np.float64)


def score(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str] = (), decision: Decision = AS_TRAINED
) -> dict[str, float]:
    """Return mean surprise of a token, perplexity, and the share of tokens foreseen; {} where nothing is known."""
    sums = sums_by_row(logits) if labels.dtype == object else np.zeros((0, 3))
    return rates(sums.sum(axis=0)) if len(sums) else {}


def rates(sums: NDArray[np.float64]) -> dict[str, float]:
    """Return the metrics of sums of surprise, tokens foreseen and tokens, shape [3]."""
    surprise, foreseen, tokens = sums.tolist()
    mean = surprise / max(tokens, 1.0)
    return {
        "loss": mean,
        "perplexity": math.exp(min(mean, _LARGEST)) if math.isfinite(mean) else math.nan,
        "token_accuracy": foreseen / max(tokens, 1.0),
    }


def intervals(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
) -> dict[str, Interval]:
    """Return between what each metric lies on other texts of the same kind, 95 times of 100 (texts are drawn)."""
    sums = sums_by_row(logits) if labels.dtype == object else np.zeros((0, 3))
    return of_counts(sums, rates) if len(sums) else {}


def report(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
) -> dict[str, Any]:
    """Return how many texts and tokens were looked at, ready for JSON."""
    sums = sums_by_row(logits) if labels.dtype == object else np.zeros((0, 3))
    return {"labels": [], "rows": len(sums), "tokens": int(sums[:, 2].sum())}


def decode(
    logits: NDArray[Any], inputs: Sequence[str], names: Sequence[str], decision: Decision = AS_TRAINED
) -> list[Prediction]:
    """Return of each text its perplexity; what a model writes itself is made by `engine.language.writing`."""
    sums = [np.array([*one.sum(axis=0), len(one)], dtype=np.float64) for one in logits]
    told = [f"{rates(one)['perplexity']:.1f}" if one[2] else "–" for one in sums]
    return [Prediction(input=words, label=one, probabilities={}) for words, one in zip(inputs, told, strict=True)]
