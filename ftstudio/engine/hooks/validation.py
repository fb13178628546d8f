"""Tries the model on the validation rows at fixed steps, keeps the best, and tells everybody."""

from __future__ import annotations

import math
from collections.abc import Callable

from ftstudio.core.messages import Event, Kept, Measured
from ftstudio.core.metrics import MetricSpec
from ftstudio.engine.learning.loop import BaseHook
from ftstudio.engine.learning.state import Best, TrainingState
from ftstudio.engine.learning.steps import StepResult


class Validation(BaseHook):
    """Checks every `every` steps and at the end; the first check is before the first step.

    `evaluate` returns the metrics on the validation rows; `keep` writes the best checkpoint. Of equal scores the one
    with the lower loss is the best, or the earlier one (`tie_break`). `gain` is how much better a check must be to
    count for early stopping.
    """

    def __init__(
        self,
        evaluate: Callable[[], dict[str, float]],
        keep: Callable[[TrainingState], None],
        metric: MetricSpec,
        emit: Callable[[Event], None],
        *,
        every: int,
        gain: float = 0.0,
        tie_break: str = "loss",
    ) -> None:
        self.evaluate, self.keep, self.metric, self.emit = evaluate, keep, metric, emit
        self.every, self.gain, self.tie_break = max(1, every), gain, tie_break

    def before_training(self, state: TrainingState) -> None:
        """Check the start, unless the run goes on from a checkpoint."""
        if state.checks == 0:
            self._check(state)
            state.checks_without_gain = 0

    def after_step(self, state: TrainingState, result: StepResult) -> None:
        """Check when it is time."""
        if state.step % self.every == 0 or state.step >= state.total_steps:
            self._check(state)

    def _check(self, state: TrainingState) -> None:
        values = self.evaluate()
        state.checks += 1
        self.emit(
            Measured(split="validation", step=state.step, epoch=state.epochs_done, seconds=state.seconds, values=values)
        )
        value, loss = values.get(self.metric.key, math.nan), values.get("loss", math.nan)
        before = state.best.value if state.best else None
        gained = self.metric.is_better(value, before, self.gain)
        if self.metric.is_better(value, before) or self._wins_tie(state.best, value, loss):
            state.best = Best(step=state.step, metric=self.metric.key, value=value, loss=loss)
            self.keep(state)
            self.emit(Kept(which="best", step=state.step, metric=self.metric.key, value=value))
        state.checks_without_gain = 0 if gained else state.checks_without_gain + 1

    def _wins_tie(self, best: Best | None, value: float, loss: float) -> bool:
        return best is not None and self.tie_break == "loss" and value == best.value and loss < best.loss
