"""The study `rehearse`: measures what a training run will need, before it is started, and whether that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftstudio.core.messages import Request
from ftstudio.core.options import Options, option
from ftstudio.core.specs import Answer, StudySpec
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.context import JobContext


class RehearseOptions(Options):
    """How much there is, and whether to look for another way where it does not suffice."""

    memory_limit: str = option(
        "",
        N_("Memory limit"),
        N_("How much memory training may take, such as 2GB or 800MB. Empty: what is free now."),
    )
    alternatives: bool = option(
        True,
        N_("Measure other settings if it does not fit"),
        N_("Tries fewer rows at once, shorter texts, LoRA and fewer layers, each for three steps."),
    )


SPEC = StudySpec(
    key="rehearse",
    title=N_("Rehearsal"),
    question=N_("Will it fit, and how long will it take?"),
    summary=N_(
        "Takes three real steps on the longest rows, one check, and writes and reads one checkpoint, all thrown away "
        "afterwards. Takes a few seconds, and about as long again for each other setting where it does not fit."
    ),
    options=RehearseOptions,
    answers=frozenset(Answer),
    order=10,
)


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Rehearse a run of the project; returns the `rehearse` document."""
    from ftstudio.engine.guards.rehearsal_report import carry_out
    from ftstudio.engine.guards.studies import begin

    return carry_out(begin(request, context, RehearseOptions))
