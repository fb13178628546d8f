"""The answers of a cross-validation to rows it had not learned from, one a row: what finding wrong labels needs.

They are worth nothing once the data has changed, so they are never handed out for other data than they were made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.datasets.manifest import Edit
from ftstudio.datasets.store import Dataset
from ftstudio.datasets.writing import open_table
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.studies import StudyReport, latest

STUDY = "cross_validate"
FILE = "predictions.arrow"


@dataclass(frozen=True)
class OutOfFold:
    """`table` has `split`, `row`, `label` and `logits` as a run's predictions, and `fold` and `place` (in the stored
    table); `labels` names the classes; `later` are the changes made to the data since.
    """

    folder: Path
    table: pa.Table
    labels: list[str]
    later: tuple[Edit, ...] = ()


def is_stale(report: StudyReport, dataset: Dataset) -> bool:
    """Whether the data has changed since a study was made."""
    return report.data_fingerprint != dataset.fingerprint


def latest_answers(project: ProjectLayout, dataset: Dataset, *, edited: bool = False) -> OutOfFold:
    """Return the answers of the latest cross-validation; `edited` allows changes that can be undone since.

    Raises `InputError` when there is none, when its file is damaged, and when the data has changed since.
    """
    study = latest(project, STUDY)
    later = dataset.edits_since(study.report.data_fingerprint)
    if later is None or (later and not edited):
        raise InputError(
            text("The data has changed since the folds were made, so their answers no longer belong to it."),
            text("Run the cross-validation again: `ftstudio cross-validate`."),
            file=str(study.folder),
        )
    try:
        if not study.is_whole(FILE):
            raise OSError(text("it is not as it was written").render())
        labels = [str(one) for one in study.report.numbers["labels"]]
        return OutOfFold(study.folder, open_table(study.folder / FILE), labels, later)
    except (OSError, pa.ArrowInvalid, KeyError) as error:
        raise damaged(study.folder, error) from error


def damaged(folder: Path, error: Exception) -> InputError:
    """Return the error that says why the answers of a cross-validation are of no use."""
    return InputError(
        text("The answers of the cross-validation cannot be read: {reason}", reason=str(error)),
        text("Run the cross-validation again: `ftstudio cross-validate`."),
        file=str(folder),
    )
