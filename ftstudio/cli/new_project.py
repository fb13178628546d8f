"""Makes a project whole or not at all: the folder, the model it starts from, and the imported data."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio.cli.jobs import run_job
from ftstudio.cli.ready_model import ready
from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.settings import Overrides
from ftstudio.core.specs import Answer, ColumnRole, TaskSpec
from ftstudio.core.text import text
from ftstudio.datasets.recordings import Way

if TYPE_CHECKING:
    from ftstudio.models.records import ModelRecord
    from ftstudio.project.store import Project


@dataclass(frozen=True)
class Plan:
    """What a new project is made of, as given on the command line."""

    root: Path
    task: str
    model: str
    data: Path
    test_data: Path | None
    roles: dict[ColumnRole, str]
    settings: Overrides
    reading: dict[str, Any]
    label_kind: Answer | None = None
    recordings: Way | None = None


def make_project(arguments: argparse.Namespace, plan: Plan) -> dict[str, Any]:
    """Make the project that `plan` describes and return the `new` document.

    Raises `InputError` for anything that cannot be used; then the disk is as before.
    """
    task: TaskSpec = catalog.tasks().spec(plan.task)
    record = fitting_model(plan.model, task)
    with _new_project(plan.root, task) as project:
        record = ready(arguments, record)
        options = {
            "sources": [str(plan.data.absolute())],
            "test_sources": [str(plan.test_data.absolute())] if plan.test_data else [],
            "roles": {role.value: column for role, column in plan.roles.items()},
            "options": plan.reading,
            "answer": plan.label_kind.value if plan.label_kind else None,
            "recordings": plan.recordings.value if plan.recordings else None,
        }
        document = run_job(arguments, "import_data", project.layout.root, options)
        _save(project, record, plan.settings)
    return {**document, "project": str(plan.root), "task": plan.task}


def fitting_model(reference: str, task: TaskSpec) -> ModelRecord:
    """Return the model that `reference` names; raises `InputError` if it cannot be used or does not fit `task`."""
    from ftstudio.models.compatibility import fits
    from ftstudio.models.library import resolve

    record = resolve(reference)
    why_not = fits(record, task)
    if why_not is None:
        return record
    raise InputError(
        text("The model “{model}” does not fit this task. {reason}", model=record.name, reason=why_not),
        text("“ftstudio models” lists the models on this computer and what each fits."),
        file=str(record.path),
        field="model",
    )


@contextmanager
def _new_project(root: Path, task: TaskSpec) -> Iterator[Project]:
    """Make a project folder that vanishes again (or is as empty as before) when the block fails."""
    from ftstudio.project.atomic import remove_folder
    from ftstudio.project.store import create_project

    was_there = root.is_dir()
    parents = [folder for folder in root.absolute().parents if not folder.exists()]
    project = create_project(root, root.absolute().name, task.key)
    try:
        yield project
        project.close()
    except BaseException:
        project.close()
        remove_folder(project.layout.root)
        if was_there:
            root.mkdir()
        for folder in parents:
            folder.rmdir()
        raise


def _save(project: Project, record: ModelRecord, settings: Overrides) -> None:
    from ftstudio.datasets.store import Dataset
    from ftstudio.project.modelbook import remember
    from ftstudio.project.schema import DataReference, ModelReference

    manifest = Dataset.open(project.layout.data).manifest
    model = ModelReference(name=record.name, source=record.origin, fingerprint=record.fingerprint)
    data = DataReference(name=manifest.name, fingerprint=manifest.fingerprint, imported=manifest.imported)
    project.save(project.file.model_copy(update={"model": model, "data": data, "settings": settings}))
    remember(model, record.path)
