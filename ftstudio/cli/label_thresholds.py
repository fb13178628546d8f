"""What `ftstudio calibrate` does for runs that give several labels: choose from which probability on each is given."""

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


def parted(word: str) -> tuple[str, float | str]:
    """Return label and threshold of `LABEL=0.3` or `LABEL=auto`; raises `ValueError`."""
    label, equals, written = word.rpartition("=")
    if not equals or not label:
        raise ValueError(word)
    return label, AUTO if written == AUTO else float(written)


def decided(
    run: RunSummary, dataset: Dataset, before: Decision, every: float | str | None, some: Sequence[tuple[str, Any]]
) -> Decision:
    """Return the decision with the wanted thresholds: `every` for all labels, then `some` by their labels.

    `AUTO` is where F1 is best on validation rows, if they show that. Raises `InputError` for unknown labels, for
    thresholds that are no probability, and where there are no validation rows to choose by.
    """
    from ftstudio.core.deciding import USUAL
    from ftstudio.core.states import Split
    from ftstudio.planning.quality.label_thresholds import look

    looked = look(run.layout, dataset, Split.VALIDATION)
    by_validation = looked.by_validation
    wanted = dict(before.thresholds)
    for label, at in [*((label, every) for label in looked.labels if every is not None), *some]:
        if label not in looked.labels:
            raise InputError(
                text("“{label}” is none of the labels.", label=label),
                text("Choose one of: {choices}.", choices=", ".join(looked.labels)),
                field="threshold_of",
            )
        if at == AUTO and by_validation is None:
            raise InputError(
                text("This run has no validation rows to choose by."),
                text("Give the value yourself, or train again on data with validation rows."),
                field="threshold",
            )
        wanted[label] = (by_validation or {}).get(label, USUAL) if at == AUTO else _a_share(float(at))
    kept = {label: at for label, at in wanted.items() if at != USUAL}
    return before.model_copy(update={"thresholds": kept})


def _a_share(value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise InputError(
            text("“{field}” cannot be {value}.", field="threshold", value=str(value)),
            text("A threshold is a probability between 0 and 1."),
            field="threshold",
        )
    return value


def names(run: RunSummary, dataset: Dataset) -> list[str]:
    """Return the labels of a run."""
    from ftstudio.planning.answers import open_stored

    return open_stored(run.layout, dataset, edited=True).labels


def figures(run: RunSummary, dataset: Dataset, decision: Decision, splits: Sequence[str]) -> dict[str, Any]:
    """Return how the rows of each split fare under a decision: metrics, and each label under `labels`."""
    from ftstudio.core.states import Split
    from ftstudio.planning.quality.label_thresholds import look

    found = {}
    for split in splits:
        looked = look(run.layout, dataset, Split(split))
        if not len(looked.shares):
            continue
        each = {label: looked.effect(label, decision.thresholds.get(label, 0.5)) for label in looked.labels}
        found[split] = looked.rates(decision.thresholds) | {
            "labels": {
                label: {"threshold": one.threshold, "precision": one.precision, "recall": one.recall, "f1": one.f1}
                for label, one in each.items()
            }
        }
    return found
