"""The job `train`: one run of a project, from its settings to a finished model and a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.layer_names import naming_problem
from ftstudio.core.messages import Request
from ftstudio.core.module_tree import with_new_head
from ftstudio.core.presets import Facts, propose, resolve
from ftstudio.core.settings import Overrides, TrainingSettings, build, fields
from ftstudio.core.specs import JobSpec, TaskSpec
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.context import JobContext
    from ftstudio.models.records import ModelRecord
    from ftstudio.project.layout import RunLayout
    from ftstudio.project.runs import RunRequest
    from ftstudio.project.store import Project

SPEC = JobSpec(key="train", title=N_("Training"))


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Train the project's model; returns the `train` document.

    Options: `settings` (`Overrides` as a dictionary; the project's own if left out), `name`, `resume` (a run's id).
    """
    from ftstudio.project import places

    project = context.project()
    places.check(project.layout, project.layout.runs)
    prepare_starter(project, context)
    resume = request.options.get("resume")
    layout, asked = _to_resume(project, str(resume)) if resume else (None, new_request(project, request.options))

    def create() -> RunLayout:
        from ftstudio.project.runs import create_run

        return layout or create_run(project.layout, asked)

    from ftstudio.engine.runs.training_run import (
        train_run,  # after the checks above, because torch takes seconds to come
    )

    if layout is None:
        _check_names_on_the_model(project, asked, context)
    return train_run(project, asked, context, create, resume=layout is not None)


def prepare_starter(project: Project, context: JobContext) -> None:
    """Convert the project's model if it is a starter that needs it and was not used on this computer before."""
    reference = project.file.model
    if reference is None or not reference.source.startswith("starter:"):
        return
    from ftstudio.planning.facts import locate_model

    if locate_model(reference).needs_preparing:
        options = {"starter": reference.source.partition(":")[2]}
        catalog.jobs().module("prepare_model").run(Request(job="prepare_model", options=options), context)


def new_request(project: Project, options: dict[str, Any]) -> RunRequest:
    """Work out the settings of a new run; raises `InputError` for everything that stands in its way."""
    from ftstudio.datasets.store import Dataset
    from ftstudio.planning.facts import gather, locate_model, task_of
    from ftstudio.project.runs import RunRequest

    chosen = options.get("settings")
    overrides = Overrides.model_validate(chosen) if chosen else project.file.settings
    facts, dataset = gather(project), Dataset.open(project.layout.data)
    task = task_of(project, dataset)
    settings = resolve(propose(task.recommend, facts, overrides), overrides).settings
    _check_monitor(task, settings)
    _check_modality(project, overrides)
    record = locate_model(project.file.model)
    _check_layers(record, settings, facts)
    assert project.file.model is not None
    return RunRequest(
        task=project.file.task,
        model=project.file.model.model_copy(update={"fingerprint": record.fingerprint}),
        settings=settings.model_dump(),
        overrides=overrides,
        data_fingerprint=dataset.fingerprint,
        name=str(options.get("name") or _name(settings)),
        seed=settings.seed,
        answer=task.answer if task.answer is not catalog.tasks().spec(task.key).answer else None,
    )


def _check_modality(project: Project, overrides: Overrides) -> None:
    """Refuse ways against overfitting that were asked for and would do nothing for this kind of data."""
    modality = catalog.tasks().spec(project.file.task).modality
    for field in fields():
        asked = overrides.values.get(field.key, field.default) != field.default
        if asked and field.group == "regularise" and field.modality not in ("", modality):
            kinds = {"text": text("texts"), "image": text("pictures")}
            raise InputError(
                text("“{title}” works on {kind} only.", title=text(field.title), kind=kinds[field.modality]),
                text("Leave it as it is: this project has none."),
                field=field.key,
            )


def _check_monitor(task: TaskSpec, settings: TrainingSettings) -> None:
    known = [metric.key for metric in task.metrics if metric.at_checks]
    if settings.monitor not in known:
        raise InputError(
            text("This task has no metric called “{key}”.", key=settings.monitor),
            text("Choose one of: {choices}.", choices=", ".join(known)),
            field="monitor",
        )


def _check_layers(record: ModelRecord, settings: TrainingSettings, facts: Facts) -> None:
    parts = with_new_head(record.outline, record.hidden_size, facts.classes)
    problem = naming_problem(parts, settings, loaded=False) if record.outline else None
    if problem is not None:
        raise problem.as_error()


def _check_names_on_the_model(project: Project, asked: RunRequest, context: JobContext) -> None:
    """Refuse names of layers that the model lacks before there is a run.

    Where the model's file does not have them either, they may still be there once the model is loaded, because loading
    renames the layers of some models. So it is loaded for that question, and again for the run.
    """
    from ftstudio.datasets.store import Dataset
    from ftstudio.planning.facts import locate_model

    settings, record = build(asked.settings), locate_model(asked.model)
    labels = Dataset.open(project.layout.data).labels
    parts = with_new_head(record.outline, record.hidden_size, len(labels))
    if not record.outline or naming_problem(parts, settings) is None:
        return
    from ftstudio.engine.answers.shaped import task_of
    from ftstudio.engine.layers.freezing import plan_layers
    from ftstudio.engine.runs.preparation import LOADING

    context.progress(LOADING)
    task = task_of(asked.task, asked.answer)
    plan_layers(task.load(record.path, labels, settings, trained=False).model, settings)


def _name(settings: TrainingSettings) -> str:
    return f"{settings.tuning_method}, lr {settings.learning_rate:g}"


def _to_resume(project: Project, wanted: str) -> tuple[RunLayout, RunRequest]:
    from ftstudio.datasets.store import Dataset
    from ftstudio.project.runs import find_run

    summary = find_run(project.layout, wanted)
    asked = summary.request
    if asked is None or not summary.status.state.can_resume:
        state = Text(template=summary.status.state.value)
        raise InputError(
            text("The run “{run}” cannot go on: it is {state}.", run=summary.name, state=state),
            text("Only a run that was stopped, interrupted or has failed can be resumed. Start a new run."),
            field="resume",
        )
    build(asked.settings)
    if Dataset.open(project.layout.data).fingerprint != asked.data_fingerprint:
        raise InputError(
            text("The data has changed since the run “{run}” began, so it cannot go on.", run=summary.name),
            text("Undo the change of the data, or start a new run."),
        )
    return summary.layout, asked
