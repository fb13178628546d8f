"""What tasks that answer with a number share: loss, metrics, the tables of the result page, the answers.

Logits are [rows, 1] in the unit of the user's numbers; truth is [rows, 2]: the number, NaN where it is not known, and
the unit that the loss is measured in, so that it is the same kind of figure whatever the numbers are of. torch is
imported inside, so that tasks can be listed without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core import plain_numbers
from ftstudio.core.deciding import AS_TRAINED, Decision
from ftstudio.core.samples import Prediction
from ftstudio.core.settings import TrainingSettings
from ftstudio.engine.answers.uncalibrated import calibration_error as calibration_error
from ftstudio.planning.quality.intervals import Interval, of_counts
from ftstudio.planning.quality.numbers import between_ranks, figures_of, rank_correlation, rates

if TYPE_CHECKING:
    from torch import Tensor


def loss(logits: Tensor, labels: Tensor, settings: TrainingSettings, weights: Tensor | None) -> Tensor:
    """Return the error of each row in standard units, shape [rows]; `labels` are [rows, 2] as truth is.

    Squared, absolute, or Huber's (1964): squared up to one unit and growing evenly beyond, twice the usual definition
    so that small errors count as if they were squared.
    """
    error = (logits[:, 0] - labels[:, 0]) / labels[:, 1]
    if settings.number_loss == "squared":
        return error**2
    far = error.abs()
    return far if settings.number_loss == "absolute" else (far <= 1.0).to(far) * error**2 + (far > 1.0) * (2 * far - 1)


def weights(truth: NDArray[np.float32], settings: TrainingSettings) -> NDArray[np.float32] | None:
    """Return None: all rows count the same."""
    return None


def choose(logits: NDArray[Any], truth: NDArray[Any], names: Sequence[str]) -> Decision:
    """Return that numbers are given as they are."""
    return AS_TRAINED


def _known(logits: NDArray[Any], truth: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return answers and truth of the rows whose number is known, and the unit of the loss."""
    if truth.ndim != 2 or not len(truth):
        return np.zeros(0), np.zeros(0), 1.0
    known = ~np.isnan(truth[:, 0])
    return logits[known, 0].astype(np.float64), truth[known, 0].astype(np.float64), float(truth[0, 1])


def score(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str] = (), decision: Decision = AS_TRAINED
) -> dict[str, float]:
    """Return R², mean and root mean square error, rank correlation (Spearman) and mean loss; as scikit-learn's.

    R² and rank correlation are left out where all numbers are the same.
    """
    said, truth, unit = _known(logits, labels)
    if not len(truth):
        return {}
    found = rates(figures_of(said, truth).sum(axis=0))
    ranks = rank_correlation(said, truth)
    kept = {key: value for key, value in found.items() if value == value}
    return kept | ({"spearman": ranks} if ranks == ranks else {}) | {"loss": (found["rmse"] / unit) ** 2}


def intervals(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
) -> dict[str, Interval]:
    """Return between what each metric lies on other rows of the same kind, 95 times of 100."""
    said, truth, unit = _known(logits, labels)
    if len(truth) < 2:
        return {}

    def all_of(sums: NDArray[np.float64]) -> dict[str, float]:
        found = rates(sums)
        return found | {"loss": (found["rmse"] / unit) ** 2}

    found = of_counts(figures_of(said, truth), all_of)
    ranks = between_ranks(rank_correlation(said, truth), len(truth))
    both = found | ({"spearman": ranks} if ranks is not None else {})
    return {key: one for key, one in both.items() if one[0] == one[0] and key in score(logits, labels)}


def report(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
) -> dict[str, Any]:
    """Return where the numbers lie, how far answers are off, and the baseline, ready for JSON."""
    said, truth, _ = _known(logits, labels)
    if not len(truth):
        return {"labels": list(names), "rows": 0}
    off = np.abs(said - truth)
    middle = float(np.median(truth))
    return {
        "labels": list(names),
        "rows": len(truth),
        "truth": {"least": float(truth.min()), "most": float(truth.max()), "mean": float(truth.mean())},
        "half_within": float(np.median(off)),
        "nine_of_ten_within": float(np.percentile(off, 90)),
        "baseline": {"kind": "median", "number": middle, "mae": float(np.abs(truth - middle).mean())},
    }


def decode(
    logits: NDArray[Any], inputs: Sequence[str], names: Sequence[str], decision: Decision = AS_TRAINED
) -> list[Prediction]:
    """Return one answer per input: the number, and as `label` as it is written."""
    return [
        Prediction(input=shown, label=plain_numbers.write(number), probabilities={}, number=number)
        for shown, (number,) in zip(inputs, np.asarray(logits, dtype=np.float64).tolist(), strict=True)
    ]
