"""The study `learning_curve`: whether more data would help, how much, and for which class most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftstudio.core.messages import Request
from ftstudio.core.options import Options, option
from ftstudio.core.specs import Answer, StudySpec
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.context import JobContext


class LearningCurveOptions(Options):
    """How often each share of the rows is drawn."""

    repeats: int = option(
        1,
        N_("Repeats"),
        N_("How often each share of the rows is drawn anew and trained on. More are surer and take longer."),
        ge=1,
        le=10,
    )


SPEC = StudySpec(
    key="learning_curve",
    title=N_("Will more data help?"),
    question=N_("Would more data make the model better, and of which class?"),
    summary=N_(
        "Trains on a quarter, a half, three quarters and all of the training rows, and draws the curve through the "
        "scores on to twice the rows. Takes about two and a half runs; with frozen layers hardly longer than one."
    ),
    stage="results",
    options=LearningCurveOptions,
    answers=frozenset({Answer.LABEL, Answer.LABELS, Answer.NUMBER, Answer.SPANS, Answer.EXTRACT}),
    order=50,
)


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Measure the curve; returns the scores by share and the forecast for twice the rows, overall and by class."""
    from ftstudio.engine.guards.learning_curves import learning_curve
    from ftstudio.engine.guards.studies import begin

    return learning_curve(begin(request, context, LearningCurveOptions))
