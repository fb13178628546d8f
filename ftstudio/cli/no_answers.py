"""What `ftstudio calibrate` does for runs that find answers in texts: choose when they say that there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ftstudio.core.errors import InputError
from ftstudio.core.text import text

if TYPE_CHECKING:
    from ftstudio.core.deciding import Decision
    from ftstudio.datasets.store import Dataset
    from ftstudio.project.runs import RunSummary

AUTO = "auto"


def decided(run: RunSummary, dataset: Dataset, before: Decision, wanted: float | str | None) -> Decision:
    """Return the decision with the wanted margin; `AUTO` is where F1 is best on validation rows, if they show that.

    Raises `InputError` where there are no validation rows to choose by, or the margin is out of range.
    """
    from ftstudio.core.states import Split
    from ftstudio.planning.extract_answers import read_margins
    from ftstudio.planning.quality.no_answer import best_margin

    if wanted is None:
        return before
    if wanted == AUTO:
        rows = read_margins(run.layout, dataset, Split.VALIDATION)
        if not len(rows.margin):
            raise InputError(
                text("This run has no validation rows to choose by."),
                text("Give the value yourself, or train again on data with validation rows."),
            )
        return before.model_copy(update={"no_answer_margin": best_margin(rows)})
    if not -1000 <= float(wanted) <= 1000:
        raise InputError(
            text("“{field}” cannot be {value}.", field="no_answer", value=str(wanted)),
            text("It lies between -1000 and 1000; 0 gives what is likelier."),
            field="no_answer",
        )
    return before.model_copy(update={"no_answer_margin": float(wanted)})


def figures(run: RunSummary, dataset: Dataset, decision: Decision, splits: Sequence[str]) -> dict[str, Any]:
    """Return how the questions of each split fare under a decision."""
    import math
    from dataclasses import asdict

    from ftstudio.core.states import Split
    from ftstudio.planning.extract_answers import read_margins

    found = {}
    for split in splits:
        rows = read_margins(run.layout, dataset, Split(split))
        if len(rows.margin):
            effect = asdict(rows.effect(decision.no_answer_margin))
            found[split] = {key: value for key, value in effect.items() if key != "margin" and not math.isnan(value)}
    return found
