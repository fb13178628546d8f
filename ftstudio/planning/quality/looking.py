"""Everything the page of a result says about how far a run's answers can be trusted, from stored answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.deciding import Decision, decide
from ftstudio.core.states import Split
from ftstudio.planning.answers import Answers
from ftstudio.planning.quality import curves
from ftstudio.planning.quality.calibration import Calibration, calibration, fit_temperature
from ftstudio.planning.quality.coverage import Coverage, coverage


@dataclass(frozen=True)
class Look:
    """The labelled rows of one split as a decision has them answered.

    `truth` [rows] and `probabilities` [rows, labels] are theirs. `temperature` is what validation rows ask for (None:
    they cannot tell), `corrected` the calibration with it, `calibration` the one with the decision in force, `together`
    the curves of all labels (None: two labels have none of their own, and some are too many).
    `may_choose` says whether these rows may be chosen by: test rows may not where there are validation rows.
    """

    labels: Sequence[str]
    decision: Decision
    truth: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    calibration: Calibration
    corrected: Calibration | None
    temperature: float | None
    coverage: Coverage
    together: curves.Both | None
    may_choose: bool

    @property
    def rows(self) -> int:
        """How many rows were looked at."""
        return len(self.truth)

    def curves(self, label: int | None) -> curves.Both | None:
        """Return the curves of a label, or of all together (None: too many for that)."""
        if label is None:
            return self.together
        return curves.of_scores(self.probabilities[:, label], self.truth == label)


def look(answers: Answers, split: Split, decision: Decision) -> Look:
    """Look at the labelled rows of a split; 50 000 rows of ten labels take a tenth of a second or two."""
    labelled = answers.label >= 0
    validation = answers.of(Split.VALIDATION) & labelled
    rows = answers.of(split) & labelled
    logits, truth = answers.logits[rows], answers.label[rows]
    decided = decide(logits, answers.labels, decision)
    confidence, right = _of_given(decided.probabilities, decided.label), decided.label == truth
    temperature = fit_temperature(answers.logits[validation], answers.label[validation])
    return Look(
        labels=answers.labels,
        decision=decision,
        truth=truth,
        probabilities=decided.probabilities,
        calibration=calibration(confidence, right),
        corrected=_corrected(logits, truth, answers.labels, decision, temperature),
        temperature=temperature,
        coverage=coverage(confidence, right),
        together=curves.of_all(decided.probabilities, truth) if len(answers.labels) != 2 else None,
        may_choose=split is not Split.TEST or not validation.any(),
    )


def _corrected(
    logits: NDArray[np.float64],
    truth: NDArray[np.int64],
    labels: Sequence[str],
    decision: Decision,
    temperature: float | None,
) -> Calibration | None:
    if temperature is None:
        return None
    decided = decide(logits, labels, decision.model_copy(update={"temperature": temperature}))
    return calibration(_of_given(decided.probabilities, decided.label), decided.label == truth)


def _of_given(probabilities: NDArray[np.float64], label: NDArray[np.int64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = np.take_along_axis(probabilities, label[:, None], axis=1)[:, 0]
    return result
