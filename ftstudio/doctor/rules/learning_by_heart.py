"""Learning by heart: training rows are learned and nothing carries over to others, as if labels were shuffled."""

from __future__ import annotations

from ftstudio.core.advice import Advice
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.doctor import remedies
from ftstudio.doctor.rule import RuleSpec, weakest
from ftstudio.doctor.signs import Signs, ratio, standard_error

SPEC = RuleSpec(key="learning_by_heart", title=N_("Learning by heart"), order=20)

FALL = 0.25  # the share of the training loss that is gone
NO_BETTER = 0.97  # validation loss of late against that of guessing
LUCK = 1.64  # standard errors above guessing that are luck one time in twenty
MUCH_LUCK = 3.0  # the same where the validation loss, too, never told the classes apart
ONCE_KNOWN = 4.0  # the same of the best score, from which on labels do fit the inputs
NEVER = 0.9  # lowest validation loss against that of guessing
BELOW = 1.0  # the lowest validation loss against the training loss of late: rows it learns from are known better
FEWEST = 20  # validation rows, below which guessing cannot be told from knowing


def strength(signs: Signs) -> float:
    """Return how surely training rows are learned while validation rows are only guessed."""
    above, best = signs.over_chance, signs.best_over_chance
    if above is None or best is None or best > ONCE_KNOWN:
        return 0.0
    allowed = MUCH_LUCK if ratio(signs.lowest.loss, signs.unit) >= NEVER else LUCK
    return weakest(
        (signs.train_fall, FALL),
        (ratio(signs.lowest.loss, signs.train_now), BELOW),
        (ratio(signs.valid_now, signs.unit), NO_BETTER),
        (1.0 + (allowed - above) / 4, 1.0),
        (signs.case.validation_rows, FEWEST),
    )


def advise(signs: Signs) -> Advice:
    """Say that nothing carries over, and to look at the labels first."""
    case = signs.case
    return Advice(
        code=SPEC.key,
        mood="error",
        sentence=text(
            "The model learns the training rows by heart and nothing that holds for others: on validation rows it is "
            "hardly better than guessing."
        ),
        evidence=(
            text(
                "The training loss fell by {share} % to {now}.",
                share=round(100 * signs.train_fall),
                now=signs.train_now,
            ),
            text(
                "The validation {metric} of late is {score}; guessing gives {chance}, and {rows} rows can be off by "
                "{noise} through luck.",
                metric=text(case.metric_title),
                score=signs.score_now,
                chance=case.chance_score,
                rows=case.validation_rows,
                noise=MUCH_LUCK * standard_error(case.chance_score or 0.0, case),
            ),
            text(
                "The validation loss is {loss}; a model that only guesses has {chance}.",
                loss=signs.valid_now,
                chance=signs.unit,
            ),
            text("Look whether labels and inputs still belong together, for instance after sorting one column only."),
        ),
        remedies=remedies.chosen(remedies.stop(), remedies.learning_curve(), remedies.freeze_deeper(signs)),
    )
