"""The finding that a search for wrong labels leaves behind: how many rows it doubts that nobody has decided about."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ftstudio.core.errors import InputError
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.checks import MOST_ROWS
from ftstudio.datasets.store import Dataset
from ftstudio.planning import doubts
from ftstudio.project.layout import ProjectLayout

CODE = "doubtful_labels"
FIXED_ONE_BY_ONE = frozenset({Answer.LABEL, Answer.LABELS, Answer.NUMBER})
LOOK = "label_doctor"
"""The key of the remedy: to look at the rows, which only a person can do."""


def latest_search(project: ProjectLayout) -> str:
    """Return the name of the folder of the latest search, empty if there was none; reads no file."""
    return max((path.name for path in project.studies.glob(f"[!.]*-{doubts.STUDY}*")), default="")


def findings(project: ProjectLayout, dataset: Dataset) -> Iterator[Problem]:
    """Report the labels that the latest search doubts and nobody has fixed or kept; nothing where it no longer fits."""
    if not latest_search(project):
        return
    try:
        found = doubts.latest_doubts(project, dataset)
    except InputError:
        return
    if found is None or not (undecided := found.undecided).any():
        return
    rows = found.table["row"].to_numpy()[: found.probable][undecided]
    yield Problem(
        severity=Severity.NOTE,
        code=CODE,
        message=text_plural("{count} label looks doubtful.", "{count} labels look doubtful.", len(rows)),
        hint=text("Models that had not learned from these rows firmly disagree with their labels."),
        count=len(rows),
        rows=tuple(int(row) for row in np.sort(rows[:MOST_ROWS])),
        fix=Fix(key=LOOK, label=text("Look at them one by one")) if dataset.answer in FIXED_ONE_BY_ONE else None,
    )
