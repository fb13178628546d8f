"""What tasks that choose one label per row share: loss, metrics, the tables of the result page, the answers.

A task takes `loss`, `score`, `report` and `decode` over as they are. torch is imported inside, so that tasks can be
listed without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.deciding import AS_TRAINED, Decision, decide
from ftstudio.core.samples import Prediction
from ftstudio.core.settings import TrainingSettings
from ftstudio.planning.quality.calibration import calibration
from ftstudio.planning.quality.intervals import Interval, of_scores

if TYPE_CHECKING:
    from torch import Tensor

_SMALLEST = 1e-12  # a probability of zero would make a loss infinite


def loss(logits: Tensor, labels: Tensor, settings: TrainingSettings, weights: Tensor | None) -> Tensor:
    """Return the cross-entropy of each row, shape [rows]; `weights` per class scale rows, not the mean."""
    from torch.nn import functional

    losses = functional.cross_entropy(logits, labels, reduction="none", label_smoothing=settings.label_smoothing)
    return losses if weights is None else losses * weights[labels]


def balanced_weights(labels: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """Return class weights that make every class count the same and average 1 over the rows (King and Zeng 2001)."""
    counts = np.bincount(labels[labels >= 0], minlength=classes).astype(np.float64)
    weights = np.zeros_like(counts)
    np.divide(counts.sum(), counts * np.count_nonzero(counts), where=counts > 0, out=weights)
    return weights.astype(np.float32)


def confusion(predicted: NDArray[np.int64], labels: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Count rows by truth (first axis) and prediction (second axis), shape [classes, classes]."""
    counts = np.bincount(labels * classes + predicted, minlength=classes * classes)
    return counts.reshape(classes, classes)


def answers(logits: NDArray[np.float32], names: Sequence[str], decision: Decision) -> NDArray[np.int64]:
    """Return the position of the label that each row is given, shape [rows]."""
    if decision.has_threshold(names):
        return decide(logits, names, decision).label
    likeliest: NDArray[np.int64] = logits.argmax(axis=1)
    return likeliest


def score(
    logits: NDArray[np.float32],
    labels: NDArray[np.int64],
    names: Sequence[str] = (),
    decision: Decision = AS_TRAINED,
) -> dict[str, float]:
    """Return accuracy, balanced accuracy, macro-F1 and mean loss of the rows that have a label.

    `decision` says how answers are decided among the labels `names`; best guesses count as answers.

    The definitions are scikit-learn's; macro averages run over the classes that occur in truth or prediction.
    """
    import torch
    from torch.nn import functional

    known = labels >= 0
    logits, labels = logits[known], labels[known]
    if not len(labels):
        return {}
    table = confusion(answers(logits, names, decision), labels, logits.shape[1]).astype(np.float64)
    hits, truth, predicted = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
    present = (truth + predicted) > 0
    f1 = 2 * hits[present] / (truth + predicted)[present]
    recall = hits[truth > 0] / truth[truth > 0]
    losses = functional.cross_entropy(torch.from_numpy(logits) / decision.temperature, torch.from_numpy(labels))
    return {
        "accuracy": float(hits.sum() / table.sum()),
        "macro_f1": float(f1.mean()),
        "balanced_accuracy": float(recall.mean()),
        "loss": float(losses),
    }


def intervals(
    logits: NDArray[np.float32],
    labels: NDArray[np.int64],
    names: Sequence[str],
    decision: Decision = AS_TRAINED,
) -> dict[str, Interval]:
    """Return between what each metric of `score` lies on other rows of the same kind, 95 times of 100."""
    decided = decide(logits, names, decision)
    share = np.take_along_axis(decided.probabilities, np.maximum(labels, 0)[:, None], axis=1)[:, 0]
    return of_scores(labels, decided.label, -np.log(np.maximum(share, _SMALLEST)))


def calibration_error(
    logits: NDArray[np.float32],
    labels: NDArray[np.int64],
    names: Sequence[str],
    decision: Decision = AS_TRAINED,
) -> float | None:
    """Return how far claim and fact are apart on average; None where no row has a label."""
    known = labels >= 0
    decided = decide(logits[known], names, decision)
    given = np.take_along_axis(decided.probabilities, decided.label[:, None], axis=1)[:, 0]
    return calibration(given, decided.label == labels[known]).error if known.any() else None


def report(
    logits: NDArray[np.float32],
    labels: NDArray[np.int64],
    names: Sequence[str],
    decision: Decision = AS_TRAINED,
) -> dict[str, Any]:
    """Return the per-class table, the confusion matrix and the majority baseline, ready for JSON."""
    known = labels >= 0
    table = confusion(answers(logits[known], names, decision), labels[known], len(names))
    truth, predicted, hits = table.sum(axis=1), table.sum(axis=0), table.diagonal()
    rows = []
    for at, name in enumerate(names):
        precision = hits[at] / predicted[at] if predicted[at] else 0.0
        recall = hits[at] / truth[at] if truth[at] else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        entry = {"label": name, "rows": int(truth[at]), "precision": float(precision)}
        rows.append({**entry, "recall": float(recall), "f1": float(f1)})
    majority = int(truth.argmax()) if len(truth) else 0
    share = float(truth[majority] / truth.sum()) if truth.sum() else 0.0
    baseline = {"kind": "majority", "label": names[majority] if names else "", "accuracy": share}
    return {"labels": list(names), "per_class": rows, "confusion": table.tolist(), "baseline": baseline}


def decode(
    logits: NDArray[np.float32],
    inputs: Sequence[str],
    names: Sequence[str],
    decision: Decision = AS_TRAINED,
) -> list[Prediction]:
    """Return one answer per input, with the probability of each label."""
    decided = decide(logits, names, decision)
    return [
        Prediction(
            input=shown,
            label=names[at],
            probabilities=dict(zip(names, row, strict=True)),
            known=known,
        )
        for shown, at, row, known in zip(
            inputs, decided.label.tolist(), decided.probabilities.tolist(), decided.known.tolist(), strict=True
        )
    ]
