"""The run at work: starts its worker, turns each event into a typed signal, remembers what a page opened later needs.

Pages connect to the signals and never see the process. What is remembered here is the same as what
`metrics.jsonl` records, so live and finished runs are drawn by the same code.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from ftstudio.core import messages
from ftstudio.core.errors import ErrorDocument
from ftstudio.core.states import RunState
from ftstudio.gui.worker_thread import WorkerThread

LOG_LINES = 2000


def _set_aside_what_is_alive() -> None:
    """Leave everything there is now out of later garbage collections: a full one would hold up charts and clicks."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


class Trainer(QObject):
    """One run at a time. Every signal carries the message of the same name from `core.messages`; `finished` carries
    the document, `failed` the `ErrorDocument`, `ended` the supervisor's `Outcome` (or the exception that kept the
    worker from starting) and always comes last.
    """

    started = Signal(object)
    progressed = Signal(object)
    measured = Signal(object)
    remarked = Signal(object)
    kept = Signal(object)
    diagnosed = Signal(object)
    wrote = Signal(object)
    changed = Signal(object)
    logged = Signal(str)
    heartbeat = Signal(object)
    finished = Signal(object)
    failed = Signal(object)
    ended = Signal(object)
    state_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: WorkerThread | None = None
        self._stop_asked = False
        self._handlers: dict[type, Callable[[Any], None]] = {
            messages.Started: self._on_started,
            messages.Progress: self._on_progress,
            messages.Measured: self._on_measured,
            messages.Remark: self._on_remark,
            messages.Kept: self._on_kept,
            messages.Diagnosed: self._on_diagnosed,
            messages.Wrote: self._on_wrote,
            messages.Changed: self._on_changed,
            messages.Log: self._on_log,
            messages.Heartbeat: self.heartbeat.emit,
            messages.Finished: self._on_finished,
            messages.Failed: self._on_failed,
        }
        self._forget()

    def _forget(self) -> None:
        self.run_id: str | None = None
        self.state: RunState | None = None
        self.about: messages.Started | None = None
        self.step, self.total_steps, self.seconds = 0, 0, 0.0
        self.phase: messages.Progress | None = None
        self.events: list[messages.Event] = []
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self.document: dict[str, Any] | None = None
        self.error: ErrorDocument | None = None
        self._first: tuple[int, float] | None = None

    @property
    def is_active(self) -> bool:
        """Whether a worker is at work or about to be."""
        return self._thread is not None

    @property
    def is_stopping(self) -> bool:
        """Whether the run has been asked to stop and has not ended yet."""
        return self.is_active and self._stop_asked

    @property
    def silence(self) -> float:
        """Seconds since the worker was last heard of, its heartbeats included."""
        return self._thread.silence if self._thread is not None else 0.0

    @property
    def seems_hung(self) -> bool:
        """Whether the worker lives but has been silent for so long that something must be wrong."""
        return self._thread is not None and self._thread.seems_hung

    def start(self, project: Path, options: dict[str, Any], job: str = "train") -> None:
        """Begin a run of the project; does nothing while one is at work."""
        if self.is_active:
            return
        self._forget()
        _set_aside_what_is_alive()
        self._stop_asked = False
        self.state = RunState.PENDING
        self._thread = WorkerThread(messages.Request(job=job, project=project, options=options), self)
        self._thread.heard.connect(self._hear)
        self._thread.over.connect(self._over)
        self._thread.start()
        self.state_changed.emit()

    def pause(self) -> None:
        """Hold after the current step."""
        self._send(messages.Pause())

    def resume(self) -> None:
        """Go on after a pause."""
        self._send(messages.Resume())

    def note(self, done: str) -> None:
        """Have the run record that the user took a remedy the doctor offered (`Remedy.name`)."""
        self._send(messages.Took(done=done))

    def stop(self) -> None:
        """Stop after the current step and keep the best model; a worker that does not obey is ended in stages."""
        if self._thread is not None and not self._stop_asked:
            self._stop_asked = True
            self._thread.end()
            self.state_changed.emit()

    def kill(self) -> None:
        """End the worker at once; its last checkpoint stays."""
        if self._thread is not None:
            self._thread.kill()

    def wait(self, milliseconds: int) -> bool:
        """Wait for the worker's end, as the window closes; returns whether it came."""
        return self._thread is None or self._thread.wait(milliseconds)

    def share_done(self) -> float:
        """Return how far the run is, from 0 to 1."""
        return min(1.0, self.step / self.total_steps) if self.total_steps else 0.0

    def seconds_left(self) -> float | None:
        """Return the training time left at the pace since this worker began, or None while unknown."""
        if self._first is None or not self.total_steps or self.step <= self._first[0]:
            return None
        pace = (self.seconds - self._first[1]) / (self.step - self._first[0])
        return max(0.0, pace * (self.total_steps - self.step))

    def _send(self, command: messages.Command) -> None:
        if self._thread is not None:
            self._thread.send(command)

    def _hear(self, event: messages.Event) -> None:
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    def _on_started(self, event: messages.Started) -> None:
        self.about, self.run_id, self.total_steps = event, event.run, event.total_steps or 0
        self._set_state(RunState.RUNNING)
        self.started.emit(event)

    def _on_progress(self, event: messages.Progress) -> None:
        self.phase = event
        self.progressed.emit(event)

    def _on_measured(self, event: messages.Measured) -> None:
        self.events.append(event)
        self.step, self.seconds = max(self.step, event.step), max(self.seconds, event.seconds)
        if self._first is None and event.split == "train":
            self._first = (event.step, event.seconds)
        self.phase = None
        self.measured.emit(event)

    def _on_remark(self, event: messages.Remark) -> None:
        self.events.append(event)
        self.remarked.emit(event)

    def _on_kept(self, event: messages.Kept) -> None:
        self.events.append(event)
        self.kept.emit(event)

    def _on_diagnosed(self, event: messages.Diagnosed) -> None:
        self.events.append(event)
        self.diagnosed.emit(event)

    def _on_wrote(self, event: messages.Wrote) -> None:
        self.events.append(event)
        self.wrote.emit(event)

    def _on_changed(self, event: messages.Changed) -> None:
        self.events.append(event)
        self._set_state(event.state)
        self.changed.emit(event)

    def _on_log(self, event: messages.Log) -> None:
        self.log.append(event.line_text)
        self.logged.emit(event.line_text)

    def _on_finished(self, event: messages.Finished) -> None:
        self.document = event.document
        self.finished.emit(event.document)

    def _on_failed(self, event: messages.Failed) -> None:
        self.error = event.error
        self.failed.emit(event.error)

    def _over(self, outcome: object) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.finished.connect(thread.deleteLater)
        state = getattr(outcome, "state", RunState.FAILED)
        self._set_state(state)
        self.ended.emit(outcome)

    def _set_state(self, state: RunState) -> None:
        self.state = state
        self.state_changed.emit()
