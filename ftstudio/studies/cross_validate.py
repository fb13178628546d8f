"""The study `cross_validate`: how good the settings are on rows not learned from, whichever rows those happen to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftstudio.core.messages import Request
from ftstudio.core.options import Options, option
from ftstudio.core.specs import Answer, StudySpec
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.context import JobContext


class CrossValidateOptions(Options):
    """How many folds, and whether a final model follows."""

    folds: int = option(
        5,
        N_("Folds"),
        N_("Into how many parts the rows are divided; each is held back once. More are surer and take longer."),
        ge=2,
        le=20,
    )
    refit: bool = option(
        True,
        N_("Train a final model"),
        N_("Afterwards learns from all training and validation rows, for the middle one of the best steps found."),
    )


SPEC = StudySpec(
    key="cross_validate",
    title=N_("Cross-validation"),
    question=N_("How good is the model really, and does it depend on which rows are held back?"),
    summary=N_(
        "Trains once a fold with the same settings, each time with other rows held back, and then a final model on all "
        "of them. It takes about as long as that many runs; with frozen layers hardly longer than one."
    ),
    stage="results",
    options=CrossValidateOptions,
    answers=frozenset({Answer.LABEL, Answer.LABELS, Answer.NUMBER, Answer.SPANS, Answer.EXTRACT}),
    order=40,
)


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Cross-validate the project's settings; returns the scores with intervals, the best steps and the final run."""
    from ftstudio.engine.guards.cross_validation import cross_validate
    from ftstudio.engine.guards.studies import begin

    return cross_validate(begin(request, context, CrossValidateOptions))
