"""A training run from first to last step over prepared data: assembles stepper and hooks around the loop."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import Tensor

from ftstudio.core import allocation
from ftstudio.core.messages import Event
from ftstudio.core.metrics import MetricSpec
from ftstudio.core.score_error import standard_error
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.engine.control import Control
from ftstudio.engine.device import Hardware
from ftstudio.engine.hooks import obedience
from ftstudio.engine.hooks.early_stopping import EarlyStopping
from ftstudio.engine.hooks.ending import Ending
from ftstudio.engine.hooks.growing import Growing
from ftstudio.engine.hooks.obedience import Obedience
from ftstudio.engine.hooks.reporting import Reporting
from ftstudio.engine.hooks.saving import Saving
from ftstudio.engine.hooks.unfreezing import Unfreezing
from ftstudio.engine.hooks.validation import Validation
from ftstudio.engine.hooks.writing_samples import WritingSamples
from ftstudio.engine.learning.batching import BatchPlan
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.learning.loop import Hook, train
from ftstudio.engine.learning.optim import Optimisers, build_optimisers
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.learning.steps import Stepper
from ftstudio.engine.runs import checkpoints, resuming
from ftstudio.engine.runs.preparation import Prepared
from ftstudio.project import disk_errors


@dataclass(frozen=True)
class Outcome:
    """How the loop ended; `peak_memory` in bytes."""

    state: TrainingState
    peak_memory: int


def make_accelerator(hardware: Hardware) -> Accelerator:
    """Return the accelerator of this process; under `accelerate launch` or torchrun it knows the others.

    One process may hold several runs after each other with different precision, so the shared state is renewed.
    """
    allocation.keep_freed()
    AcceleratorState._reset_state()
    precision = {"fp32": "no"}.get(hardware.precision, hardware.precision)
    return Accelerator(mixed_precision=precision, cpu=hardware.device.type == "cpu")


def total_steps(settings: TrainingSettings, steps_per_epoch: int) -> int:
    """Return the length of a run in optimiser steps, at least 1."""
    steps = max(1, math.ceil(settings.epochs * steps_per_epoch))
    return min(steps, settings.max_steps) if settings.max_steps else steps


def _make(folder: Path) -> None:
    """Make the folder of checkpoints, but not the run around it: one that was deleted or moved must not come back."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise disk_errors.explain(error, folder.parent) from error


def run_training(
    prepared: Prepared,
    settings: TrainingSettings,
    accelerator: Accelerator,
    emit: Callable[[Event], None],
    control: Control,
    folder: Path,
    *,
    resume: bool = False,
    begin: Callable[[TrainingState], None] = lambda state: None,
    stop_after: int | None = None,
) -> Outcome:
    """Train `prepared` and leave its checkpoints in `folder`/best and `folder`/last.

    Only the main process of several writes and reports. `begin` is told the state before the first step.
    `stop_after` ends the run after so many steps of its schedule. Raises `StudioError` where the folder around
    `folder` has gone.
    """
    _make(folder)
    plan = batch_plan(prepared, settings, accelerator)
    state = TrainingState(
        total_steps=total_steps(settings, plan.batches_per_epoch), steps_per_epoch=plan.batches_per_epoch
    )
    steps, remark = state.total_steps, None
    optimisers = _optimisers(prepared, settings, accelerator, steps)
    if resume and checkpoints.exists(folder / "last"):
        state, remark = resuming.go_on(folder, prepared.bundle.model, optimisers, accelerator.scaler)
    if remark is not None:  # the best checkpoint holds no state of optimisers
        optimisers = _optimisers(prepared, settings, accelerator, steps)
    begin(state)
    if remark is not None:
        emit(remark)
    stepper = _stepper(prepared, optimisers, accelerator, plan, settings, emit)
    reporting = Reporting(emit, prepared.hardware)
    hooks = _hooks(prepared, settings, optimisers, accelerator, control, folder, emit, reporting, state)
    if stop_after is not None:
        hooks.insert(0, Ending(stop_after))
    train(stepper, state, hooks if accelerator.is_main_process else _silent(hooks))
    if optimisers.averages is not None and state.best is None:
        optimisers.averages.put_in()  # no check has kept them, so the model leaves with them
    return Outcome(state, reporting.peak_memory)


def batch_plan(prepared: Prepared, settings: TrainingSettings, accelerator: Accelerator) -> BatchPlan:
    """Return how batches are drawn from the training rows."""
    return BatchPlan(
        lengths=prepared.feeds[Split.TRAIN].lengths,
        batch_size=settings.batch_size,
        seed=settings.seed,
        micro_rows=settings.micro_batch_size,
        rank=accelerator.process_index,
        world=accelerator.num_processes,
        classes=prepared.feeds[Split.TRAIN].labels if settings.balanced_sampling else None,
    )


def _optimisers(prepared: Prepared, settings: TrainingSettings, accelerator: Accelerator, steps: int) -> Optimisers:
    sparse = accelerator.num_processes == 1 and accelerator.scaler is None
    optimisers = build_optimisers(prepared.bundle.model, prepared.plan, settings, steps, sparse=sparse)
    optimisers.members = [accelerator.prepare_optimizer(member) for member in optimisers.members]
    return optimisers


def _stepper(
    prepared: Prepared,
    optimisers: Optimisers,
    accelerator: Accelerator,
    plan: BatchPlan,
    settings: TrainingSettings,
    emit: Callable[[Event], None],
) -> Stepper:
    feed = prepared.feeds[Split.TRAIN]
    _wrap(prepared, accelerator)
    tell = emit if accelerator.is_main_process else _nobody
    return Stepper(feed, optimisers, accelerator, plan, settings, prepared.class_weights, tell)


def _wrap(prepared: Prepared, accelerator: Accelerator) -> None:
    """Wrap what learns for several processes; anew when what learns has changed."""
    if accelerator.num_processes > 1:
        feed = prepared.feeds[Split.TRAIN]
        feed.module = accelerator.prepare_model(accelerator.unwrap_model(feed.module))


def _hooks(
    prepared: Prepared,
    settings: TrainingSettings,
    optimisers: Optimisers,
    accelerator: Accelerator,
    control: Control,
    folder: Path,
    emit: Callable[[Event], None],
    reporting: Reporting,
    state: TrainingState,
) -> list[Hook]:
    model, main = prepared.bundle.model, accelerator.is_main_process
    checked = prepared.feeds[Split.VALIDATION]

    def evaluate() -> dict[str, float]:
        with optimisers.kept_weights():
            logits = logits_of(checked, prepared.hardware)
            prepared.agree()
            return prepared.task.score(logits, checked.truth, prepared.bundle.labels)

    def keep(state: TrainingState) -> None:
        if main:
            with optimisers.kept_weights():
                checkpoints.save(folder / "best", model, state, None)

    def save(state: TrainingState) -> None:
        # What has come to its own end never learns on, so the state of its optimisers need not be written.
        ended = state.done and state.stop_reason != obedience.REASON and optimisers.averages is None
        if main:
            checkpoints.save(folder / "last", model, state, None if ended else optimisers, accelerator.scaler)

    metric = prepared.task.SPEC.metric(settings.monitor)
    every = max(1, round(state.steps_per_epoch / settings.checks_per_epoch))
    tell = emit if main else _nobody
    hooks: list[Hook] = [reporting]
    if settings.tuning_method == "gradual":
        hooks.append(Unfreezing(model, prepared.plan, settings.gradual_epochs, lambda: _wrap(prepared, accelerator)))
    if settings.progressive_resizing:
        hooks.append(_growing(prepared, tell))
    if len(checked.labels):
        gain, ties = settings.minimum_gain, settings.tie_break
        chance = _chance(prepared, metric)
        hooks.append(Validation(evaluate, keep, metric, tell, every=every, gain=gain, tie_break=ties, chance=chance))
        if settings.early_stopping:
            hooks.append(EarlyStopping(settings.patience, tell, settings.warmup_checks))
    if prepared.task.SPEC.answer.writes and len(checked.labels) and main:
        writer: Any = prepared.task
        hooks.append(WritingSamples(lambda: writer.samples(prepared.bundle, prepared.whole), tell, every=every))
    saving = Saving(save, tell)
    return [*hooks, Obedience(control, tell, saving.write), saving]


def _chance(prepared: Prepared, metric: MetricSpec) -> Callable[[float], float]:
    """Return what says how much a validation score scatters; it is not known where rows have no single label."""
    labels = prepared.feeds[Split.VALIDATION].labels
    if prepared.task.SPEC.answer is not Answer.LABEL or not metric.higher_is_better:
        return lambda score: math.nan
    known = labels[labels >= 0]
    macro = metric.key != "accuracy"
    return lambda score: standard_error(score, len(known), np.bincount(known).tolist(), macro=macro)


def _growing(prepared: Prepared, tell: Callable[[Event], None]) -> Growing:
    model = prepared.bundle.model

    def run(pixels: Tensor) -> Tensor:
        return prepared.task.logits(model, {"pixel_values": pixels})

    return Growing(prepared.feeds[Split.TRAIN], model, run, tell)


def _nobody(event: Event) -> None:
    """Tell nobody: another process reports."""


def _silent(hooks: Sequence[Hook]) -> list[Hook]:
    return [hook for hook in hooks if not isinstance(hook, Reporting)]
