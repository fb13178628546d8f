"""The validation set is too small to tell: the score could be off by more than any change that one would make."""

from __future__ import annotations

import math

from ftstudio.core.advice import Advice
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.doctor import remedies
from ftstudio.doctor.rule import RuleSpec
from ftstudio.doctor.signs import Signs

SPEC = RuleSpec(key="validation_too_small", title=N_("Validation set too small to tell"), order=60)

WIDEST = 0.2  # half of the 95 % interval of the score


def strength(signs: Signs) -> float:
    """Return how much wider the 95 % interval of the score is than it may be."""
    return 0.0 if math.isnan(signs.noise) else 1.96 * signs.noise / WIDEST


def advise(signs: Signs) -> Advice:
    """Say how far off the score can be, and how to measure better."""
    case = signs.case
    return Advice(
        code=SPEC.key,
        mood="note",
        sentence=text(
            "The validation set is too small to tell how good the model is: with {rows} rows the score can be off by "
            "{points} points.",
            rows=case.validation_rows,
            points=round(196 * signs.noise),
        ),
        evidence=(
            text(
                "The best validation {metric} is {score}; the true one may lie anywhere from {low} to {high}.",
                metric=text(case.metric_title),
                score=signs.best.score,
                low=max(0.0, signs.best.score - 1.96 * signs.noise),
                high=min(1.0, signs.best.score + 1.96 * signs.noise),
            ),
            text("Nothing else looks wrong with this run so far."),
        ),
        remedies=remedies.chosen(remedies.cross_validate(), remedies.learning_curve()),
    )
