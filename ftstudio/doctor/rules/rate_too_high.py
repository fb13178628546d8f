"""The learning rate is too high: steps overshoot, and training destroys what the pretrained model knew."""

from __future__ import annotations

import math

from ftstudio.core.advice import Advice
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.doctor import remedies
from ftstudio.doctor.rule import RuleSpec, weakest
from ftstudio.doctor.signs import Signs, ratio

SPEC = RuleSpec(key="rate_too_high", title=N_("Learning rate too high"), order=10)

JUMP = 1.5  # the worst stretch of the training loss against the very first steps
STUCK = 0.9  # training loss of late against the same: it has not come back
LOST = 2.0  # standard errors that the score has fallen
RECKLESS = 3e-3  # no recipe tunes pretrained layers with AdamW at such a rate
DAMAGE = 1.1  # validation loss of late against that before the first step, or that of guessing


def strength(signs: Signs) -> float:
    """Return how far the training loss was thrown up without coming back, with the validation loss harmed as well.

    Where the rate is beyond all experience, the harm alone is enough.
    """
    if signs.is_broken:
        return math.inf
    harmed = ratio(signs.valid_now, min(signs.unit, signs.checks[0].loss))
    thrown = weakest(
        (ratio(signs.train_peak, signs.train_first), JUMP),
        (ratio(signs.train_now, min(signs.unit, signs.train_first)), STUCK),
        (harmed, DAMAGE),
    )
    if not _is_beyond_experience(signs):
        return thrown
    return max(thrown, weakest((harmed, DAMAGE), (ratio(-signs.gain, signs.noise), LOST)))


def _is_beyond_experience(signs: Signs) -> bool:
    settings = signs.case.settings
    return signs.case.learns_below_head and settings.optimizer == "adamw" and settings.learning_rate >= RECKLESS


def advise(signs: Signs) -> Advice:
    """Say that the rate is too high and what shows it."""
    return Advice(
        code=SPEC.key,
        mood="error",
        sentence=text(
            "The learning rate of {rate} is too high: the steps overshoot, and the model loses what it knew.",
            rate=signs.case.settings.learning_rate,
        ),
        evidence=_evidence(signs),
        remedies=remedies.chosen(
            remedies.stop(), remedies.find_rate(), remedies.rate(signs, 1 / 3), remedies.freeze_deeper(signs)
        ),
    )


def _evidence(signs: Signs) -> tuple[Text, ...]:
    if signs.is_broken:
        return (text("At step {step} the loss was no longer a number.", step=signs.step),)
    found = [
        text(
            "The validation loss is {now}; before the first step it was {start}.",
            now=signs.valid_now,
            start=signs.checks[0].loss,
        )
    ]
    if signs.train_peak > signs.train_first:
        found.append(
            text(
                "The training loss is {now}; it was {start} in the first steps and {peak} at its worst.",
                now=signs.train_now,
                start=signs.train_first,
                peak=signs.train_peak,
            )
        )
    if signs.case.chance_loss is not None:
        found.append(text("A model that only guesses would have a loss of {loss}.", loss=signs.case.chance_loss))
    if _is_beyond_experience(signs):
        found.append(text("Pretrained layers are usually tuned with rates from 0.00001 to 0.001."))
    return tuple(found)
