"""The job `predict_table`: answers of a run's model to all rows of a file, written as a table beside what they had."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio.core import catalog
from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.manner import Manner
from ftstudio.core.messages import Request
from ftstudio.core.options import read
from ftstudio.core.specs import Answer, ColumnRole, JobSpec, TaskSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_, language, use
from ftstudio.datasets import new_rows, row_files
from ftstudio.project import atomic, disk_errors, leftovers
from ftstudio.project.own_files import is_own

if TYPE_CHECKING:
    from ftstudio.engine.context import JobContext
    from ftstudio.project.layout import ProjectLayout

SPEC = JobSpec(key="predict_table", title=N_("Prediction of a whole file"))


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Answer every row; returns how many were, and what was written where.

    Options: `run`, `source` (a table, or a folder of texts or pictures), `to` (its ending is the form of the table),
    `columns` (role to column, where it is not that of the training), `shares` (also write the probability of each
    label), `overwrite`, `language` (of the reasons in the table), `manner` (how a text is written). The table appears
    whole or not at all.
    """
    from ftstudio.project.runs import find_run

    options, began = request.options, time.perf_counter()
    use(str(options.get("language") or language()))
    project = context.project()
    task: TaskSpec = catalog.tasks().spec(project.file.task)
    summary = find_run(project.layout, options.get("run"))
    manner = read(Manner, options.get("manner") or {})
    source = new_rows.look(Path(str(options.get("source") or "")), task.modality)
    trained = _roles(project.layout)
    roles = new_rows.settle(
        source, new_rows.needed(task.modality, trained), trained, _chosen(options.get("columns") or {})
    )
    overwrite = bool(options.get("overwrite"))
    target = _target(str(options.get("to") or ""), source.path, project.layout, overwrite=overwrite)
    from ftstudio.engine.inference import answering, batch_prediction  # after the checks, as torch takes seconds
    from ftstudio.engine.runs import write_errors  # after the checks, as torch takes seconds

    context.progress(text("Loading the model"))
    model = replace(answering.load(summary), manner=manner)
    tally, loaded = batch_prediction.Tally(), time.perf_counter()

    def tick(done: int, total: int) -> None:
        context.control.check()
        context.progress(text("Predicting"), done, total)

    shares = bool(options.get("shares")) and model.task.SPEC.answer in (Answer.LABEL, Answer.LABELS)
    with write_errors.told(target), atomic.room_for(target), atomic.building_file(target, replace=overwrite) as file:
        with row_files.create(file, target.suffix.lower()) as table:
            for rows in batch_prediction.answer_all(model, source, roles, tally, tick, shares=shares):
                table.write(rows)
        context.control.check()
    ended = time.perf_counter()
    return {
        "run": model.run,
        "path": str(target),
        "rows": tally.rows,
        "answered": tally.answered,
        "unknown": tally.unknown,
        "unreadable": tally.rows - tally.answered,
        "labels": dict(tally.labels.most_common()),
        "reasons": dict(tally.reasons.most_common(20)),
        "read": {role.value: column for role, column in roles.items()},
        "columns": batch_prediction.columns_of(
            source.columns, model.bundle.labels if shares else (), model.task.SPEC.answer
        ),
        "seconds": ended - began,
        "rows_per_second": tally.rows / max(1e-9, ended - loaded),
    }


def _roles(project: ProjectLayout) -> Mapping[ColumnRole, str]:
    """Return which column meant what in training; nothing where the data is gone."""
    from ftstudio.datasets.store import Dataset

    try:
        return Dataset.open(project.data).roles
    except StudioError:
        return {}


def _chosen(columns: Mapping[str, str]) -> dict[ColumnRole, str]:
    try:
        return {ColumnRole(role): column for role, column in columns.items()}
    except ValueError as error:
        raise InputError(
            text("A column cannot be chosen like this: {reason}.", reason=str(error)),
            text("The meanings are: {roles}.", roles=", ".join(role.value for role in ColumnRole)),
            field="column",
        ) from error


def _target(wanted: str, source: Path, project: ProjectLayout, *, overwrite: bool) -> Path:
    """Return where the table goes, after refusing every place it must not go; nothing is written yet."""
    if not wanted.strip():
        raise InputError(text("There is no name for the table."), text("Give a file to write it to."), field="to")
    target = Path(os.path.normpath(Path(wanted).expanduser().absolute()))
    row_files.check_ending(target)
    if os.path.realpath(target) == os.path.realpath(source) or is_own(project, target):
        raise InputError(
            text("“{path}” must stay as it is.", path=str(target)),
            text("Write the answers to another file, outside of the project's own folders."),
            field="to",
            file=str(target),
        )
    if target.is_dir() or (os.path.lexists(target) and not overwrite):
        raise InputError(
            text("“{path}” exists already.", path=str(target)),
            text("Choose another name, or allow it to be replaced (--overwrite)."),
            field="to",
            file=str(target),
        )
    _check_writable(target)
    return target


def _check_writable(target: Path) -> None:
    """Raise `InputError` if nothing can be written there: minutes of work must not end so."""
    folder = next(folder for folder in target.parents if folder.exists())
    leftovers.sweep(folder)
    probe = atomic.temporary_sibling(folder / target.name)
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise disk_errors.refuse(error, target) from error
