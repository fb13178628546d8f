"""Underfitting: the training has hardly changed what the model says, not even of the rows it learns from."""

from __future__ import annotations

from ftstudio.core.advice import Advice
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.doctor import remedies
from ftstudio.doctor.rule import RuleSpec, weakest
from ftstudio.doctor.signs import Signs, ratio

SPEC = RuleSpec(key="underfitting", title=N_("Underfitting"), order=40)

STILL = 0.05  # a fall of the training loss by less than this share is standing still
FALLING = 0.02  # the same per check; what falls steadily is only slow
FITTED = 0.8  # a training loss below this, in units of chance, is that of a head that has been fitted
LEFT = 0.1  # loss left to learn, in units of chance
DONE = 0.2  # the share of the run after which it should have begun


def strength(signs: Signs) -> float:
    """Return how surely much is left to learn and nothing is learned. A head alone may begin as good as it can be."""
    begun_at_best = not signs.case.learns_below_head and signs.case.settings.probe_first
    if begun_at_best and ((signs.over_chance or 0.0) > 2.0 or ratio(signs.train_now, signs.unit) < FITTED):
        return 0.0
    return weakest(
        (2.0 - signs.train_fall / STILL, 1.0),
        (2.0 + signs.train_slope / FALLING, 1.0),
        (ratio(signs.train_now, signs.unit), LEFT),
        (signs.share_done, DONE),
    )


def advise(signs: Signs) -> Advice:
    """Say that nothing has been learned, and how to learn more."""
    case = signs.case
    return Advice(
        code=SPEC.key,
        mood="warning",
        sentence=text("The model is underfitting: the training has hardly changed what it answers."),
        evidence=(
            text(
                "The training loss is {now}; it was {start} in the first steps, {epochs} epochs ago.",
                now=signs.train_now,
                start=signs.train_start,
                epochs=round(signs.epochs, 1),
            ),
            text(
                "The validation {metric} is {score}; it was {start} before the first step.",
                metric=text(case.metric_title),
                score=signs.score_now,
                start=signs.checks[0].score,
            ),
            text("The learning rate is {rate}.", rate=case.settings.learning_rate),
        ),
        remedies=remedies.chosen(
            remedies.find_rate(), remedies.rate(signs, 10), remedies.more_layers(signs), remedies.more_epochs(signs)
        ),
    )
