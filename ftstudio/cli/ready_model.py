"""Puts a model into a form that can be loaded: torchvision checkpoints and some starters are converted once."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio.cli.jobs import run_job

if TYPE_CHECKING:
    from ftstudio.models.records import ModelRecord
    from ftstudio.project.store import Project


def ready(arguments: argparse.Namespace, record: ModelRecord) -> ModelRecord:
    """Return the model as it can be loaded; one that needs no preparing, or was prepared before, costs nothing."""
    from ftstudio.models.library import read_model

    if not record.needs_preparing:
        return record
    options = {"starter": record.starter} if record.starter else {"path": str(record.path)}
    prepared = read_model(Path(run_job(arguments, "prepare_model", None, options)["path"]))
    return dataclasses.replace(prepared, name=record.name, origin=record.origin)


def ready_model_of(arguments: argparse.Namespace, project: Project) -> None:
    """Prepare the model that `project` refers to on this computer, as is needed after it came from another one."""
    from ftstudio.planning.facts import locate_model
    from ftstudio.project.modelbook import remember

    record = locate_model(project.file.model)
    if record.needs_preparing and project.file.model:
        remember(project.file.model, ready(arguments, record).path)
