"""Our engine on rows in memory, without import and reports: what the training benchmark times."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from ftstudio.core import catalog
from ftstudio.core.messages import Event
from ftstudio.core.presets import Facts, resolve
from ftstudio.core.settings import Overrides, TrainingSettings
from ftstudio.core.states import Split
from ftstudio.engine import backend, device
from ftstudio.engine.control import Control
from ftstudio.engine.hooks.reporting import Reporting
from ftstudio.engine.layers.freezing import set_training_mode
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.learning.loop import train
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.learning.steps import Stepper
from ftstudio.engine.runs import checkpoints, preparation, training
from ftstudio.models.library import resolve as find_model
from tests.benchmarks.outcome import _model
from tests.support.real_data import Row


class Rows:
    """Rows in memory in the place of a project's data set."""

    def __init__(self, splits: dict[Split, list[Row]], role: str) -> None:
        self.splits, self.role, self.folder = splits, role, Path("/")
        self.labels = sorted({label for _, label in splits[Split.TRAIN]})

    def table(self, split: Split) -> pa.Table:
        """Return the rows of a split, columns named by role."""
        rows = self.splits.get(split, [])
        return pa.table({self.role: [one for one, _ in rows], "label": [label for _, label in rows]})


def _settings(task: str, model: str, rows: int, changes: dict[str, Any]) -> TrainingSettings:
    record = find_model(model)
    facts = Facts(rows=rows, long_length=256, parameters=record.parameters, model_max_length=record.max_length)
    recommended = catalog.tasks().spec(task).recommend("balanced", facts)
    values = {"early_stopping": False, **changes}
    return resolve(recommended, Overrides(values=values)).settings


def train_in_memory(
    task: str,
    model: str,
    train_rows: list[Row],
    test_rows: list[Row],
    changes: dict[str, Any],
    folder: Path | None = None,
    emit: Callable[[Event], None] = lambda event: None,
) -> tuple[float, int, float]:
    """Return test accuracy, rows learned from, and the seconds from encoded rows to a trained model.

    `folder` is that of another model than the task's usual one; `emit` hears the run. A twentieth of the test rows
    serves as validation, so that best-keeping has its cost.
    """
    backend.prepare()
    folder = folder or _model(task)
    settings = _settings(task, model, len(train_rows), changes)
    module: Any = catalog.tasks().module(task)
    role = "text" if task.startswith("text") else "image"
    checked = test_rows[: max(20, len(test_rows) // 20)]
    rows = Rows({Split.TRAIN: train_rows, Split.VALIDATION: checked, Split.TEST: test_rows}, role)
    hardware = device.choose(settings)
    accelerator = training.make_accelerator(hardware)
    began = 0.0

    def tell(phase: object, done: int, total: int) -> None:
        nonlocal began
        if phase is not preparation.LOADING and phase is not preparation.ENCODING and not began:
            began = time.perf_counter()

    with tempfile.TemporaryDirectory() as scratch:
        prepared = preparation.prepare(module, folder, rows, settings, hardware, tell, resuming=False)  # type: ignore[arg-type]
        began = began or time.perf_counter()
        outcome = training.run_training(prepared, settings, accelerator, emit, Control(), Path(scratch))
        checkpoints.restore(Path(scratch) / "best", prepared.bundle.model, None)
        seconds = time.perf_counter() - began
        test = prepared.whole[Split.TEST]
        score = module.score(logits_of(test, hardware), test.labels)
    return float(score["accuracy"]), outcome.state.rows, seconds


def time_loop(rows: list[Row], seed: int, *, by_hand: bool) -> tuple[int, float]:
    """Return rows and seconds of one epoch over the same batches, by our loop or by one written out here."""
    backend.prepare()
    settings = TrainingSettings(seed=seed, probe_first=False, dropout=0.0, epochs=1.0)
    module: Any = catalog.tasks().module("text-classification")
    hardware = device.choose(settings)
    accelerator = training.make_accelerator(hardware)
    data = Rows({Split.TRAIN: rows}, "text")
    prepared = preparation.prepare(
        module,
        _model("text-classification"),
        data,
        settings,
        hardware,
        lambda *_: None,
        resuming=False,  # type: ignore[arg-type]
    )
    plan = training.batch_plan(prepared, settings, accelerator)
    optimisers = training._optimisers(prepared, settings, accelerator, plan.batches_per_epoch)
    stepper = Stepper(prepared.feeds[Split.TRAIN], optimisers, accelerator, plan, settings, None)
    set_training_mode(prepared.bundle.model)
    if by_hand:
        return _by_hand(stepper, hardware)
    state = TrainingState(total_steps=plan.batches_per_epoch, steps_per_epoch=plan.batches_per_epoch)
    began = time.perf_counter()
    train(stepper, state, [Reporting(lambda _: None, hardware)])
    return state.rows, time.perf_counter() - began


def _by_hand(stepper: Stepper, hardware: device.Hardware) -> tuple[int, float]:
    """Write out the least a loop must do: forward, backward, clip, step."""
    feed: Any = stepper.feed
    model = feed.bundle.model
    members = [getattr(member, "optimizer", member) for member in stepper.optimisers.members]
    began, rows = time.perf_counter(), 0
    for step, batch in enumerate(stepper.plan.epoch(0)):
        stepper.optimisers.set_rates(step)
        data = feed.examples.batch([int(row) for row in np.asarray(batch)], None)
        with torch.autocast(hardware.device.type, dtype=hardware.dtype, enabled=hardware.precision != "fp32"):
            logits = feed.task.logits(model, data.inputs)
        torch.nn.functional.cross_entropy(logits.float(), data.labels).backward()
        dense = [p for p in model.parameters() if p.grad is not None and not p.grad.is_sparse]
        torch.nn.utils.clip_grad_norm_(dense, 1.0)
        for member in members:
            member.step()
            member.zero_grad(set_to_none=True)
        rows += len(batch)
    return rows, time.perf_counter() - began
