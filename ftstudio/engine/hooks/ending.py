"""Ends a run after a number of steps that is known beforehand, with the schedule of the longer run it belongs to."""

from __future__ import annotations

from ftstudio.engine.learning.loop import BaseHook
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.learning.steps import StepResult

REASON = "known_step"


class Ending(BaseHook):
    """Ends the loop once `steps` are done; 0 keeps the model as training would have begun."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def before_training(self, state: TrainingState) -> None:
        """End at once if there is nothing (more) to do."""
        self._look(state)

    def after_step(self, state: TrainingState, result: StepResult) -> None:
        """Look at the step."""
        self._look(state)

    def _look(self, state: TrainingState) -> None:
        if state.step >= self.steps and not state.stop_reason:
            state.stop_reason = REASON
