"""The study `advise_depth`: at which depth the model already tells the classes apart, and so which layers may rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftstudio.core.messages import Request
from ftstudio.core.options import Options, option
from ftstudio.core.specs import Answer, StudySpec
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.context import JobContext


class AdviseDepthOptions(Options):
    """How many rows to look at."""

    max_rows: int = option(
        2_000,
        N_("Rows at most"),
        N_("How many rows go through the model. Of more rows than this, each class gives its share."),
        ge=20,
        le=20_000,
    )


SPEC = StudySpec(
    key="advise_depth",
    title=N_("Depth advisor"),
    question=N_("Which layers must learn, and which may rest?"),
    summary=N_(
        "Runs the rows through the unchanged model once and sees how well a simple answer built on each layer tells "
        "your classes apart. It takes hardly longer than answering those rows once."
    ),
    stage="settings",
    options=AdviseDepthOptions,
    answers=frozenset({Answer.LABEL, Answer.LABELS, Answer.NUMBER}),
    order=15,
)


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Look at every depth; returns the scores by depth, the reason, and the settings that follow (`values`)."""
    from ftstudio.engine.guards.depth_study import advise
    from ftstudio.engine.guards.studies import begin

    return advise(begin(request, context, AdviseDepthOptions))
