"""Reports what the data and the settings of a project would bring, without training; mends the data if asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ftstudio.core.errors import InputError
from ftstudio.core.layer_names import naming_problem
from ftstudio.core.messages import Request
from ftstudio.core.module_tree import with_new_head
from ftstudio.core.presets import propose, resolve
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import JobSpec, TaskSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.store import Dataset
from ftstudio.engine.context import JobContext
from ftstudio.engine.jobs.show_tokens import lens_of
from ftstudio.models.compatibility import fits
from ftstudio.models.records import ModelRecord
from ftstudio.planning import doubtful_labels
from ftstudio.planning.facts import gather_from, locate_model, task_of
from ftstudio.project.store import Project, open_project

SETTING = "setting"
SPEC = JobSpec(key="check", title=N_("Check data and settings"), needs_torch=False)


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Return the `check` document: rows per split, rows per label, every problem found, and what was mended before.

    The option `fix` names the problems (by their codes) whose remedy is applied to the project's copy of the data.
    With the option `row` the document also has the `lens` of the row with this number (`core.token_lens`).
    """
    codes = list(request.options.get("fix") or [])
    row = request.options.get("row")
    lens = {} if row is None else {"lens": lens_of(context.project(), row).model_dump(mode="json")}
    if not codes:
        return _checked(context.project(), context) | lens
    project = open_project(context.project().layout.root)
    try:
        return _checked(project, context, codes) | lens
    finally:
        project.close()


def _checked(project: Project, context: JobContext, codes: Sequence[str] = ()) -> dict[str, Any]:
    dataset = Dataset.open(project.layout.data)
    task = task_of(project, dataset)
    context.progress(text("Checking the data"))
    problems: list[Problem] = []
    model = _model(project, task, problems)
    settings = _settings(project, task, dataset, model, problems)
    limits = _tokens_read(settings, model), *_asked(settings)
    mended = _mend(dataset, codes, lambda: run_checks(dataset, task, model, *limits))
    found = run_checks(dataset, task, model, *limits)
    problems += [problem for problem in found if not _is_mended(problem, settings)]
    problems += doubtful_labels.findings(project.layout, dataset)
    return {
        "project": str(project.layout.root),
        "problems": [problem.as_json() for problem in problems],
        "rows": dataset.counts(),
        "labels": dataset.label_counts(),
        "mended": [problem.as_json() for problem in mended],
    }


def _mend(dataset: Dataset, codes: Sequence[str], find: Callable[[], list[Problem]]) -> list[Problem]:
    """Apply the remedies of the problems named, one after the other; raises `InputError` for one that is not there."""
    known = sorted({problem.code for problem in find() if _is_for_data(problem)}) if codes else []
    for code in codes:
        if code not in known:
            raise InputError(
                text("There is nothing to mend called “{code}”.", code=code),
                text("What can be mended now: {codes}.", codes=", ".join(known) or "–"),
                field="fix",
            )
    mended: list[Problem] = []
    for code in codes:
        while problem := next((one for one in find() if one.code == code and one not in mended), None):
            mended.append(problem)
            if problem.fix is not None and _is_for_data(problem):
                dataset.apply(problem.fix)
    return [problem for problem in mended if _is_for_data(problem)]


def _is_for_data(problem: Problem) -> bool:
    return problem.fix is not None and problem.fix.key != SETTING


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
        facts = gather_from(dataset, model, task.modality)
        settings = resolve(propose(task.recommend, facts, chosen), chosen).settings
    except InputError as error:
        problems.append(_as_problem(error, "settings"))
        return None
    parts = with_new_head(model.outline, model.hidden_size, facts.classes)
    wrong = naming_problem(parts, settings, loaded=False) if model.outline else None
    problems += [wrong] if wrong else []
    return settings


def _as_problem(error: InputError, code: str) -> Problem:
    return Problem(severity=Severity.ERROR, code=code, message=error.message, hint=error.hint, where=error.where)


def _tokens_read(settings: TrainingSettings | None, model: ModelRecord | None) -> int | None:
    """Return how many tokens of each text are read: what the settings say, at most what the model can."""
    able = model.max_length if model and model.max_length else None
    if settings is None:
        return able
    return min(settings.max_length, able) if able else settings.max_length


def _asked(settings: TrainingSettings | None) -> tuple[int | None, int | None]:
    """Return how long texts are written, and the size that pictures are read at where it is not the model's own."""
    return (settings.target_length, settings.picture_size) if settings is not None else (None, None)


def _is_mended(problem: Problem, settings: TrainingSettings | None) -> bool:
    """Tell whether the settings already are what the problem's fix would make them."""
    if settings is None or problem.fix is None or problem.fix.key != SETTING:
        return False
    return all(getattr(settings, key, None) == value for key, value in problem.fix.params.items())
