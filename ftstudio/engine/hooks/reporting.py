"""Tells the curves: loss, rate, gradient norm, throughput and memory of the steps."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

from ftstudio.core.messages import Event, Measured
from ftstudio.engine.device import Hardware, memory_in_use
from ftstudio.engine.learning.loop import BaseHook
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.learning.steps import StepResult

MOST_POINTS = 20_000
SECONDS_BETWEEN_RATES = 0.5


class Reporting(BaseHook):
    """Emits a `Measured` for every step, or for every few of a very long run so that curves stay light."""

    def __init__(self, emit: Callable[[Event], None], hardware: Hardware) -> None:
        self.emit, self.hardware = emit, hardware
        self._process = psutil.Process()
        self._rates: dict[str, float] = {}
        self._since, self._rows = time.monotonic(), 0
        self.peak_memory = 0

    def before_training(self, state: TrainingState) -> None:
        """Start counting."""
        self._since, self._rows = time.monotonic(), state.rows

    def after_step(self, state: TrainingState, result: StepResult) -> None:
        """Tell the step, and every half second how fast it goes and how much memory it takes."""
        if state.step % max(1, state.total_steps // MOST_POINTS):
            return
        values = {"loss": result.loss, "learning_rate": result.learning_rate, "gradient_norm": result.gradient_norm}
        values |= self._speed(state)
        self.emit(
            Measured(split="train", step=state.step, epoch=state.epochs_done, seconds=state.seconds, values=values)
        )

    def after_training(self, state: TrainingState) -> None:
        """Look at the memory once more."""
        self._memory()

    def _speed(self, state: TrainingState) -> dict[str, float]:
        now = time.monotonic()
        if now - self._since < SECONDS_BETWEEN_RATES:
            return {}
        rate = (state.rows - self._rows) / (now - self._since)
        self._since, self._rows = now, state.rows
        return {"samples_per_second": rate, "memory_bytes": float(self._memory())}

    def _memory(self) -> int:
        memory = memory_in_use(self.hardware.device) or int(self._process.memory_info().rss)
        self.peak_memory = max(self.peak_memory, memory)
        return memory
