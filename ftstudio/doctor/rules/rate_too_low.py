"""The learning rate is too low: the model learns, but so slowly that the run was over before it had."""

from __future__ import annotations

from ftstudio.core.advice import Advice
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.doctor import remedies
from ftstudio.doctor.rule import RuleSpec, weakest
from ftstudio.doctor.signs import Signs, ratio

SPEC = RuleSpec(key="rate_too_low", title=N_("Learning rate too low"), order=50, at_the_end=True)

LEFT = 0.5  # loss left to learn, in units of chance
SLOPE = 0.01  # fall of the training loss per check, as a share
MOST_FALL = 0.3


def strength(signs: Signs) -> float:
    """Return how surely the training loss was still high and still falling when the planned steps were over."""
    slow = 2.0 - signs.train_fall / MOST_FALL
    best_late = 1.0 if signs.checks_since_lowest == 0 else 0.0
    return weakest(
        (ratio(signs.train_now, signs.unit), LEFT),
        (-signs.train_slope, SLOPE),
        (slow, 1.0),
        (best_late, 1.0),
        (signs.share_done, 0.99),
    )


def advise(signs: Signs) -> Advice:
    """Say that the run ended too early for its rate."""
    return Advice(
        code=SPEC.key,
        mood="note",
        sentence=text(
            "The learning rate is too low for so few epochs: the model was still learning when the run ended."
        ),
        evidence=(
            text(
                "The training loss fell from {start} to {now} and was still falling by {slope} % with every check.",
                start=signs.train_start,
                now=signs.train_now,
                slope=round(-100 * signs.train_slope),
            ),
            text("The lowest validation loss was that of the last check, {loss}.", loss=signs.lowest.loss),
            text(
                "The learning rate is {rate}, over {epochs} epochs.",
                rate=signs.case.settings.learning_rate,
                epochs=round(signs.epochs, 1),
            ),
        ),
        remedies=remedies.chosen(remedies.rate(signs, 3), remedies.more_epochs(signs), remedies.find_rate()),
    )
