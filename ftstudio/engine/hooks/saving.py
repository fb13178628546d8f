"""Writes the last checkpoint, from which a run resumes: after checks, and at the end, however it ends."""

from __future__ import annotations

import time
from collections.abc import Callable

from ftstudio.core.messages import Event, Kept
from ftstudio.engine.learning.loop import BaseHook
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.learning.steps import StepResult

SECONDS_BETWEEN = 30.0


class Saving(BaseHook):
    """Calls `save` when `seconds_between` have gone by since the last time, and when the loop ends.

    Writing takes time and wears the disk, so short runs write once and long ones lose half a minute at most.
    """

    def __init__(
        self,
        save: Callable[[TrainingState], None],
        emit: Callable[[Event], None],
        seconds_between: float = SECONDS_BETWEEN,
    ) -> None:
        self.save, self.emit, self.seconds_between = save, emit, seconds_between
        self._written_at, self._written_step = time.monotonic(), -1

    def after_step(self, state: TrainingState, result: StepResult) -> None:
        """Write when it is time."""
        if time.monotonic() - self._written_at >= self.seconds_between:
            self.write(state)

    def after_training(self, state: TrainingState) -> None:
        """Write the end of a run that came to one; after an error the last good checkpoint stays."""
        if state.done and state.step != self._written_step:
            self.write(state)

    def write(self, state: TrainingState) -> None:
        """Write now and tell that the last checkpoint is complete."""
        self.save(state)
        self._written_at, self._written_step = time.monotonic(), state.step
        self.emit(Kept(which="last", step=state.step))
