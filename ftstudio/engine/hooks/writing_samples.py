"""Lets a model that learns to write go on with a few validation rows at each check, so that one sees it learn."""

from __future__ import annotations

from collections.abc import Callable

from ftstudio.core.messages import Event, Log, Wrote
from ftstudio.engine.learning.loop import BaseHook
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.learning.steps import StepResult


class WritingSamples(BaseHook):
    """Asks every `every` steps, at the start and at the end; `show` returns lines of a prompt and what follows it."""

    def __init__(self, show: Callable[[], list[str]], emit: Callable[[Event], None], *, every: int) -> None:
        self.show, self.emit, self.every = show, emit, max(1, every)

    def before_training(self, state: TrainingState) -> None:
        """Show what the unchanged model writes, unless the run goes on."""
        if not state.step:
            self._tell(state)

    def after_step(self, state: TrainingState, result: StepResult) -> None:
        """Show it when a check is due."""
        if state.step % self.every == 0 or state.step >= state.total_steps:
            self._tell(state)

    def _tell(self, state: TrainingState) -> None:
        lines = self.show()
        self.emit(Wrote(step=state.step, lines=tuple(lines)))
        for line in lines:
            self.emit(Log(line_text=f"step {state.step}: {line}"))
