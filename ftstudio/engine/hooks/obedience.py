"""Listens to the user between steps: pause, resume, stop and keep."""

from __future__ import annotations

from collections.abc import Callable

from ftstudio.core.messages import Changed, Event, Remark
from ftstudio.core.states import RunState
from ftstudio.core.text import text
from ftstudio.engine.control import Control
from ftstudio.engine.learning.loop import BaseHook
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.learning.steps import StepResult

REASON = "user"


class Obedience(BaseHook):
    """Holds the loop while paused and ends it when a stop was asked for. `before_pause` saves what there is."""

    def __init__(
        self, control: Control, emit: Callable[[Event], None], before_pause: Callable[[TrainingState], None]
    ) -> None:
        self.control, self.emit, self.before_pause = control, emit, before_pause

    def after_step(self, state: TrainingState, result: StepResult) -> None:
        """Do what was asked for since the last step."""
        if self.control.paused:
            self.before_pause(state)
            self.emit(Changed(state=RunState.PAUSED, step=state.step))
            self.control.wait_while_paused()
            self.emit(Changed(state=RunState.RUNNING, step=state.step))
        if self.control.stop_requested and not state.done:
            state.stop_reason = REASON
            self.emit(Remark(code=f"stopped_{REASON}", text=text("Stopped here by you."), step=state.step))
