"""The answers of several runs to exactly the same rows with the same truth; anything else is refused.

Runs are comparable although labels of other rows were mended between them, but not when the rows or the truth they
were scored by differ: then one of them had an easier task.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.errors import InputError
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.datasets.splits import together
from ftstudio.datasets.store import Dataset
from ftstudio.planning.answers import Answers, read_answers
from ftstudio.project import seal
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import RunSummary

Labels = NDArray[np.int64]
SPLIT_NAMES = {Split.VALIDATION: N_("validation"), Split.TEST: N_("test")}


@dataclass(frozen=True)
class SameRows:
    """Rows that all runs answered. `truth` and each of `answers` (one a run) number the labels `names`, shape [rows].

    `units` are equal for rows that belong together: copies, and rows of one group.
    """

    split: Split
    names: list[str]
    truth: Labels
    answers: tuple[Labels, ...]
    units: Labels


def split_to_compare(project: ProjectLayout, runs: Sequence[RunSummary]) -> Split:
    """Return the test rows where those of all runs have been opened, else the validation rows."""
    opened = all(Split.TEST.value in seal.visible_splits(project, run) for run in runs)
    return Split.TEST if opened else Split.VALIDATION


def same_rows(runs: Sequence[RunSummary], dataset: Dataset, split: Split) -> SameRows:
    """Return what the runs answered to the rows of a split.

    Raises `InputError` when a run has no answers to them, when they are damaged or of other data, and when the rows
    or their labels are not the same for all.
    """
    found = [_of_split(run, dataset, split) for run in runs]
    first, names = found[0], list(found[0].labels)
    for run, other in zip(runs[1:], found[1:], strict=True):
        if not np.array_equal(first.place, other.place):
            raise _differ(runs[0], run, text("they were scored on different rows"))
        names += [name for name in other.labels if name not in names]
    truths = [_renumbered(one.label, one.labels, names) for one in found]
    for run, truth in zip(runs[1:], truths[1:], strict=True):
        changed = int(np.count_nonzero(truth != truths[0]))
        if changed:
            raise _differ(runs[0], run, text("the labels of {count} rows were changed between them", count=changed))
    known = truths[0] >= 0
    answers = tuple(_renumbered(one.predicted, one.labels, names)[known] for one in found)
    return SameRows(split, names, truths[0][known], answers, _units(dataset, first.place)[known])


def _of_split(run: RunSummary, dataset: Dataset, split: Split) -> Answers:
    answers = read_answers(run.layout, dataset, edited=True)
    mine = answers.of(split)
    if not (mine & (answers.label >= 0)).any():
        raise InputError(
            text("The run “{run}” was not scored on {split} rows.", run=run.name, split=text(SPLIT_NAMES[split])),
            text("Choose other runs. The final run of a cross-validation has learned from its validation rows."),
            field="runs",
        )
    order = np.argsort(answers.place[mine], kind="stable")
    rows = np.flatnonzero(mine)[order]
    return Answers(
        labels=answers.labels,
        split=answers.split[rows],
        row=answers.row[rows],
        place=answers.place[rows],
        label=answers.label[rows],
        logits=answers.logits[rows],
        later=answers.later,
    )


def _renumbered(numbers: Labels, labels: Sequence[str], names: Sequence[str]) -> Labels:
    """Return labels numbered by one list as numbers of another; -1 stays."""
    places = np.array([*(names.index(label) for label in labels), -1], dtype=np.int64)
    return places[numbers]


def _units(dataset: Dataset, place: Labels) -> Labels:
    """Return a number for each row, equal for rows that belong together; rows removed since stand alone."""
    view = dataset.view
    units = together(view.groups, view.same)
    at = np.minimum(np.searchsorted(view.index, place), max(0, len(view) - 1))
    alone = len(units) + np.arange(len(place))
    return np.where(view.index[at] == place, units[at], alone) if len(view) else alone


def _differ(first: RunSummary, second: RunSummary, reason: Text) -> InputError:
    return InputError(
        text("“{first}” and “{second}” cannot be compared: {reason}.", first=first.name, second=second.name,
             reason=reason),
        text("Train one of them again on the data as it is now."),
        field="runs",
    )  # fmt: skip
