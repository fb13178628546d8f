"""Overfitting: training rows are learned ever better while validation rows are answered ever worse (Prechelt 1998)."""

from __future__ import annotations

import math

from ftstudio.core.advice import Advice
from ftstudio.core.text import Text, text, text_plural
from ftstudio.core.translation import N_
from ftstudio.doctor import remedies
from ftstudio.doctor.rule import RuleSpec, weakest
from ftstudio.doctor.signs import Signs, ratio

SPEC = RuleSpec(key="overfitting", title=N_("Overfitting"), order=30)

RISES = ((10, 0.1), (5, 0.15), (0, 0.2))  # of the validation loss above its lowest: less where it has lasted (checks)
GAP, LASTING_GAP = 0.35, 0.25  # between both losses, in units of chance
LONG = 5  # checks
FALL = 0.5  # of the training loss
BELOW = 1.0  # the lowest validation loss against the training loss of late: rows it learns from are known better
FALLING = 0.1  # of the validation loss per check: it is coming back from a bad start
WIDE_GAP = 0.5  # of rows known by heart
FUTILE_GAP = 0.1  # the same where few rows were repeated for long without a better score
NOTHING = 0.05  # a training loss below this, in units of chance, is that of rows known by heart
FEW_IN_CLASS = 20
FEW_ROWS = 60  # too few for early stopping to be trusted with


def strength(signs: Signs) -> float:
    """Return how clearly the losses part, or how surely every row is known and nothing more is gained by it.

    Early stopping, where it is on and has rows to judge by, is waited for.
    """
    return max(_parted(signs), _known_by_heart(signs))


def _parted(signs: Signs) -> float:
    lasted = signs.checks_since_lowest
    return weakest(
        (signs.valid_rise, next(rise for checks, rise in RISES if lasted >= checks)),
        (signs.gap, LASTING_GAP if lasted >= LONG else GAP),
        (signs.train_fall, FALL),
        (ratio(signs.lowest.loss, signs.train_now), BELOW),
        (lasted, _patience(signs)),
        (2.0 + signs.valid_slope / FALLING, 1.0),
    )


def _known_by_heart(signs: Signs) -> float:
    futile = signs.different_rows <= FEW_ROWS and signs.checks_since_best >= 2 * LONG
    return weakest(
        (signs.gap, FUTILE_GAP if futile else WIDE_GAP),
        (ratio(signs.unit * NOTHING, signs.train_now), 1.0),
        (signs.checks_since_best, max(LONG, _patience(signs))),
    )


def _patience(signs: Signs) -> float:
    """Return how many checks it must last. Early stopping is left alone while it does its work: while the score gains
    more than noise although the loss rises, and when it is about to end the run.
    """
    settings = signs.case.settings
    if not settings.early_stopping or signs.different_rows <= FEW_ROWS:
        return 2.0
    ending = signs.checks_since_best >= settings.patience
    sign = 1.0 if signs.case.higher_is_better else -1.0
    gaining = sign * (signs.best.score - signs.lowest.score) > signs.noise
    return math.inf if ending or gaining else 2.0 * settings.patience


def advise(signs: Signs) -> Advice:
    """Say since when the losses part, and what helps against it."""
    return Advice(
        code=SPEC.key,
        mood="warning",
        sentence=_sentence(signs),
        evidence=_evidence(signs),
        remedies=remedies.chosen(
            remedies.stop(),
            remedies.early_stopping(signs),
            remedies.fewer_epochs(signs),
            remedies.augment(signs),
            remedies.freeze_deeper(signs),
            remedies.more_dropout(signs),
            remedies.more_decay(signs),
            remedies.learning_curve(),
        ),
    )


def _sentence(signs: Signs) -> Text:
    if _parted(signs) >= _known_by_heart(signs):
        return text(
            "The model is overfitting: since step {step} the validation loss rises while the training loss falls.",
            step=signs.lowest.step,
        )
    return text(
        "The model is overfitting: it knows the training rows by heart; since step {step} others gain nothing by it.",
        step=signs.best.step,
    )


def _evidence(signs: Signs) -> tuple[Text, ...]:
    found = [
        text(
            "Validation loss: {now} of late; the lowest was {low} at step {step}.",
            now=signs.valid_now,
            low=signs.lowest.loss,
            step=signs.lowest.step,
        ),
        text("Training loss: {now} of late, {start} at the start.", now=signs.train_now, start=signs.train_start),
        text("The model of step {step}, the best so far, is the one that is kept.", step=signs.best.step),
        text_plural(
            "{parameters} weights learn for {count} training row, after {epochs} passes over it.",
            "{parameters} weights learn for each of {count} training rows, after {epochs} passes over them.",
            count=signs.different_rows,
            parameters=round(signs.parameters_per_row),
            epochs=round(signs.epochs, 1),
        ),
    ]
    if signs.case.repeated_rows:
        found.append(
            text_plural(
                "{count} training row is a copy of another and teaches nothing new.",
                "{count} training rows are copies of others and teach nothing new.",
                count=signs.case.repeated_rows,
            )
        )
    rarest = signs.rarest
    if rarest is not None and rarest[1] < FEW_IN_CLASS:
        found.append(
            text_plural(
                "“{label}” has only {count} training row; more rows of it would help most.",
                "“{label}” has only {count} training rows; more rows of it would help most.",
                count=rarest[1],
                label=rarest[0],
            )
        )
    return tuple(found)
