"""The study `find_label_errors`: which labels are probably wrong, ranked, so that people look at those rows first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftstudio.core.messages import Request
from ftstudio.core.options import Options, option
from ftstudio.core.specs import Answer, StudySpec
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.context import JobContext

SOURCES = {
    "auto": N_("The latest cross-validation, if it fits; else quick folds"),
    "quick": N_("Quick folds on the unchanged model"),
    "cross_validation": N_("The latest cross-validation"),
}


class FindLabelErrorsOptions(Options):
    """Whose answers the labels are judged by."""

    answers: str = option(
        "auto",
        N_("Judged by"),
        N_(
            "Every label is compared with the answer of a model that had not learned from that row. Quick folds take "
            "hardly longer than one pass over the rows; marked places and answers in texts need a cross-validation."
        ),
        choices=SOURCES,
    )
    repeats: int = option(
        3,
        N_("Rounds of folds"),
        N_("How often the rows are divided anew for quick folds; the mean of several rounds is surer."),
        ge=1,
        le=10,
    )


SPEC = StudySpec(
    key="find_label_errors",
    title=N_("Label doctor"),
    question=N_("Which labels are probably wrong?"),
    summary=N_(
        "Asks models that had not learned from a row what its label should be, and lists the rows where they disagree "
        "with it most. You then look at these rows and fix or keep each label. The test rows are left out until they "
        "are opened."
    ),
    stage="data",
    options=FindLabelErrorsOptions,
    answers=frozenset({Answer.LABEL, Answer.LABELS, Answer.NUMBER, Answer.SPANS, Answer.EXTRACT}),
    order=25,
)


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Rank all rows by doubt in their labels; returns how many are probably wrong, by label, and the first rows."""
    from ftstudio.engine.guards import label_errors_study, place_errors_study, shaped_errors_study
    from ftstudio.engine.guards.studies import begin

    study = begin(request, context, FindLabelErrorsOptions)
    if study.task.SPEC.answer in (Answer.LABELS, Answer.NUMBER):
        return shaped_errors_study.find(study)
    has_places = study.task.SPEC.answer.has_places
    return place_errors_study.find(study) if has_places else label_errors_study.find(study)
