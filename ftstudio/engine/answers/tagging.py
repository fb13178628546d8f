"""What tasks that mark places in a text share: loss, metrics, the tables of the result page, the answers.

A place is right when its beginning, its end and its kind are (Tjong Kim Sang and De Meulder 2003, cs/0306050). torch is
imported inside, so that tasks can be listed without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core import spans, units
from ftstudio.core.deciding import AS_TRAINED, Decision, softmax
from ftstudio.core.samples import Prediction
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.spans import Marked
from ftstudio.engine.answers.outputs import flat
from ftstudio.planning.quality.intervals import Interval, of_counts

if TYPE_CHECKING:
    from torch import Tensor

_RIGHT, _MARKED, _THERE = range(3)


def loss(logits: Tensor, labels: Tensor, settings: TrainingSettings, weights: Tensor | None) -> Tensor:
    """Return the sum of the cross-entropy over the units of each row, shape [rows].

    `logits` are [rows, units, tags], `labels` [rows, units] with -100 where there is no unit; the step divides by the
    number of units, so that each counts the same. `weights` are per tag.
    """
    from torch.nn import functional

    losses = functional.cross_entropy(
        logits.flatten(0, 1), labels.flatten(), reduction="none", label_smoothing=settings.label_smoothing
    ).view(labels.shape)
    if weights is not None:
        losses = losses * weights[labels.clamp(min=0)]
    return losses.sum(dim=1)


def counts(logits: NDArray[np.object_], labels: NDArray[np.object_], names: Sequence[str]) -> NDArray[np.int64]:
    """Return for each row and kind how many places are right, marked and there, shape [rows, kinds, 3].

    Rows whose places are not known have none.
    """
    kinds = {kind: at for at, kind in enumerate(units.kinds_of(names))}
    found = np.zeros((len(labels), len(kinds), 3), dtype=np.int64)
    for row, (answer, wanted) in enumerate(zip(logits, labels, strict=True)):
        if len(wanted) and wanted[0] < 0:
            continue
        marked = set(units.runs_of(answer.argmax(axis=1), names)) if len(answer) else set()
        there = set(units.runs_of(wanted, names))
        for column, places in ((_RIGHT, marked & there), (_MARKED, marked), (_THERE, there)):
            for place in places:
                found[row, kinds[place[2]], column] += 1
    return found


def _known(logits: NDArray[Any], labels: NDArray[Any]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Leave out rows whose places are not known."""
    if labels.dtype != object:
        return logits[:0], labels[:0]
    known = np.array([not len(one) or one[0] >= 0 for one in labels], dtype=bool)
    return logits[known], labels[known]


def score(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str] = (), decision: Decision = AS_TRAINED
) -> dict[str, float]:
    """Return F1, precision and recall of places, macro-F1 over kinds, and mean loss of a unit.

    The definitions are seqeval's and conlleval's; `names` are the tags by number.
    """
    logits, labels = _known(logits, labels)
    if not len(labels):
        return {}
    sums = counts(logits, labels, names).sum(axis=0).astype(np.float64)
    losses = -np.log(np.maximum(_shares(flat(logits), flat(labels)), 1e-12))
    return {**rates(sums), "loss": float(losses.mean()) if len(losses) else 0.0}


def rates(sums: NDArray[np.float64]) -> dict[str, float]:
    """Return the metrics of places; `sums` are right, marked and there of each kind, shape [kinds, 3]."""
    right, marked, there = sums.sum(axis=0)
    each = _f1(sums[:, _RIGHT], sums[:, _MARKED], sums[:, _THERE])
    occurs = sums[:, _MARKED] + sums[:, _THERE] > 0
    return {
        "f1": float(_f1(right, marked, there)),
        "precision": float(right / marked) if marked else 0.0,
        "recall": float(right / there) if there else 0.0,
        "macro_f1": float(each[occurs].mean()) if occurs.any() else 0.0,
    }


def _f1(right: Any, marked: Any, there: Any) -> NDArray[np.float64]:
    both = np.asarray(marked + there, dtype=np.float64)
    return np.divide(2 * np.asarray(right, dtype=np.float64), both, out=np.zeros_like(both), where=both > 0)


def _shares(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    if not len(labels):
        return np.zeros(0)
    return np.take_along_axis(softmax(logits), labels[:, None], axis=1)[:, 0]


def intervals(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
) -> dict[str, Interval]:
    """Return between what each metric of places lies on other texts of the same kind, 95 times of 100."""
    logits, labels = _known(logits, labels)
    return of_counts(counts(logits, labels, names), rates) if len(labels) else {}


def report(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
) -> dict[str, Any]:
    """Return the table by kind of place, ready for JSON; `rows` there counts places, `rows` beside it texts."""
    logits, labels = _known(logits, labels)
    kinds, sums = units.kinds_of(names), counts(logits, labels, names).sum(axis=0)
    table = []
    for kind, (right, marked, there) in zip(kinds, sums.tolist(), strict=True):
        precision, recall = right / marked if marked else 0.0, right / there if there else 0.0
        f1 = float(_f1(right, marked, there))
        table.append({"label": kind, "rows": there, "precision": precision, "recall": recall, "f1": f1})
    return {"labels": kinds, "per_class": table, "rows": len(labels)}


def decode(
    logits: NDArray[Any], inputs: Sequence[str], names: Sequence[str], decision: Decision = AS_TRAINED
) -> list[Prediction]:
    """Return one answer per text: the places that are marked, each with the mean probability of its tags."""
    return [_prediction(answer, passage, names) for answer, passage in zip(logits, inputs, strict=True)]


def _prediction(answer: NDArray[np.float32], passage: str, names: Sequence[str]) -> Prediction:
    at, sure = units.units_of(passage), softmax(answer).max(axis=1) if len(answer) else np.zeros(0)
    marked = []
    for first, after, kind in units.runs_of(answer.argmax(axis=1), names) if len(answer) else ():
        start, end = int(at[first, 0]), int(at[after - 1, 1])
        share = float(sure[first:after].mean())
        marked.append(Marked(start=start, end=end, label=kind, text=passage[start:end], probability=share))
    return Prediction(input=passage, label=spans.sentence(passage, marked), probabilities={}, spans=tuple(marked))
