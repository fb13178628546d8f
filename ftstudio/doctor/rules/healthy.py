"""Nothing is wrong: both losses do what they should."""

from __future__ import annotations

import math

from ftstudio.core.advice import Advice
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.doctor.rule import RuleSpec
from ftstudio.doctor.signs import Signs

SPEC = RuleSpec(key="healthy", title=N_("Healthy"), order=90)

RISE = 0.2  # of the validation loss above its lowest
GAP = 0.35  # between both losses, in units of chance


def strength(signs: Signs) -> float:
    """Return 1: what no other rule objects to is healthy."""
    return 1.0


def advise(signs: Signs) -> Advice:
    """Say so, and with which figures."""
    return Advice(
        code=SPEC.key,
        mood="good",
        sentence=text("This looks healthy: what is learned also holds for validation rows."),
        evidence=_evidence(signs),
    )


def _evidence(signs: Signs) -> tuple[Text, ...]:
    best = signs.best
    found = [
        text(
            "Validation {metric}: best {score} at step {step}, {start} before the first step.",
            metric=text(signs.case.metric_title),
            score=best.score,
            step=best.step,
            start=signs.checks[0].score,
        ),
        text(
            "Training loss: {now} of late, {start} at the start. Validation loss: {valid} of late, {low} at best.",
            now=signs.train_now,
            start=signs.train_start,
            valid=signs.valid_now,
            low=signs.lowest.loss,
        ),
    ]
    if signs.valid_rise >= RISE and signs.gap >= GAP:
        found.append(
            text(
                "Since step {low} it learns training rows by heart; early stopping ends the run in time, and the model "
                "of step {best} is kept.",
                low=signs.lowest.step,
                best=best.step,
            )
        )
    if not math.isnan(signs.noise):
        found.append(
            text(
                "With {rows} validation rows the score can be off by {points} points.",
                rows=signs.case.validation_rows,
                points=round(196 * signs.noise),
            )
        )
    return tuple(found)
