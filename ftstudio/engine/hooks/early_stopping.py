"""Ends a run whose validation score has stopped getting better (Prechelt 1998). The best checkpoint is kept anyway."""

from __future__ import annotations

from collections.abc import Callable

from ftstudio.core.messages import Event, Remark
from ftstudio.core.text import text_plural
from ftstudio.engine.learning.loop import BaseHook
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.learning.steps import StepResult

REASON = "early_stopping"


class EarlyStopping(BaseHook):
    """Stops after `patience` checks in a row without a gain and tells so.

    The first `warmup` checks after the start are not counted; the one before the first step never is.
    """

    def __init__(self, patience: int, emit: Callable[[Event], None], warmup: int = 0) -> None:
        self.patience, self.emit, self.warmup = patience, emit, warmup

    def after_step(self, state: TrainingState, result: StepResult) -> None:
        """Look at the count that the validation keeps."""
        without_gain = min(state.checks_without_gain, state.checks - 1 - self.warmup)
        if without_gain >= self.patience and not state.done:
            state.stop_reason = REASON
            self._tell(state)

    def _tell(self, state: TrainingState) -> None:
        told = text_plural(
            "Stopped here: no gain for one check.", "Stopped here: no gain for {count} checks.", count=self.patience
        )
        self.emit(Remark(code=f"stopped_{REASON}", text=told, step=state.step))
