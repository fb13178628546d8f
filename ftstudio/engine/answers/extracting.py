"""What tasks that find an answer in a passage share: loss, metrics, the tables of the result page, the answers.

Logits of a row are how well its answer begins (first column) and ends (second) at each item (`core.best_answer`). torch
is imported inside, so that tasks can be listed without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core import answer_scores, answers, units
from ftstudio.core.answers import ANSWER
from ftstudio.core.best_answer import Best, best_answer, items_of
from ftstudio.core.deciding import AS_TRAINED, Decision, softmax
from ftstudio.core.samples import Prediction
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.spans import Marked
from ftstudio.core.translation import N_
from ftstudio.planning.quality.intervals import Interval, of_counts

if TYPE_CHECKING:
    from torch import Tensor

_SMALLEST = 1e-12  # a probability of zero would make a loss infinite
_EXACT, _F1, _EXACT_THERE, _F1_THERE, _THERE, _RIGHT_NONE, _NONE, _LOSS = range(8)


def loss(logits: Tensor, labels: Tensor, settings: TrainingSettings, weights: Tensor | None) -> Tensor:
    """Return the mean of the cross-entropies of beginning and end, shape [rows].

    `logits` are [rows, items, 2], `labels` [rows, 2] the items at which the answer begins and ends. Items of all
    windows of a row share one softmax. Words are no classes: `weights` and label smoothing have no sense here.
    """
    from torch.nn import functional

    return functional.cross_entropy(logits, labels, reduction="none").mean(dim=1)


def counts(
    logits: NDArray[Any], truth: NDArray[Any], names: Sequence[str] = (), decision: Decision = AS_TRAINED
) -> NDArray[np.float64]:
    """Return what each row adds to the metrics, shape [rows, 8]: nothing where its answer is not known, or does not
    stand in its passage.
    """
    result = np.zeros((len(truth), 8))
    for at, (row, (passage, cell)) in enumerate(zip(logits, truth, strict=True) if truth.dtype == object else ()):
        try:
            given = answers.read(cell) if cell.strip() else None
        except ValueError:
            given = None
        if given is not None and (not given or answers.placed(passage, given)):
            result[at] = _figures_of(row, passage, given, decision)
    return result


def _figures(logits: NDArray[Any], truth: NDArray[Any], decision: Decision) -> NDArray[np.float64]:
    """Return the counts of the rows whose answer is known."""
    every = counts(logits, truth, (), decision)
    return every[every[:, _THERE] + every[:, _NONE] > 0]


def _figures_of(
    logits: NDArray[np.float32], passage: str, given: tuple[answers.Given, ...], decision: Decision
) -> list[float]:
    places = units.units_of(passage)
    said, right = words_of(best_answer(logits, decision), passage, places), [one.text for one in given]
    exact = answer_scores.best(answer_scores.exact_match, said, right)
    f1 = answer_scores.best(answer_scores.f1, said, right)
    there = float(bool(given))
    shares = softmax(logits.T, decision.temperature)
    surprise = -np.log(np.maximum([shares[side, at] for side, at in enumerate(items_of(passage, given))], _SMALLEST))
    return [exact, f1, exact * there, f1 * there, there, exact * (1 - there), 1 - there, float(surprise.mean())]


def words_of(best: Best, passage: str, places: NDArray[np.int64]) -> str:
    """Return the letters of an answer; none where there is no answer."""
    return "" if best.is_none else passage[places[best.first, 0] : places[best.last, 1]]


def score(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str] = (), decision: Decision = AS_TRAINED
) -> dict[str, float]:
    """Return exact match and F1 over all rows, mean loss and, where some questions have no answer, both kinds apart.

    `labels` have the passage of each row and the cell with its right answers.
    """
    figures = _figures(logits, labels, decision)
    return rates(figures.sum(axis=0)) if len(figures) else {}


def rates(sums: NDArray[np.float64]) -> dict[str, float]:
    """Return the metrics that rows have; `sums` are those of their counts, shape [8]."""
    found = _rates(sums)
    if not sums[_NONE] or not sums[_THERE]:
        del found["f1_with_answer"]
    if not sums[_NONE]:
        del found["right_without_answer"]
    return found


def _rates(sums: NDArray[np.float64]) -> dict[str, float]:
    there, none = float(sums[_THERE]), float(sums[_NONE])
    rows = max(there + none, 1.0)
    return {
        "f1": float(sums[_F1]) / rows,
        "exact_match": float(sums[_EXACT]) / rows,
        "f1_with_answer": float(sums[_F1_THERE]) / max(there, 1.0),
        "right_without_answer": float(sums[_RIGHT_NONE]) / max(none, 1.0),
        "loss": float(sums[_LOSS]) / rows,
    }


def intervals(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
) -> dict[str, Interval]:
    """Return between what each metric lies on other questions of the same kind, 95 times of 100."""
    figures = _figures(logits, labels, decision)
    if not len(figures):
        return {}
    there = rates(figures.sum(axis=0))
    return {key: between for key, between in of_counts(figures, _rates).items() if key in there}


def report(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
) -> dict[str, Any]:
    """Return how questions with and without an answer fare, ready for JSON."""
    sums = _figures(logits, labels, decision).sum(axis=0)
    there, none = float(sums[_THERE]), float(sums[_NONE])
    kinds = []
    if there:
        exact, f1 = float(sums[_EXACT_THERE]) / there, float(sums[_F1_THERE]) / there
        kinds.append({"kind": N_("with an answer"), "rows": int(there), "exact_match": exact, "f1": f1})
    if none:
        right = float(sums[_RIGHT_NONE]) / none
        kinds.append({"kind": N_("without an answer"), "rows": int(none), "exact_match": right, "f1": right})
    return {"labels": list(names), "kinds_of_questions": kinds, "rows": int(there + none)}


def decode(
    logits: NDArray[Any], inputs: Sequence[str], names: Sequence[str], decision: Decision = AS_TRAINED
) -> list[Prediction]:
    """Return one answer per passage: the place where it stands, or none; `probability` is that of just this place."""
    return [_prediction(row, passage, decision) for row, passage in zip(logits, inputs, strict=True)]


def _prediction(logits: NDArray[np.float32], passage: str, decision: Decision) -> Prediction:
    found, places = best_answer(logits, decision), units.units_of(passage)
    known = found.share >= decision.dont_know_below
    if found.is_none:
        return Prediction(input=passage, label="", probabilities={}, known=known)
    words = words_of(found, passage, places)
    start, end = int(places[found.first, 0]), int(places[found.last, 1])
    marked = Marked(start=start, end=end, label=ANSWER, text=words, probability=found.share)
    return Prediction(input=passage, label=words, probabilities={}, known=known, spans=(marked,))
