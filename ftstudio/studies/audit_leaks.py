"""The study `audit_leaks`: whether rows that judge the model occur again, exactly or nearly, in what it learns from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftstudio.core.messages import Request
from ftstudio.core.options import Options, option
from ftstudio.core.specs import Answer, StudySpec
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.context import JobContext


class AuditOptions(Options):
    """How alike texts must be to count, and whether the model is asked, too."""

    alike: float = option(
        0.8,
        N_("Alike from"),
        N_("The share of character groups that two texts must have in common to count as nearly the same."),
        ge=0.7,
        le=1.0,
    )
    embeddings: bool = option(
        True,
        N_("Also compare by the model"),
        N_("Finds rows that the unchanged model takes for nearly the same: paraphrases, other views. Runs it once."),
    )
    max_rows: int = option(
        5_000,
        N_("Rows at most"),
        N_("How many rows of each part are compared by the model. More take longer."),
        ge=20,
        le=100_000,
    )


SPEC = StudySpec(
    key="audit_leaks",
    title=N_("Leak audit"),
    question=N_("Do the rows that judge the model occur again in what it learns from?"),
    summary=N_(
        "Looks for rows of the validation and test data that are also in the training data: the same, nearly the same, "
        "of the same group, or alike to the model. Takes seconds, and one pass of the model over the rows."
    ),
    stage="data",
    options=AuditOptions,
    answers=frozenset({Answer.LABEL, Answer.LABELS, Answer.NUMBER, Answer.SPANS}),
    order=5,
)


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Audit the project's data; returns the counts by kind and parts, and the score without the rows found."""
    from ftstudio.engine.guards.leaks import audit
    from ftstudio.engine.guards.studies import begin

    return audit(begin(request, context, AuditOptions))
