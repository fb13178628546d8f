"""The training harms the model: it answers worse than before the first step, and not because it learned by heart.

Seen where the network behaves otherwise while it trains than when it answers: batch normalisation over few, similar
pictures, strong dropout or augmentation, and rates that are a little too high.
"""

from __future__ import annotations

from ftstudio.core.advice import Advice, Remedy
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.doctor import remedies
from ftstudio.doctor.rule import RuleSpec, weakest
from ftstudio.doctor.signs import Signs, ratio

SPEC = RuleSpec(key="getting_worse", title=N_("Getting worse"), order=25)

OTHERWISE = 2.0  # training loss of the very first steps against the validation loss before them
DAMAGE = 1.25  # validation loss of late against that before the first step
LOST = 2.0  # standard errors that the score has fallen
UNKNOWN = 0.1  # training loss of late, in units of chance: training rows are not known by heart either


def strength(signs: Signs) -> float:
    """Return how surely score and loss are worse than at the start, without training rows known by heart."""
    return weakest(
        (ratio(signs.valid_now, signs.checks[0].loss), DAMAGE),
        (ratio(-signs.gain, signs.noise), LOST),
        (ratio(signs.train_now, signs.unit), UNKNOWN),
    )


def _computes_otherwise(signs: Signs) -> bool:
    """Whether the network answers otherwise in training than in use, seen before anything was learned."""
    return signs.train_first >= OTHERWISE * signs.checks[0].loss


def _remedies(signs: Signs) -> tuple[Remedy, ...]:
    if _computes_otherwise(signs):
        return remedies.chosen(remedies.stop(), remedies.head_only(signs), remedies.larger_batch(signs))
    return remedies.chosen(
        remedies.stop(), remedies.freeze_deeper(signs), remedies.rate(signs, 1 / 3), remedies.find_rate()
    )


def _otherwise(signs: Signs) -> tuple[Text, ...]:
    if not _computes_otherwise(signs):
        return ()
    return (
        text(
            "Even in the very first steps the training loss was {first}, while validation rows had {start}: this "
            "network computes differently while it trains (batch normalisation), and few rows throw it off.",
            first=signs.train_first,
            start=signs.checks[0].loss,
        ),
    )


def advise(signs: Signs) -> Advice:
    """Say how much was lost, and what disturbs a pretrained model less."""
    case, start = signs.case, signs.checks[0]
    return Advice(
        code=SPEC.key,
        mood="error",
        sentence=text(
            "The training makes the model worse: it answers validation rows worse than before the first step."
        ),
        evidence=(
            *_otherwise(signs),
            text(
                "Validation {metric}: {score} of late, {start} before the first step; luck explains {noise}.",
                metric=text(case.metric_title),
                score=signs.score_now,
                start=start.score,
                noise=2 * signs.noise,
            ),
            text(
                "Validation loss: {now} of late, {start} before the first step.", now=signs.valid_now, start=start.loss
            ),
            text("Training loss: {now} of late, {start} at the start.", now=signs.train_now, start=signs.train_start),
            text("The model from step {step}, the best so far, is kept.", step=signs.best.step),
        ),
        remedies=_remedies(signs),
    )
