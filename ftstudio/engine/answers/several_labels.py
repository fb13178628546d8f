"""What tasks that give a row any number of labels share: loss, metrics, the tables of the result page, the answers.

Logits are [rows, labels], each label by itself; truth is 1 or 0 in the same shape, NaN in rows whose labels are not
known. torch is imported inside, so that tasks can be listed without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core import label_sets
from ftstudio.core.deciding import AS_TRAINED, USUAL, Decision, decide_several
from ftstudio.core.samples import Prediction
from ftstudio.core.settings import TrainingSettings
from ftstudio.planning.quality.calibration import calibration
from ftstudio.planning.quality.intervals import Interval, of_counts
from ftstudio.planning.quality.several import (
    HIT,
    RARELY,
    average_precision,
    best_thresholds,
    counts_of,
    given_when_always,
    of_average_precision,
    rates,
)

if TYPE_CHECKING:
    from torch import Tensor

MOST_WEIGHT = 100.0


def loss(logits: Tensor, labels: Tensor, settings: TrainingSettings, weights: Tensor | None) -> Tensor:
    """Return the mean over labels of the binary cross-entropy of each row, shape [rows].

    `labels` are [rows, labels] of 0 and 1; `weights`, one a label, count the rows that have it. Label smoothing draws
    both towards one half.
    """
    from torch.nn import functional

    wanted = labels * (1.0 - settings.label_smoothing) + settings.label_smoothing / 2
    return functional.binary_cross_entropy_with_logits(logits, wanted, pos_weight=weights, reduction="none").mean(dim=1)


def weights(truth: NDArray[np.float32], settings: TrainingSettings) -> NDArray[np.float32] | None:
    """Return how much a row counts that has a label, shape [labels]: as much together as the rows without it."""
    if settings.class_weights == "none":
        return None
    known = truth[~np.isnan(truth).any(axis=1)]
    there = known.sum(axis=0)
    found = np.divide(len(known) - there, there, out=np.ones_like(there), where=there > 0)
    result: NDArray[np.float32] = found.clip(1 / MOST_WEIGHT, MOST_WEIGHT).astype(np.float32)
    return result


def choose(logits: NDArray[Any], truth: NDArray[Any], names: Sequence[str]) -> Decision:
    """Return for each label from which probability on it is given; truth is that of validation rows."""
    values, there = _known(logits, truth)
    found = best_thresholds(decide_several(values, names)[0], there, names)
    return Decision(thresholds={name: at for name, at in found.items() if at != USUAL})


def _known(logits: NDArray[Any], truth: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Leave out the rows whose labels are not known."""
    if truth.ndim != 2:
        return np.zeros((0, logits.shape[1])), np.zeros((0, logits.shape[1]), dtype=bool)
    known = ~np.isnan(truth).any(axis=1)
    return logits[known].astype(np.float64), truth[known] > 0.5


def _losses(logits: NDArray[np.float64], truth: NDArray[np.bool_], decision: Decision) -> NDArray[np.float64]:
    scaled = logits / decision.temperature
    result: NDArray[np.float64] = np.logaddexp(0.0, np.where(truth, -scaled, scaled)).mean(axis=1)
    return result


def score(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str] = (), decision: Decision = AS_TRAINED
) -> dict[str, float]:
    """Return micro-F1, macro-F1, average precision, the share of rows with just the right labels, and mean loss.

    The definitions are scikit-learn's; macro-F1 runs over the labels that occur in truth or answers, average precision
    over those that occur in truth.
    """
    values, truth = _known(logits, labels)
    if not len(truth):
        return {}
    _, given = decide_several(values, names or [""] * values.shape[1], decision)
    found = rates(counts_of(given, truth).sum(axis=0))
    precision = average_precision(values, truth)
    found |= {"average_precision": precision} if precision == precision else {}
    return found | {"loss": float(_losses(values, truth, decision).mean())}


def intervals(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
) -> dict[str, Interval]:
    """Return between what each metric lies on other rows of the same kind, 95 times of 100."""
    values, truth = _known(logits, labels)
    if not len(truth):
        return {}
    _, given = decide_several(values, names, decision)
    counts, losses = counts_of(given, truth), _losses(values, truth, decision)
    added = np.column_stack((counts, losses))

    def all_of(sums: NDArray[np.float64]) -> dict[str, float]:
        return rates(sums[:-1]) | {"loss": float(sums[-1]) / len(truth)}

    precision = of_average_precision(values, truth)
    return of_counts(added, all_of) | ({"average_precision": precision} if precision is not None else {})


def calibration_error(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
) -> float | None:
    """Return how far claim and fact are apart, on average over all labels of all rows; None without known rows."""
    values, truth = _known(logits, labels)
    if not len(truth):
        return None
    shares, _ = decide_several(values, names, decision)
    claimed = np.maximum(shares, 1 - shares)
    return calibration(claimed.ravel(), ((shares >= RARELY) == truth).ravel()).error


def report(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
) -> dict[str, Any]:
    """Return the table by label, how many labels rows have and are given, and the baseline, ready for JSON."""
    values, truth = _known(logits, labels)
    _, given = decide_several(values, names, decision)
    sums = counts_of(given, truth).sum(axis=0)
    table = []
    for at, name in enumerate(names):
        hit, said, there = (int(one) for one in sums[HIT + at * 3 : HIT + at * 3 + 3])
        precision, recall = hit / said if said else 0.0, hit / there if there else 0.0
        f1 = 2 * hit / (said + there) if said + there else 0.0
        table.append({"label": name, "rows": there, "precision": precision, "recall": recall, "f1": f1})
    rows = len(truth)
    always = given_when_always(truth)
    baseline = rates(counts_of(np.broadcast_to(always, truth.shape), truth).sum(axis=0)) if rows else {}
    return {
        "labels": list(names),
        "thresholds": decision.thresholds,
        "per_class": table,
        "rows": rows,
        "labels_a_row": {"truth": float(truth.sum()) / max(rows, 1), "given": float(given.sum()) / max(rows, 1)},
        "baseline": {
            "kind": "always",
            "labels": [name for name, one in zip(names, always, strict=True) if one],
            "micro_f1": baseline.get("micro_f1", 0.0),
        },
    }


def decode(
    logits: NDArray[Any], inputs: Sequence[str], names: Sequence[str], decision: Decision = AS_TRAINED
) -> list[Prediction]:
    """Return one answer per input: the labels given, and the probability of each label by itself."""
    shares, given = decide_several(logits, names, decision)
    answers = []
    for shown, row, chosen in zip(inputs, shares.tolist(), given, strict=True):
        labels = tuple(name for name, one in zip(names, chosen, strict=True) if one)
        probabilities = dict(zip(names, row, strict=True))
        answers.append(
            Prediction(input=shown, label=label_sets.write(labels), probabilities=probabilities, labels=labels)
        )
    return answers
