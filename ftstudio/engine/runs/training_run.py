"""A training run of a project as a whole: record it, prepare, train, score the kept model, write what it leaves."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list

from ftstudio.core.deciding import AS_TRAINED
from ftstudio.core.errors import CancelledError, InputError, StudioError
from ftstudio.core.messages import Event, Remark, Started
from ftstudio.core.settings import TrainingSettings, build
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text
from ftstudio.datasets.folds import Unheld
from ftstudio.datasets.store import Dataset
from ftstudio.engine import device
from ftstudio.engine.answers import forgetting, written_results
from ftstudio.engine.answers.shaped import task_of
from ftstudio.engine.context import JobContext
from ftstudio.engine.guards import baselines_study
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.runs import environment, making_whole, preparation, results, training, write_errors
from ftstudio.engine.runs.diagnosis import Diagnosis, case_of
from ftstudio.engine.runs.preparation import Prepared
from ftstudio.engine.runs.recording import Recorder
from ftstudio.engine.vision.left_out import LeftOut
from ftstudio.planning.facts import locate_model
from ftstudio.project.atomic import write_json
from ftstudio.project.decisions import write_decision
from ftstudio.project.journal import read_events
from ftstudio.project.layout import RunLayout
from ftstudio.project.runs import Refit, RunRequest
from ftstudio.project.store import Project

SCORING = text("Trying the kept model on all validation and test rows")


def train_run(
    project: Project,
    asked: RunRequest,
    context: JobContext,
    create: Callable[[], RunLayout],
    *,
    resume: bool,
    ready: Prepared | None = None,
) -> dict[str, Any]:
    """Carry out the run that `asked` describes in the folder that `create` makes; returns the `train` document.

    `ready` is what the run works on, where that has been prepared already.
    Under torchrun or `accelerate launch` every process comes through here and the main one alone writes.
    """
    settings = build(asked.settings)
    data = Dataset.open(project.layout.data)
    dataset = Unheld(data) if asked.refit is not None else data
    _check_rows(dataset, asked.spec.answer)
    hardware = device.choose(settings)
    accelerator = training.make_accelerator(hardware)
    hardware = dataclasses.replace(hardware, device=accelerator.device)
    run = _agree(accelerator, create)
    recorder = Recorder(run, context.emit) if accelerator.is_main_process else None
    try:
        document = _train(
            project, asked, dataset, settings, hardware, accelerator, run, recorder, context, resume, ready
        )
        if recorder is not None:
            recorder.finish(document)
        return document
    except BaseException as error:
        if recorder is not None:
            recorder.fail(error)
        raise
    finally:
        if recorder is not None:
            recorder.close()


def _train(
    project: Project,
    asked: RunRequest,
    dataset: Dataset | Unheld,
    settings: TrainingSettings,
    hardware: device.Hardware,
    accelerator: Accelerator,
    run: RunLayout,
    recorder: Recorder | None,
    context: JobContext,
    resume: bool,
    ready: Prepared | None,
) -> dict[str, Any]:
    if recorder is not None:
        with write_errors.told(run.environment):
            write_json(run.environment, environment.describe(hardware))
    emit = recorder.emit if recorder is not None else _nobody
    began = time.perf_counter()
    tell = _teller(context, silent=recorder is None)
    emit(Started(job="train", pid=os.getpid(), run=run.id, device=hardware.describe(), precision=hardware.precision))
    left_out = LeftOut(emit, several=accelerator if accelerator.num_processes > 1 else None)
    if ready is not None:
        prepared = preparation.surviving(ready, left_out)
    else:
        prepared = _prepare(asked, dataset, settings, hardware, tell, left_out, resuming=resume and run.last.exists())
    if recorder is not None and isinstance(dataset, Dataset) and not resume:
        _score_simple_answers(project, asked, dataset, prepared, tell, emit)
    diagnosis = Diagnosis(emit, context.control)
    code = forgetting.language(prepared)
    knew = forgetting.general_loss(prepared, code) if recorder is not None else None

    def begin(state: TrainingState) -> None:
        if recorder is not None:
            recorder.begin(state)
            emit(_started(run, hardware, state))
        diagnosis.begin(case_of(prepared, dataset, settings, state), read_events(run.metrics))

    preparing = time.perf_counter() - began
    how: dict[str, Any] = {"resume": resume, "stop_after": asked.refit.steps if asked.refit is not None else None}
    with diagnosis.listening():
        outcome = training.run_training(
            prepared, settings, accelerator, diagnosis.hear, context.control, run.checkpoints, begin=begin, **how
        )
    accelerator.wait_for_everyone()
    left_out.alone()
    # A stop ends the training, not what follows it: the kept model is scored and written all the same.
    if recorder is None:
        return {"run": run.id}
    document = _leave(prepared, outcome, run, dataset, context.progress, preparing)
    document |= _told_of(left_out, prepared) | _forgotten(prepared, code, knew, emit)
    document |= {"diagnosis": diagnosis.conclude(), "baselines": baselines_study.known(project.layout, asked)}
    if asked.refit is not None:
        document["kept_because"] = _kept(asked.refit, outcome.state).model_dump()
    return document


def _prepare(
    asked: RunRequest,
    dataset: Dataset | Unheld,
    settings: TrainingSettings,
    hardware: device.Hardware,
    tell: preparation.Tell,
    left_out: LeftOut,
    *,
    resuming: bool,
) -> Prepared:
    task, model = task_of(asked.task, asked.answer), _model_folder(asked)
    strengths = (asked.refit.strength,) if asked.refit is not None and asked.refit.strength is not None else ()
    how: dict[str, Any] = {"resuming": resuming, "strengths": strengths, "left_out": left_out}
    return preparation.prepare(task, model, dataset, settings, hardware, tell, **how)


def _told_of(left_out: LeftOut, prepared: Prepared) -> dict[str, Any]:
    """Return what the report says of pictures that broke: nothing where all were read."""
    if not left_out.names:
        return {}
    learned = int((prepared.whole[Split.TRAIN].labels >= 0).sum())
    return {"pictures_left_out": len(left_out.names), "left_out": left_out.names, "training_rows": learned}


def _forgotten(prepared: Prepared, code: str, knew: float | None, emit: Callable[[Event], None]) -> dict[str, Any]:
    """Try the kept model on general texts, and warn where it has lost much of it."""
    knows = forgetting.general_loss(prepared, code)
    told = forgetting.told(knew, knows, code)
    if forgetting.is_grave(knew, knows):
        emit(Remark(severity="warning", code="forgotten", text=Text.model_validate(told["forgetting"])))
    return told


def _model_folder(asked: RunRequest) -> Path:
    """Return where the run's base model lies; raises `InputError` when it is no longer the one the run began with."""
    record = locate_model(asked.model)
    if asked.model.fingerprint and record.fingerprint != asked.model.fingerprint:
        raise InputError(
            text("The model “{name}” has changed since this run began.", name=asked.model.name),
            text("Put back the model that the run began with, or start a new run."),
            file=str(record.path),
            field="model",
        )
    return record.path


def _leave(
    prepared: Prepared,
    outcome: training.Outcome,
    run: RunLayout,
    dataset: Dataset | Unheld,
    tell: preparation.Tell,
    preparing: float,
) -> dict[str, Any]:
    results.keep_best(prepared, run)
    whole = making_whole.make_whole(prepared)
    results.write_model(prepared, run)
    scored = results.score_splits(prepared, lambda done, total: tell(SCORING, done, total))
    scored = written_results.add(prepared, dataset, scored, tell)
    rows = {split: dataset.table(split)["row"].to_numpy().astype(np.int64) for split in scored}
    results.write_predictions(run, scored, rows)
    decided = next((one.decision for one in scored.values()), AS_TRAINED)
    if decided != AS_TRAINED:
        write_decision(run, decided)
    learned = prepared.whole[Split.TRAIN].examples
    document = results.document(run, prepared, outcome, scored, getattr(learned, "source_rows", len(learned)))
    return {**document, **whole, "seconds": preparing + outcome.state.seconds, "seconds_preparing": preparing}


def _kept(refit: Refit, state: TrainingState) -> Text:
    if state.step < refit.steps:
        return text("Kept step {step}, where the run was stopped.", step=state.step)
    return text(
        "Kept step {step}, the middle one of the best steps of {folds} folds; training and validation rows were all "
        "learned from.",
        step=state.step,
        folds=refit.folds,
    )


def _score_simple_answers(
    project: Project,
    asked: RunRequest,
    dataset: Dataset,
    prepared: Prepared,
    tell: preparation.Tell,
    emit: Callable[[Event], None],
) -> None:
    """Score what training has to beat; a failure of that is told and never keeps the training from going on."""
    try:
        baselines_study.before_training(project.layout, asked, dataset, prepared, tell)
    except CancelledError:
        raise
    except StudioError as error:
        told = text("The simple answers to compare with could not be scored: {reason}", reason=error.message)
        emit(Remark(severity="warning", code="no_baselines", text=told))


def _started(run: RunLayout, hardware: device.Hardware, state: TrainingState) -> Started:
    return Started(
        job="train",
        pid=os.getpid(),
        run=run.id,
        device=hardware.describe(),
        precision=hardware.precision,
        total_steps=state.total_steps,
        steps_per_epoch=state.steps_per_epoch,
    )


def _agree(accelerator: Accelerator, create: Callable[[], RunLayout]) -> RunLayout:
    """Let the main process make the run's folder and tell the others which it is."""
    if accelerator.num_processes == 1:
        return create()
    found: list[Any] = [create() if accelerator.is_main_process else None]
    broadcast_object_list(found)
    layout: RunLayout = found[0]
    return layout


def _check_rows(dataset: Dataset | Unheld, answer: Answer) -> None:
    if len(dataset.labels) < answer.least_labels:
        raise InputError(
            text("Training needs rows of at least two classes; there is {count}.", count=len(dataset.labels)),
            text("Add rows of another class, and import the data again."),
        )


def _teller(context: JobContext, *, silent: bool) -> preparation.Tell:
    def tell(phase: Text, done: int, total: int) -> None:
        context.control.check()
        if not silent:
            context.progress(phase, done, total)

    return tell


def _nobody(event: Event) -> None:
    """Tell nobody: the main process reports."""
