"""The study `find_lr`: which learning rate suits this model, this data and these settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftstudio.core.messages import Request
from ftstudio.core.options import Options, option
from ftstudio.core.specs import Answer, StudySpec
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.context import JobContext


class FindRateOptions(Options):
    """Between which rates to look, in how many steps, how often."""

    lowest_rate: float = option(
        1e-6,
        N_("Lowest rate"),
        N_("Where the learning rate begins. Start lower when the test says that the loss runs away at once."),
        ge=1e-12,
        le=1.0,
    )
    highest_rate: float = option(
        0.1,
        N_("Highest rate"),
        N_("Where it would end; the test stops by itself as soon as the model is being destroyed."),
        ge=1e-11,
        le=10.0,
    )
    steps: int = option(
        60,
        N_("Steps"),
        N_("How many steps the rate takes from the lowest to the highest. More are finer and take longer."),
        ge=10,
        le=2_000,
    )
    seeds: int = option(
        1,
        N_("Repetitions"),
        N_("How often the test is made, each time with other batches; their spread is drawn as a band."),
        ge=1,
        le=20,
    )


SPEC = StudySpec(
    key="find_lr",
    title=N_("Find the learning rate"),
    question=N_("How big may the steps be for this model and this data?"),
    summary=N_(
        "Trains for a few dozen steps while the learning rate rises, watches rows that nothing is learned from, and "
        "puts everything back as it was. It takes about as long as twice as many steps of a run."
    ),
    stage="settings",
    options=FindRateOptions,
    answers=frozenset(Answer),
    order=20,
)


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Find the rate; returns `suggested`, `band`, `limit`, `current`, the losses, and the rate of each group."""
    from ftstudio.engine.guards.range_study import find
    from ftstudio.engine.guards.studies import begin

    return find(begin(request, context, FindRateOptions))
