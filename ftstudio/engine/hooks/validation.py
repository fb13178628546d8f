"""Tries the model on the validation rows at fixed steps, keeps the best, and tells everybody."""

from __future__ import annotations

import math
from collections.abc import Callable

from ftstudio.core.messages import Event, Kept, Measured
from ftstudio.core.metrics import MetricSpec
from ftstudio.engine.learning.loop import BaseHook
from ftstudio.engine.learning.state import Best, TrainingState
from ftstudio.engine.learning.steps import StepResult

# Of several checks the highest is also the luckiest. On few rows the later of two nearly equal ones is the better
# model, because its rate has come down; a third of a standard error was best of those measured
# (`tests/benchmarks/keeping.py`: a point more on test rows than the highest score, also with wrong labels).
BY_LUCK = 1 / 3


class Validation(BaseHook):
    """Checks every `every` steps and at the end; the first check is before the first step.

    `evaluate` returns the metrics on the validation rows; `keep` writes the best checkpoint. Which of several equal
    scores is the best says `tie_break`; `chance` is the standard error of a score (NaN: not known). `gain` is how much
    better a check must be to count for early stopping.
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
        chance: Callable[[float], float] = lambda score: math.nan,
    ) -> None:
        self.evaluate, self.keep, self.metric, self.emit = evaluate, keep, metric, emit
        self.every, self.gain, self.tie_break, self.chance = max(1, every), gain, tie_break, chance

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
        if state.top is None and state.best is not None:
            state.top = state.best.value  # a checkpoint from before there was a top
        gained = self.metric.is_better(value, state.top, self.gain)
        if self.metric.is_better(value, state.top):
            state.top = value
        if self._is_best(state, value, loss):
            state.best = Best(step=state.step, metric=self.metric.key, value=value, loss=loss)
            self.keep(state)
            self.emit(Kept(which="best", step=state.step, metric=self.metric.key, value=value))
        state.checks_without_gain = 0 if gained else state.checks_without_gain + 1

    def _is_best(self, state: TrainingState, value: float, loss: float) -> bool:
        """Whether this check replaces the one that is kept; `state.top` counts this one already."""
        best, top = state.best, state.top
        if best is None or top is None or math.isnan(value):
            return self.metric.is_better(value, best.value if best else None)
        room = BY_LUCK * self.chance(top) if self.tie_break == "later" else math.nan
        if math.isfinite(room):
            return value >= top - room
        if self.metric.is_better(value, best.value):
            return True
        return self.tie_break != "earlier" and value == best.value and loss < best.loss
