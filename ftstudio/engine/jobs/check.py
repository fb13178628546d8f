"""Reports what the data of a project would bring, without training."""

from __future__ import annotations

from typing import Any

from ftstudio.core import catalog
from ftstudio.core.errors import StudioError
from ftstudio.core.messages import Request
from ftstudio.core.specs import JobSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.store import Dataset
from ftstudio.engine.context import JobContext
from ftstudio.models import library
from ftstudio.models.records import ModelRecord
from ftstudio.project import modelbook
from ftstudio.project.schema import ModelReference

SPEC = JobSpec(key="check", title=N_("Check data and settings"), needs_torch=False)


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Return the `check` document: rows per split, rows per label, and every problem found."""
    project = context.project()
    task = catalog.tasks().spec(project.file.task)
    dataset = Dataset.open(project.layout.data)
    context.progress(text("Checking the data"))
    model = _model(project.file.model)
    problems = run_checks(dataset, task, model, _max_length(project.file.settings.values, model))
    return {
        "project": str(project.layout.root),
        "problems": [problem.as_json() for problem in problems],
        "rows": dataset.counts(),
        "labels": dataset.label_counts(),
    }


def _model(reference: ModelReference | None) -> ModelRecord | None:
    """Return the project's model where it can be found on this computer; the data can be judged without it."""
    if reference is None:
        return None
    try:
        place = None if reference.source.startswith("starter:") else modelbook.locate(reference)
        return library.resolve(str(place) if place else reference.source)
    except StudioError:
        return None


def _max_length(chosen: dict[str, Any], model: ModelRecord | None) -> int | None:
    """Return how many tokens are read: what the user set, at most what the model can."""
    wanted = chosen.get("max_length")
    able = model.max_length if model and model.max_length else None
    return min(int(wanted), able) if wanted and able else int(wanted) if wanted else able
