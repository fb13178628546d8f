"""The runs of a project: each is a folder that exists before its training starts and tells how it stands.

Listing never fails because of one bad folder, and a run whose process died without a word reads as interrupted.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict

from ftstudio.core import catalog
from ftstudio.core.documents import check
from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.settings import Overrides
from ftstudio.core.specs import Answer, TaskSpec
from ftstudio.core.states import RunState
from ftstudio.core.text import Text, text
from ftstudio.project import atomic, disk_errors, processes, run_head, run_notes, strict_json
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.result_shape import ResultShape
from ftstudio.project.run_head import RunHead
from ftstudio.project.run_notes import NO_NOTES, RunNotes
from ftstudio.project.schema import ModelReference, now

# A confusion matrix of a thousand classes takes megabytes.
LARGEST_REPORT = 200_000_000

_MOMENT = "%Y%m%d-%H%M%S"
_CLOCKS_DIFFER = timedelta(hours=1)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Refit(_Record):
    """What makes a run the final one of a cross-validation: it learns from all rows that are not for testing, for
    `steps` optimiser steps; `strength` is the inverse regularisation of its probe (None: the run has no probe).
    """

    folds: int
    steps: int
    strength: float | None = None


class RunRequest(_Record):
    """What was asked for, complete: `settings` are the effective values, `overrides` what the user had chosen.

    `resumed_from` is the step a resumed run goes on from; `refit` is given for the final run of a cross-validation.
    `answer` is the kind of label that the rows have, where it is not the usual one of the task.
    """

    task: str
    model: ModelReference
    settings: dict[str, Any]
    overrides: Overrides
    data_fingerprint: str
    name: str
    seed: int
    resumed_from: int | None = None
    refit: Refit | None = None
    answer: Answer | None = None

    @property
    def spec(self) -> TaskSpec:
        """The task as the labels of the rows shape it; raises `InputError` for a task that is not known."""
        spec: TaskSpec = catalog.tasks().spec(self.task)
        return spec.shaped(self.answer)


class BestValue(_Record):
    """The best check of a run so far."""

    step: int
    metric: str
    value: float


class RunStatus(_Record):
    """How a run stands. `pid` and `process_started` name the process at work; `seconds` counts training time."""

    state: RunState = RunState.PENDING
    pid: int | None = None
    process_started: float | None = None
    step: int = 0
    total_steps: int | None = None
    seconds: float = 0.0
    best: BestValue | None = None
    message: Text | None = None
    hint: Text | None = None
    started: str = ""
    ended: str | None = None


class RunReport(_Record):
    """The result of a run: the `train` document of the command line and what the result page shows."""

    document: dict[str, Any]


@dataclass(frozen=True)
class RunSummary:
    """One run as it is listed. `request` is None only if the folder is broken, `head` until there is a result.

    `name` is the one the user gave it last, `notes` what they noted with it.
    """

    id: str
    name: str
    layout: RunLayout
    request: RunRequest | None
    status: RunStatus
    head: RunHead | None = None
    notes: RunNotes = NO_NOTES

    @cached_property
    def report(self) -> RunReport | None:
        """The whole result, read when it is first asked for; None if there is none or it was damaged since.

        Lists ask `head`, which costs nothing.
        """
        if self.head is None:
            return None
        try:
            return _read_report(self.layout)
        except StudioError:
            return None


def create_run(project: ProjectLayout, request: RunRequest) -> RunLayout:
    """Make the folder of a new run, complete with request and status, and return it.

    Raises `StudioError` if it cannot be written; then there is no folder.
    """
    try:
        project.runs.mkdir(exist_ok=True)
        stem = f"{datetime.now(UTC):{_MOMENT}}-{_slug(request.name)}"
        for number in range(1, 1000):
            run = project.run(stem if number == 1 else f"{stem}-{number}")
            try:
                return _build(run, request)
            except FileExistsError:
                continue
    except OSError as error:
        raise disk_errors.explain(error, project.runs) from error
    raise StudioError(text("There are too many runs named “{name}”.", name=request.name))


def write_status(run: RunLayout, status: RunStatus) -> None:
    """Store how a run stands; raises `StudioError` if it cannot be written (the old status stays)."""
    try:
        atomic.write_text(run.state, status.model_dump_json(indent=2) + "\n")
    except OSError as error:
        raise disk_errors.explain(error, run.state) from error


def read_status(run: RunLayout) -> RunStatus:
    """Return how a run stands, as written; raises `InputError` if the file is missing or damaged."""
    return strict_json.read_quickly(run.state, RunStatus)


def write_report(run: RunLayout, report: RunReport) -> None:
    """Store the result of a run, and its head for lists; raises `StudioError` if it cannot be written."""
    written = (report.model_dump_json() + "\n").encode("utf-8")
    try:
        run_head.forget_head(run)
        atomic.write_bytes(run.report, written)
    except OSError as error:
        raise disk_errors.explain(error, run.report) from error
    run_head.write_head(run, run_head.head_of(report.document, len(written)))


def read_request(run: RunLayout) -> RunRequest:
    """Return what a run was asked for; raises `InputError` if the file is missing or damaged."""
    return strict_json.read_model(run.request, RunRequest)


def summarise(run: RunLayout) -> RunSummary:
    """Return one run as listed; a broken folder reads as a failed run that says what is wrong."""
    return as_it_stands(read_run(run))


def read_run(run: RunLayout) -> RunSummary:
    """Return one run as its files say; whether a process is still at work on it is asked by `as_it_stands`."""
    notes = run_notes.read_notes(run)
    try:
        request, status = (
            strict_json.read_quickly(run.request, RunRequest),
            strict_json.read_quickly(run.state, RunStatus),
        )
        head = _head(run)
    except StudioError as error:
        status = RunStatus(state=RunState.FAILED, message=error.message, hint=error.hint)
        return RunSummary(run.id, notes.name or run.id, run, None, status, None, notes)
    return RunSummary(run.id, notes.name or request.name, run, request, status, head, notes)


def as_it_stands(run: RunSummary) -> RunSummary:
    """Return a run as read, or as interrupted if it claims to be at work while its process is gone."""
    return replace(run, status=as_interrupted(run.status)) if is_abandoned(run.status) else run


def _read_report(run: RunLayout) -> RunReport:
    """Return the whole result; raises `InputError` for a file that holds no result or one of another shape."""
    report = strict_json.read_model(run.report, RunReport, LARGEST_REPORT)
    check(report.document, ResultShape, run.report)
    return report


def _head(run: RunLayout) -> RunHead | None:
    """Return the figures of a run's result, None if it has none; raises `StudioError` for a damaged report."""
    try:
        size = run.report.stat().st_size
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk_errors.refuse(error, run.report) from error
    stored = run_head.read_head(run, size)
    if stored is not None:
        return stored
    return run_head.head_of(_read_report(run).document, size)


def claims_to_work(status: RunStatus) -> bool:
    """Whether a run's own word is that a process is at work on it or about to be."""
    return status.state.is_active or status.state is RunState.PENDING


def is_abandoned(status: RunStatus) -> bool:
    """Whether a run claims to be at work while its process is gone."""
    return claims_to_work(status) and not processes.is_alive(status.pid, status.process_started)


def as_interrupted(status: RunStatus) -> RunStatus:
    """Return the status of a run whose process died without a word."""
    return status.model_copy(
        update={
            "state": RunState.INTERRUPTED,
            "pid": None,
            "process_started": None,
            "message": text("The run ended without a word at step {step}.", step=status.step),
            "hint": text("Resume it: it goes on from its last checkpoint."),
        }
    )


def list_runs(project: ProjectLayout) -> list[RunSummary]:
    """Return all runs, newest first. Never raises for a broken folder. Who lists again and again has a `RunShelf`."""
    try:
        names = [entry.name for entry in project.runs.iterdir() if entry.is_dir() and not entry.name.startswith(".")]
    except OSError:
        return []
    return [summarise(RunLayout(project.runs / name)) for name in sorted(names, key=age, reverse=True)]


def find_run(project: ProjectLayout, wanted: str | None) -> RunSummary:
    """Return the run meant by `wanted`: None the latest with a result, `best` the one with the best value, else an id
    or a beginning of one that fits only one run. Raises `InputError` naming the choices.
    """
    found = list_runs(project)
    with_result = [run for run in found if run.status.state.has_result]
    if wanted is None and with_result:
        return with_result[0]
    if wanted == "best" and any(run.status.best for run in with_result):
        return _best(with_result)
    if wanted is None or wanted == "best":
        raise InputError(
            text("There is no run with a result yet."), text("Train the project first."), file=str(project.root)
        )
    begun = [run for run in found if wanted and run.id.startswith(wanted)]
    fitting = [run for run in found if run.id == wanted] or begun
    if len(fitting) == 1:
        return fitting[0]
    message = (
        text("“{run}” fits {count} runs.", run=wanted, count=len(fitting))
        if fitting
        else text("There is no run “{run}”.", run=wanted)
    )
    choices = ", ".join(run.id for run in (fitting or found)[:10]) or "-"
    raise InputError(message, text("Choose one of: {choices}.", choices=choices), field="run")


def _best(found: list[RunSummary]) -> RunSummary:
    """Runs monitored by another metric than the latest cannot be compared, so they are left out."""
    monitored = [(run, run.status.best) for run in found if run.status.best is not None]
    metric = monitored[0][1].metric
    sign = 1.0 if _higher_is_better(monitored[0][0], metric) else -1.0
    comparable = [(run, best.value) for run, best in monitored if best.metric == metric]
    return max(comparable, key=lambda pair: sign * pair[1])[0]


def _higher_is_better(run: RunSummary, metric: str) -> bool:
    try:
        return bool(run.request is not None and run.request.spec.metric(metric).higher_is_better)
    except (InputError, KeyError):
        return metric != "loss"


def _build(run: RunLayout, request: RunRequest) -> RunLayout:
    pid, started = processes.this_process()
    status = RunStatus(pid=pid, process_started=started, started=now())
    with atomic.building_folder(run.root) as folder:
        building = RunLayout(folder)
        building.checkpoints.mkdir()
        atomic.write_text(building.request, request.model_dump_json(indent=2) + "\n")
        atomic.write_text(building.state, status.model_dump_json(indent=2) + "\n")
    return run


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "run"


def age(name: str) -> tuple[bool, str, int]:
    """Return by what ids are sorted: `…-name-2` after `…-name`, because both may have begun in one second.

    A run of a moment that is still to come, because the clock was wrong, is older than all others, so that it does not
    stay the newest for years.
    """
    stem, _, number = name.rpartition("-")
    begun = name <= f"{datetime.now(UTC) + _CLOCKS_DIFFER:{_MOMENT}}-~"
    return (begun, stem, int(number)) if number.isdigit() and len(number) < 4 else (begun, name, 1)
