"""Chooses how a run decides by what its validation rows say: temperature, threshold and when it does not know.

Test rows have no part in a choice, or they would no longer say how good it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from ftstudio.core.deciding import Decision, decide
from ftstudio.core.errors import InputError
from ftstudio.core.quantities import percent
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.planning.answers import Answers
from ftstudio.planning.quality import thresholds
from ftstudio.planning.quality.calibration import FEWEST_MISTAKES, FEWEST_ROWS, fit_temperature
from ftstudio.planning.quality.coverage import Coverage, coverage

AUTO = "auto"


@dataclass(frozen=True)
class Wish:
    """What is wanted of a decision; None leaves a part as it is.

    `temperature` and `threshold` may be `AUTO`: fitted to validation rows (the threshold of the best F1). Of
    `dont_know_below` (a limit), `coverage` (the share of rows to answer) and `accuracy` (the share of answers to be
    right) at most one is given.
    """

    temperature: float | str | None = None
    positive: str | None = None
    threshold: float | str | None = None
    dont_know_below: float | None = None
    coverage: float | None = None
    accuracy: float | None = None


def choose(answers: Answers, before: Decision, wish: Wish) -> Decision:
    """Return the decision that grants a wish; raises `InputError` where the validation rows cannot."""
    chosen = before
    if wish.temperature is not None:
        chosen = _with(chosen, temperature=_temperature(answers, wish.temperature))
    if wish.positive is not None or wish.threshold is not None:
        chosen = _with_threshold(answers, chosen, wish)
    limit = _limit(answers, chosen, wish)
    return chosen if limit is None else _with(chosen, dont_know_below=limit)


def ranked(answers: Answers, decision: Decision, split: Split) -> Coverage:
    """Return the answers to labelled rows of a split, the most confident first."""
    rows = answers.of(split) & (answers.label >= 0)
    decided = decide(answers.logits[rows], answers.labels, decision)
    given = np.take_along_axis(decided.probabilities, decided.label[:, None], axis=1)[:, 0]
    return coverage(given, decided.label == answers.label[rows])


def _with(decision: Decision, **changes: float | str) -> Decision:
    try:
        return Decision.model_validate({**decision.model_dump(), **changes})
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise InputError(
            text("“{field}” cannot be {value}.", field=field, value=str(changes.get(field))),
            text("Shares lie between 0 and 1, a temperature between 0.01 and 100."),
            field=field,
        ) from error


def _validation(answers: Answers) -> NDArray[np.bool_]:
    rows = answers.of(Split.VALIDATION) & (answers.label >= 0)
    if not rows.any():
        raise InputError(
            text("This run has no validation rows to choose by."),
            text("Give the value yourself, or train again on data with validation rows."),
        )
    return rows


def _temperature(answers: Answers, wanted: float | str) -> float:
    if wanted != AUTO:
        return float(wanted)
    rows = _validation(answers)
    found = fit_temperature(answers.logits[rows], answers.label[rows])
    if found is None:
        raise InputError(
            text(
                "The confidence cannot be corrected: that takes {rows} validation rows and {mistakes} mistakes.",
                rows=FEWEST_ROWS,
                mistakes=FEWEST_MISTAKES,
            ),
            text("Leave it as it is, or train on data with more validation rows."),
            field="temperature",
        )
    return found


def _with_threshold(answers: Answers, decision: Decision, wish: Wish) -> Decision:
    positive = wish.positive if wish.positive is not None else decision.positive
    if len(answers.labels) != 2 or positive not in answers.labels:
        raise InputError(
            text("A threshold is for one of two labels, and “{label}” is not one of two.", label=positive),
            text("The labels are: {labels}.", labels=", ".join(answers.labels)),
            field="positive",
        )
    threshold = wish.threshold if wish.threshold is not None else decision.threshold
    if threshold == AUTO:
        rows, at = _validation(answers), answers.labels.index(positive)
        scores = decide(answers.logits[rows], answers.labels, decision).probabilities[:, at]
        threshold = thresholds.best_f1(scores, answers.label[rows] == at)
    return _with(decision, positive=positive, threshold=float(threshold))


def _limit(answers: Answers, decision: Decision, wish: Wish) -> float | None:
    if wish.coverage is None and wish.accuracy is None:
        return wish.dont_know_below
    _check_share("coverage", wish.coverage)
    _check_share("accuracy", wish.accuracy)
    _validation(answers)
    found = ranked(answers, decision, Split.VALIDATION)
    if wish.accuracy is None:
        return found.limit_for_answers(wish.coverage or 0.0)
    limit = found.limit_for_right(wish.accuracy)
    if limit is None:
        raise InputError(
            text("However few rows it answers, it is not right in {share} of them.", share=percent(wish.accuracy, 1)),
            text("Wish for less, or train a better model."),
            field="accuracy",
        )
    return limit


def _check_share(field: str, share: float | None) -> None:
    if share is not None and not 0.0 < share <= 1.0:
        raise InputError(
            text("“{field}” cannot be {value}.", field=field, value=str(share)),
            text("It is a share of rows: above 0, and 1 at most (0.9 is nine of ten)."),
            field=field,
        )
