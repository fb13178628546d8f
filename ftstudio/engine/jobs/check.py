"""Reports what the data and the settings of a project would bring, without training."""

from __future__ import annotations

from typing import Any

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.messages import Request
from ftstudio.core.presets import resolve
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import JobSpec, TaskSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.store import Dataset
from ftstudio.engine.context import JobContext
from ftstudio.models.compatibility import fits
from ftstudio.models.records import ModelRecord
from ftstudio.planning.facts import gather_from, locate_model
from ftstudio.project.store import Project

SPEC = JobSpec(key="check", title=N_("Check data and settings"), needs_torch=False)


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Return the `check` document: rows per split, rows per label, and every problem found."""
    project = context.project()
    task: TaskSpec = catalog.tasks().spec(project.file.task)
    dataset = Dataset.open(project.layout.data)
    context.progress(text("Checking the data"))
    problems: list[Problem] = []
    model = _model(project, task, problems)
    settings = _settings(project, task, dataset, model, problems)
    problems += [
        problem
        for problem in run_checks(dataset, task, model, _tokens_read(settings, model))
        if not _is_mended(problem, settings)
    ]
    return {
        "project": str(project.layout.root),
        "problems": [problem.as_json() for problem in problems],
        "rows": dataset.counts(),
        "labels": dataset.label_counts(),
    }


def _model(project: Project, task: TaskSpec, problems: list[Problem]) -> ModelRecord | None:
    """Return the project's model; one that is missing or does not fit is a problem, the data can be judged without."""
    try:
        record = locate_model(project.file.model)
        if mismatch := fits(record, task):
            raise InputError(mismatch, text("Choose a model that fits the task."), field="model")
    except InputError as error:
        problems.append(_as_problem(error, "model"))
        return None
    return record


def _settings(
    project: Project, task: TaskSpec, dataset: Dataset, model: ModelRecord | None, problems: list[Problem]
) -> TrainingSettings | None:
    """Return the settings a run would use; without a model they are not known."""
    if model is None:
        return None
    try:
        chosen = project.file.settings
        return resolve(task.recommend(chosen.preset, gather_from(dataset, model, task.modality)), chosen).settings
    except InputError as error:
        problems.append(_as_problem(error, "settings"))
        return None


def _as_problem(error: InputError, code: str) -> Problem:
    return Problem(severity=Severity.ERROR, code=code, message=error.message, hint=error.hint, where=error.where)


def _tokens_read(settings: TrainingSettings | None, model: ModelRecord | None) -> int | None:
    """Return how many tokens of each text are read: what the settings say, at most what the model can."""
    able = model.max_length if model and model.max_length else None
    if settings is None:
        return able
    return min(settings.max_length, able) if able else settings.max_length


def _is_mended(problem: Problem, settings: TrainingSettings | None) -> bool:
    """Tell whether the settings already are what the problem's fix would make them."""
    if settings is None or problem.fix is None or problem.fix.key != "setting":
        return False
    return all(getattr(settings, key, None) == value for key, value in problem.fix.params.items())
