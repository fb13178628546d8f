"""The training loop, whole. It knows batches, steps and hooks; nothing of tasks, files or windows.

Cross-validation, range tests and rehearsals are procedures over this same loop.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.learning.steps import Stepper, StepResult


class Hook(Protocol):
    """What happens around the steps. Every method may be left as it is (see `BaseHook`)."""

    def before_training(self, state: TrainingState) -> None:
        """Run once before the first step (also when resuming)."""
        ...

    def after_step(self, state: TrainingState, result: StepResult) -> None:
        """Run after every optimiser step; may set `state.stop_reason`."""
        ...

    def after_training(self, state: TrainingState) -> None:
        """Run once at the end, also when the loop ends with an error."""
        ...


class BaseHook:
    """A hook that does nothing; the real ones override what they need."""

    def before_training(self, state: TrainingState) -> None:
        """Do nothing."""

    def after_step(self, state: TrainingState, result: StepResult) -> None:
        """Do nothing."""

    def after_training(self, state: TrainingState) -> None:
        """Do nothing."""


def train(stepper: Stepper, state: TrainingState, hooks: Sequence[Hook]) -> None:
    """Run from where `state` stands until its last step or until a hook gives a reason to stop."""
    try:
        for hook in hooks:
            hook.before_training(state)
        while not state.done:
            _epoch(stepper, state, hooks)
            if not state.done:
                state.epoch, state.batch = state.epoch + 1, 0
    finally:
        for hook in hooks:
            hook.after_training(state)


def _epoch(stepper: Stepper, state: TrainingState, hooks: Sequence[Hook]) -> None:
    for batch in stepper.plan.epoch(state.epoch, skip=state.batch):
        began = time.perf_counter()
        result = stepper.step(batch, state.step, seed=stepper.plan.seed * 1_000_003 + state.step * 997)
        state.step, state.batch = state.step + 1, state.batch + 1
        state.rows += result.rows
        state.seconds += time.perf_counter() - began
        for hook in hooks:
            hook.after_step(state, result)
        if state.done:
            return
