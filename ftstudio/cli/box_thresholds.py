"""What `ftstudio calibrate` does for runs that draw boxes: choose from which probability on a box is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftstudio.core.errors import InputError
from ftstudio.core.text import text

if TYPE_CHECKING:
    from ftstudio.core.deciding import Decision
    from ftstudio.datasets.store import Dataset
    from ftstudio.project.runs import RunSummary
    from ftstudio.project.store import Project

AUTO = "auto"


def calibrate(
    project: Project, run: RunSummary, wanted: float | str | None, *, reset: bool, changes: bool
) -> dict[str, Any]:
    """Choose, store and return from when on the run draws boxes, with figures before and after.

    `AUTO` is where F1 is best on validation rows. Raises `InputError` where there are none, or for what is no
    probability.
    """
    from ftstudio.core.deciding import AS_TRAINED
    from ftstudio.datasets.store import Dataset
    from ftstudio.project.decisions import read_decision, write_decision
    from ftstudio.project.schema import now
    from ftstudio.project.seal import visible_splits

    dataset, before = Dataset.open(project.layout.data), read_decision(run.layout)
    after = AS_TRAINED if reset else before
    if wanted is not None:
        after = after.model_copy(update={"threshold": _threshold(run, dataset, wanted)})
    if changes:
        after = after.model_copy(update={"chosen": now()})
        write_decision(run.layout, after)
    splits = visible_splits(project.layout, run)
    return {
        "run": run.id,
        "decision": after.model_dump(),
        "labels": [],
        "before": _figures(run, dataset, before, splits),
        "after": _figures(run, dataset, after, splits),
        "notes": [],
    }


def _threshold(run: RunSummary, dataset: Dataset, wanted: float | str) -> float:
    from ftstudio.core.states import Split
    from ftstudio.planning.quality.boxes import look

    if wanted == AUTO:
        seen = look(run.layout, dataset, Split.VALIDATION)
        if not seen.pictures:
            raise InputError(
                text("This run has no validation rows to choose by."),
                text("Give the value yourself, or train again on data with validation rows."),
            )
        return seen.best
    if not 0 <= float(wanted) <= 1:
        raise InputError(
            text("“{field}” cannot be {value}.", field="threshold", value=str(wanted)),
            text("A threshold is a probability between 0 and 1."),
            field="threshold",
        )
    return float(wanted)


def _figures(run: RunSummary, dataset: Dataset, decision: Decision, splits: list[str]) -> dict[str, Any]:
    """Return how the boxes of each split fare, all kinds together, and how things of each size are found."""
    from ftstudio.core.states import Split
    from ftstudio.planning.quality.boxes import look

    found = {}
    for split in splits:
        seen = look(run.layout, dataset, Split(split))
        effect = seen.effect(None, decision.threshold)
        sizes = {one.size: {"things": one.there, "map_50": one.map_50, "map": one.map} for one in seen.sizes}
        figures = {"threshold": effect.threshold, "precision": effect.precision, "recall": effect.recall}
        found[split] = figures | {"f1": effect.f1, "sizes": sizes}
    return found
