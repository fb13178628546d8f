"""The job `show_tokens`: one row of the project's data as its model reads it, token by token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.messages import Request
from ftstudio.core.presets import propose, resolve
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import JobSpec
from ftstudio.core.text import text
from ftstudio.core.token_lens import Lens
from ftstudio.core.translation import N_
from ftstudio.datasets.store import Dataset
from ftstudio.models.records import ModelRecord
from ftstudio.planning.facts import gather_from, locate_model
from ftstudio.project.store import Project

if TYPE_CHECKING:
    from ftstudio.engine.context import JobContext

SPEC = JobSpec(key="show_tokens", title=N_("Tokens of a row"))


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Return the `lens` of the row whose number is the option `row`; `Lens.model_validate` reads it back."""
    context.progress(text("Reading the row as the model does"))
    return {"lens": lens_of(context.project(), int(request.options["row"])).model_dump(mode="json")}


def lens_of(project: Project, row: int) -> Lens:
    """Look at a row, by its number in its source; raises `InputError` for one that is not there or has no tokens."""
    module = catalog.tasks().module(project.file.task)
    if not hasattr(module, "lens"):
        raise InputError(
            text("The task “{task}” does not show tokens.", task=text(module.SPEC.title)),
            text("They are shown where a model learns to write."),
            field="row",
        )
    dataset, record = Dataset.open(project.layout.data), locate_model(project.file.model)
    table = dataset.table()
    found = table.filter(pc.equal(table["row"], row))
    if not found.num_rows:
        raise InputError(
            text("There is no row {row}, or it is left out because nothing can be learned from it.", row=row),
            text("`ftstudio check` says which rows are left out, and why."),
            field="row",
        )
    lens: Lens = module.lens(record.path, found, _settings(project, dataset, record))
    return lens


def _settings(project: Project, dataset: Dataset, record: ModelRecord) -> TrainingSettings:
    task, chosen = catalog.tasks().spec(project.file.task), project.file.settings
    return resolve(propose(task.recommend, gather_from(dataset, record, task.modality), chosen), chosen).settings
