"""Ends a run whose validation score has stopped getting better (Prechelt 1998). The best checkpoint is kept anyway."""

from __future__ import annotations

from ftstudio.engine.loop import BaseHook
from ftstudio.engine.state import TrainingState
from ftstudio.engine.steps import StepResult

REASON = "early_stopping"


class EarlyStopping(BaseHook):
    """Stops after `patience` checks in a row without a gain."""

    def __init__(self, patience: int) -> None:
        self.patience = patience

    def after_step(self, state: TrainingState, result: StepResult) -> None:
        """Look at the count that the validation keeps."""
        if state.checks_without_gain >= self.patience and state.step < state.total_steps:
            state.stop_reason = REASON
