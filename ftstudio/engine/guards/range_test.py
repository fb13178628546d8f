"""The learning-rate range test: a short run in which the rate rises from very low to too high (Smith 2015, 1506.01186).

It runs the loop of a training run with other optimisers and one hook, and leaves the model and chance exactly as they
were. The losses of small batches are too noisy to judge by, and on little data they fall even while the model learns
the rows by heart. So what is judged is the loss, after every step, of the same rows that nothing learns from.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from accelerate import Accelerator

from ftstudio.core.errors import StudioError
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.states import Split
from ftstudio.engine.layers import snapshot
from ftstudio.engine.learning.batching import evaluation_batches
from ftstudio.engine.learning.feeds import Feed, Subset
from ftstudio.engine.learning.loop import BaseHook, train
from ftstudio.engine.learning.optim import Optimisers, build_optimisers
from ftstudio.engine.learning.schedules import rising
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.learning.steps import Stepper, StepResult
from ftstudio.engine.runs import training
from ftstudio.engine.runs.preparation import Prepared

DIVERGED = "diverged"
LIMIT = 2.0
CHECKED_ROWS = 40
FEWEST_CHECKED = 12
HELD_OUT = 0.25


@dataclass(frozen=True)
class Limits:
    """From which to which learning rate, in how many steps."""

    lowest: float
    highest: float
    steps: int

    def rate(self, step: int) -> float:
        """Return the learning rate of step `step` (from 0)."""
        return self.highest * rising(step, self.steps, self.highest / self.lowest)


@dataclass
class Sweep:
    """What one rise of the rate showed.

    `rates` of the steps, `batch` losses of what was learned from, `checked` losses of the fixed rows after each step;
    `start` is their loss before the first. The last step of a sweep that `diverged` may be missing.
    """

    rates: list[float] = field(default_factory=list)
    batch: list[float] = field(default_factory=list)
    checked: list[float] = field(default_factory=list)
    start: float = math.nan
    diverged: bool = False


class Rising(Optimisers):
    """Optimisers whose rates rise exponentially up to their full rate; all groups keep their ratio."""

    span: float = 1.0

    def share(self, step: int) -> float:
        """Return the share of the full rate at `step`."""
        return rising(step, self.total_steps, self.span)


class Watching(BaseHook):
    """Notes the losses at every rate, and ends the run when the model is being destroyed.

    That is when the fixed rows lose `LIMIT` times more than before the first step and than by guessing.
    """

    def __init__(self, limits: Limits, guessing: float, measure: Callable[[], float], tick: Callable[[int], None]):
        self.limits, self.guessing, self.measure, self.tick = limits, guessing, measure, tick
        self.sweep = Sweep()

    def before_training(self, state: TrainingState) -> None:
        """Measure the unchanged model."""
        self.sweep.start = self.measure()

    def after_step(self, state: TrainingState, result: StepResult) -> None:
        """Measure, and look whether to go on."""
        loss, sweep = self.measure(), self.sweep
        too_much = LIMIT * max(sweep.start, self.guessing)
        if not math.isfinite(loss):
            sweep.diverged = True
        else:
            sweep.rates.append(self.limits.rate(state.step - 1))
            sweep.batch.append(result.loss)
            sweep.checked.append(loss)
            sweep.diverged = len(sweep.checked) > 1 and min(sweep.checked[-2:]) > too_much
        if sweep.diverged:
            state.stop_reason = DIVERGED
        self.tick(state.step)


def run_sweep(
    prepared: Prepared,
    settings: TrainingSettings,
    accelerator: Accelerator,
    limits: Limits,
    seed: int,
    tick: Callable[[int], None],
) -> Sweep:
    """Let the rate rise once and return what it showed; the model and chance are exactly as before afterwards.

    Args:
        prepared: brought to where training begins.
        settings: those of the run to be; the rates of groups keep their ratio to `learning_rate`.
        accelerator: of this process.
        limits: where the rate begins and ends.
        seed: draws the batches.
        tick: told how many steps are done; may raise to cancel.
    """
    model, planned = prepared.bundle.model, scaled(settings, limits.highest).model_copy(update={"seed": seed})
    before = snapshot.take(model)
    learned, checked = divided(prepared, settings.seed)
    guessing = math.log(max(2, len(prepared.bundle.labels)))
    hook = Watching(limits, guessing, lambda: loss_while_training(checked, prepared), tick)
    try:
        plan = training.batch_plan(replace(prepared, feeds={Split.TRAIN: learned}), planned, accelerator)
        optimisers = _rising(prepared, planned, accelerator, limits)
        stepper = Stepper(learned, optimisers, accelerator, plan, planned, prepared.class_weights)
        train(stepper, TrainingState(total_steps=limits.steps, steps_per_epoch=plan.batches_per_epoch), [hook])
    except StudioError as error:
        if error.where.field != "learning_rate":
            raise
        hook.sweep.diverged = True
    finally:
        snapshot.put_back(before, model)
    return hook.sweep


def scaled(settings: TrainingSettings, rate: float) -> TrainingSettings:
    """Return `settings` with another learning rate; a rate of the head's own keeps its ratio to it."""
    values = {"learning_rate": rate}
    if settings.head_learning_rate is not None:
        values["head_learning_rate"] = settings.head_learning_rate / settings.learning_rate * rate
    return settings.model_copy(update=values)


def divided(prepared: Prepared, seed: int) -> tuple[Feed, Feed]:
    """Return the rows to learn from and the fixed rows to check: validation rows, or training rows held out for it."""
    train_feed, held = prepared.feeds[Split.TRAIN], prepared.feeds[Split.VALIDATION]
    labelled = np.flatnonzero(held.labels >= 0)
    chance = np.random.default_rng(seed)
    if len(labelled) >= FEWEST_CHECKED:
        return train_feed, Subset(held, np.sort(chance.permutation(labelled)[:CHECKED_ROWS]))
    order = chance.permutation(len(train_feed.labels))
    cut = min(CHECKED_ROWS, max(1, round(HELD_OUT * len(order))))
    return Subset(train_feed, np.sort(order[cut:])), Subset(train_feed, np.sort(order[:cut]))


@torch.no_grad()
def loss_while_training(feed: Feed, prepared: Prepared) -> float:
    """Return the mean loss of all answers of `feed` as the model is while it learns; nothing is changed by looking.

    Batch norm uses the statistics of the rows, as in a step: those it stores lag behind so short a run and would hide
    what the rate does. Dropout is drawn the same each time.
    """
    model, device = prepared.bundle.model, prepared.hardware.device
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    total = 0.0
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(0)
        for rows in evaluation_batches(feed.lengths):
            batch = feed.batch(rows).to(device)
            with prepared.hardware.autocast():
                logits = feed.logits(batch)
            total += float(feed.loss(logits.float(), batch.labels, None).sum())
    for buffer, value in buffers:
        buffer.copy_(value)
    return total / max(1, int(feed.losses.sum()))


def _rising(prepared: Prepared, settings: TrainingSettings, accelerator: Accelerator, limits: Limits) -> Rising:
    sparse = accelerator.num_processes == 1 and accelerator.scaler is None
    made = build_optimisers(prepared.bundle.model, prepared.plan, settings, limits.steps, sparse=sparse)
    members = [accelerator.prepare_optimizer(member) for member in made.members]
    optimisers = Rising(members, made.total_steps, made.schedule, made.warmup)
    optimisers.span = limits.highest / limits.lowest
    return optimisers
