"""The study `baselines`: what simple ways of answering score, which a fine-tuned model has to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftstudio.core.messages import Request
from ftstudio.core.options import Options, option
from ftstudio.core.specs import Answer, StudySpec
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.context import JobContext


class BaselineOptions(Options):
    """How many rows the frozen features are made for, and whether to train from random weights."""

    max_rows: int = option(
        2_000,
        N_("Rows at most"),
        N_("From how many training rows the features of the unchanged model are made; half as many are scored."),
        ge=20,
        le=1_000_000,
    )
    random_weights: bool = option(
        False,
        N_("Also from random weights"),
        N_("Trains the same network without its pretraining, with the same loop for as many steps: takes a whole run."),
    )


SPEC = StudySpec(
    key="baselines",
    title=N_("Baselines"),
    question=N_("What do simple answers score, which training has to beat?"),
    summary=N_(
        "Scores the commonest label, a bag of words (for texts) and a linear layer on the unchanged model, on the same "
        "validation and test rows; of places, what words and sentences alone tell. Takes less than a minute on a few "
        "thousand rows."
    ),
    stage="results",
    options=BaselineOptions,
    answers=frozenset({Answer.LABEL, Answer.LABELS, Answer.NUMBER, Answer.SPANS, Answer.EXTRACT}),
    order=10,
)


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Score the simple ways; returns them as `baselines`, each with its metrics by split and its seconds."""
    from ftstudio.engine.guards.baselines_study import measure
    from ftstudio.engine.guards.studies import begin

    return measure(begin(request, context, BaselineOptions))
