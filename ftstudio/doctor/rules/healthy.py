"""Nothing is wrong: both losses do what they should."""

from __future__ import annotations

from ftstudio.core.advice import Advice
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.doctor.rule import RuleSpec
from ftstudio.doctor.signs import Signs

SPEC = RuleSpec(key="healthy", title=N_("Healthy"), order=90)


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
    return (
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
    )
