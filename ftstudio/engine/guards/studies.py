"""What every study begins and ends with: the project opened, settings worked out, hardware chosen; the report stored.

A study is a job whose `SPEC` is a `StudySpec`. It uses the same preparation and the same loop as a run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

from accelerate import Accelerator

from ftstudio.core import catalog
from ftstudio.core.advice import Advice, Chart, Pairs, Table, as_json
from ftstudio.core.errors import InputError
from ftstudio.core.messages import Request
from ftstudio.core.options import Chosen, read
from ftstudio.core.settings import TrainingSettings, build
from ftstudio.core.text import Text, text
from ftstudio.datasets.store import Dataset
from ftstudio.engine import device
from ftstudio.engine.answers import shaped
from ftstudio.engine.context import JobContext
from ftstudio.engine.runs import training
from ftstudio.engine.task import Task
from ftstudio.planning.facts import locate_model, task_of
from ftstudio.project.runs import RunRequest
from ftstudio.project.store import Project
from ftstudio.project.studies import StudyReport, check_place, store


@dataclass(frozen=True)
class Study(Generic[Chosen]):
    """A study at work. `asked` is what a training run started now would be; `tell` reports a phase and may cancel."""

    key: str
    project: Project
    context: JobContext
    options: Chosen
    asked: RunRequest
    settings: TrainingSettings
    task: Task
    dataset: Dataset
    model_folder: Path
    hardware: device.Hardware
    began: float

    def tell(self, phase: Text, done: int, total: int) -> None:
        """Report progress; raises `CancelledError` when the user has asked to stop."""
        self.context.control.check()
        self.context.progress(phase, done, total)

    def accelerator(self) -> Accelerator:
        """Return a fresh accelerator for one training."""
        return training.make_accelerator(self.hardware)


@dataclass(frozen=True)
class Told:
    """Everything that a study's report shows, worked out by the part of it that finds the words."""

    numbers: dict[str, Any]
    advice: list[Advice]
    charts: list[Chart]
    tables: list[Table]


def begin(request: Request, context: JobContext, options: type[Chosen]) -> Study[Chosen]:
    """Open the project that `request` names for the study `request.job`.

    Options of the request: those of `options`, and `settings` (`Overrides` as a dictionary; the project's own if
    left out). Raises `InputError` for whatever would also stand in the way of a training run.
    """
    from ftstudio.engine.jobs.train import new_request, prepare_starter

    chosen = read(options, {key: value for key, value in request.options.items() if key != "settings"})
    project = context.project()
    check_place(project.layout)
    prepare_starter(project, context)
    spec = task_of(project, Dataset.open(project.layout.data))
    if spec.answer not in catalog.jobs().spec(request.job).answers:
        raise InputError(
            text(
                "“{study}” is not there yet for the task “{task}”.",
                study=text(catalog.jobs().spec(request.job).title),
                task=text(spec.title),
            ),
            text("Training, its checks and its results do not depend on it."),
            field="task",
        )
    asked = new_request(project, {"settings": request.options.get("settings")})
    settings = build(asked.settings)
    return Study(
        key=request.job,
        project=project,
        context=context,
        options=chosen,
        asked=asked,
        settings=settings,
        task=shaped.task_of(asked.task, asked.answer),
        dataset=Dataset.open(project.layout.data),
        model_folder=locate_model(asked.model).path,
        hardware=device.choose(settings),
        began=time.perf_counter(),
    )


def finish(
    study: Study[Any],
    numbers: dict[str, Any],
    advice: Sequence[Advice],
    *,
    charts: Sequence[Chart] = (),
    tables: Sequence[Table] = (),
    pairs: Sequence[Pairs] = (),
    fill: Callable[[Path], None] = lambda folder: None,
) -> dict[str, Any]:
    """Store what the study found in the project and return the document of its verb.

    The document holds `numbers` at its top level, beside `study` (the id), `advice`, `charts`, `tables` and `pairs`.
    """
    report = StudyReport(
        study=study.key,
        seconds=time.perf_counter() - study.began,
        data_fingerprint=study.asked.data_fingerprint,
        model_fingerprint=study.asked.model.fingerprint,
        options=study.options.model_dump(mode="json"),
        settings=study.asked.settings,
        advice=tuple(advice),
        charts=tuple(charts),
        tables=tuple(tables),
        pairs=tuple(pairs),
        numbers=numbers,
    )
    folder = store(study.project.layout, report, fill)
    shown: dict[str, Any] = {"charts": [one.model_dump(mode="json") for one in charts]}
    shown["tables"] = [one.model_dump(mode="json") for one in tables]
    shown["pairs"] = [one.model_dump(mode="json") for one in pairs]
    return {**numbers, "study": folder.name, "seconds": report.seconds, "advice": as_json(advice), **shown}
