"""The answers of a cross-validation to rows it had not learned from, one a row: what finding wrong labels needs.

They are worth nothing once the data has changed, so they are never handed out for other data than they were made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import ipc

from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.datasets.store import Dataset
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.studies import StudyReport, latest

STUDY = "cross_validate"
FILE = "predictions.arrow"


@dataclass(frozen=True)
class OutOfFold:
    """`table` has `split`, `row`, `label` and `logits` as a run's predictions, and `fold` and `place` (in the stored
    table); `labels` names the classes.
    """

    folder: Path
    table: pa.Table
    labels: list[str]


def is_stale(report: StudyReport, dataset: Dataset) -> bool:
    """Whether the data has changed since a study was made."""
    return report.data_fingerprint != dataset.fingerprint


def latest_answers(project: ProjectLayout, dataset: Dataset) -> OutOfFold:
    """Return the answers of the latest cross-validation.

    Raises `InputError` when there is none, when its file is damaged, and when the data has changed since.
    """
    study = latest(project, STUDY)
    if is_stale(study.report, dataset):
        raise InputError(
            text("The data has changed since the folds were made, so their answers no longer belong to it."),
            text("Run the cross-validation again: `ftstudio cross-validate`."),
            file=str(study.folder),
        )
    try:
        with ipc.open_file(str(study.folder / FILE)) as reader:
            return OutOfFold(study.folder, reader.read_all(), [str(one) for one in study.report.numbers["labels"]])
    except (OSError, pa.ArrowInvalid, KeyError) as error:
        raise InputError(
            text("The answers of the cross-validation cannot be read: {reason}", reason=str(error)),
            text("Run the cross-validation again: `ftstudio cross-validate`."),
            file=str(study.folder),
        ) from error
