"""What a decision makes of stored answers, in the figures that a choice is made by."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ftstudio.core.deciding import Decision, decide
from ftstudio.core.states import Split
from ftstudio.planning.answers import Answers
from ftstudio.planning.quality.calibration import calibration
from ftstudio.planning.quality.thresholds import Effect

_SMALLEST = 1e-12


@dataclass(frozen=True)
class Figures:
    """How a decision fares on rows with a label: `answered` is the share of rows with a known answer,
    `right_when_answered` the share of those that is right (None: none is answered), `calibration_error` the expected
    calibration error. `precision` and `recall` are those of the positive label, where there is one.
    """

    rows: int
    accuracy: float
    calibration_error: float
    loss: float
    answered: float
    right_when_answered: float | None
    precision: float | None = None
    recall: float | None = None

    def document(self) -> dict[str, Any]:
        """Return the figures for JSON, those that do not apply left out."""
        return {key: value for key, value in asdict(self).items() if value is not None}


def figures(answers: Answers, split: Split, decision: Decision) -> Figures | None:
    """Return how `decision` fares on the labelled rows of a split; None where there are none."""
    rows = answers.of(split) & (answers.label >= 0)
    truth = answers.label[rows]
    if not len(truth):
        return None
    decided = decide(answers.logits[rows], answers.labels, decision)
    right = decided.label == truth
    given = np.take_along_axis(decided.probabilities, decided.label[:, None], axis=1)[:, 0]
    share = np.take_along_axis(decided.probabilities, truth[:, None], axis=1)[:, 0]
    effect = _effect(answers, decided.label, truth, decision)
    return Figures(
        rows=len(truth),
        accuracy=float(right.mean()),
        calibration_error=calibration(given, right).error,
        loss=float(-np.log(np.maximum(share, _SMALLEST)).mean()),
        answered=float(decided.known.mean()),
        right_when_answered=float(right[decided.known].mean()) if decided.known.any() else None,
        precision=effect.precision if effect else None,
        recall=effect.recall if effect else None,
    )


def _effect(answers: Answers, given: np.ndarray, truth: np.ndarray, decision: Decision) -> Effect | None:
    if not decision.has_threshold(answers.labels):
        return None
    positive = answers.labels.index(decision.positive)
    hits = int(((given == positive) & (truth == positive)).sum())
    given_count, wanted = int((given == positive).sum()), int((truth == positive).sum())
    return Effect(decision.threshold, hits / given_count if given_count else 0.0, hits / wanted if wanted else 0.0)
