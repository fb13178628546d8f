"""A worker process that keeps models loaded, so that an answer takes as long as the model does and no longer.

It starts when it is first asked, ends when nobody has asked for some minutes, when a training needs the computer and
with the project. Only the newest question counts: answers to older ones are dropped, here and in the worker.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QObject, Signal

from ftstudio.core.errors import ErrorDocument, StudioError
from ftstudio.core.messages import Answer, Ask, Event, Failed, Finished, Progress, Request, Started, Writing
from ftstudio.core.text import Text, text
from ftstudio.gui.operations import Operations
from ftstudio.gui.session import Session
from ftstudio.gui.worker_thread import WorkerThread


class State(StrEnum):
    """How the worker stands: `ASLEEP` starts at the next question, `FAILED` too, after having said why it ended."""

    ASLEEP = "asleep"
    WARMING = "warming"
    READY = "ready"
    ANSWERING = "answering"
    FAILED = "failed"


class _Process(WorkerThread):
    """A worker whose signals say which one they are of: what an earlier one still says must not count."""

    told = Signal(object, object)
    ended = Signal(object, object)

    def __init__(self, request: Request, parent: QObject | None) -> None:
        super().__init__(request, parent)
        self.heard.connect(self._tell)
        self.over.connect(self._end)

    def _tell(self, event: Event) -> None:
        self.told.emit(self, event)

    def _end(self, outcome: object) -> None:
        self.ended.emit(self, outcome)


class WarmWorker(QObject):
    """Asks and hears. `answered` carries the document of an `Answer` and the seconds it took from here and back, the
    loading of models left out.

    `writing` carries a run and what its model has written so far. `changed` tells of a new state; `phase` says what it
    does while it loads, `why` why it sleeps or has failed.
    """

    answered = Signal(object, float)
    writing = Signal(str, str)
    changed = Signal()

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(operations)  # the threads of operations are waited for as the window closes
        self._session = session
        self._thread: _Process | None = None
        self._wanted: Ask | None = None
        self._number, self._asked_at, self._restarts = 0, 0.0, 0
        self._ended_idle = False
        self._error: ErrorDocument | None = None
        self.state, self.phase = State.ASLEEP, Text(template="")
        self.why: Text | None = None
        self.hint: Text | None = None
        session.trainer.state_changed.connect(self._make_room)
        session.project_changed.connect(self._let_go)

    def ask(self, question: dict[str, Any], runs: Sequence[str]) -> None:
        """Ask the models of some runs; an answer that has not come yet is no longer wanted."""
        self._number += 1
        self._restarts = 0
        self._wanted = Ask(number=self._number, question={**question, "runs": list(runs)})
        if self._thread is None:
            self._start(runs)
        elif self.state in (State.READY, State.ANSWERING):
            self._send()
        else:
            self.changed.emit()  # it is loading, which is now waited for

    @property
    def is_asked(self) -> bool:
        """Whether an answer is waited for."""
        return self._wanted is not None

    def warm_up(self, runs: Sequence[str]) -> None:
        """Have the models of some runs ready before the first question."""
        if self._thread is None and self.state is State.ASLEEP:
            self._start(runs)

    def forget(self) -> None:
        """Want no answer any more, as when the question was emptied."""
        self._wanted = None
        self._number += 1
        if self.state is State.ANSWERING:
            self._show(State.READY)

    def interrupt(self, runs: Sequence[str]) -> None:
        """Want no answer any more and let the process give up what it is at: a question without anything overtakes."""
        was_answering = self.state is State.ANSWERING
        self.forget()
        if self._thread is not None and was_answering:
            self._thread.send(Ask(number=self._number, question={"runs": list(runs)}))

    def end(self, why: Text | None = None) -> None:
        """End the process at once, it has nothing to lose; `why` is told until the next question."""
        thread, self._thread = self._thread, None
        self._wanted = None
        if thread is not None:
            thread.kill()
        self._show(State.ASLEEP, why)

    def _start(self, runs: Sequence[str]) -> None:
        project = self._session.project
        if project is None:
            return
        self._error, self._ended_idle = None, False
        request = Request(job="answer", project=project.layout.root, options={"runs": list(runs)})
        thread = _Process(request, self.parent())
        thread.told.connect(self._hear)
        thread.ended.connect(self._over)
        thread.finished.connect(thread.deleteLater)
        self._thread = thread
        self.phase = text("Starting the compute process")
        self._show(State.WARMING)
        thread.start()

    def _send(self) -> None:
        if self._thread is not None and self._wanted is not None:
            self._asked_at = time.monotonic()
            self._thread.send(self._wanted)
            self._show(State.ANSWERING)

    def _hear(self, thread: _Process, event: Event) -> None:
        if thread is not self._thread:
            return
        if isinstance(event, Progress):
            self.phase = event.phase
            self.changed.emit()
        elif isinstance(event, Started):
            self.phase = Text(template="")
            self._show(State.READY)
            self._send()
        elif isinstance(event, Answer):
            self._take(event)
        elif isinstance(event, Writing):
            if self._wanted is not None and event.number == self._wanted.number:
                self.writing.emit(event.run, event.words)
        elif isinstance(event, Failed):
            self._error = event.error
        elif isinstance(event, Finished):
            self._ended_idle = True

    def _take(self, answer: Answer) -> None:
        if self._wanted is None or answer.number != self._wanted.number:
            self._asked_at = time.monotonic()  # only now is the process free for the question that is wanted
            return
        took = time.monotonic() - self._asked_at
        self._wanted, self._restarts = None, 0
        self.phase = Text(template="")
        self._show(State.READY)
        self.answered.emit(answer.document, max(0.0, took - float(answer.document.get("loading", 0.0))))

    def _over(self, thread: _Process, outcome: Any) -> None:
        if thread is not self._thread:
            return
        self._thread = None
        wanted = self._wanted
        if self._ended_idle and wanted is None:
            self._show(State.ASLEEP, text("The model was put away, because nobody asked for a while."))
        elif self._error is not None:
            self._fail(self._error.message, self._error.hint)
        elif isinstance(outcome, StudioError):
            self._fail(outcome.message, outcome.hint)
        elif self._restarts == 0 and wanted is not None:
            self._restarts += 1
            self._start(wanted.question["runs"])
        else:
            self._fail(
                getattr(outcome, "message", None) or text("The compute process ended without a word."),
                getattr(outcome, "hint", None) or text("Ask again to start it anew."),
            )

    def _fail(self, why: Text, hint: Text | None) -> None:
        self._wanted = None
        self._show(State.FAILED, why, hint)

    def _let_go(self) -> None:
        self.end()

    def _make_room(self) -> None:
        if self._session.trainer.is_active and self._thread is not None:
            self.end(text("The model was put away, to leave memory and processors to the training."))

    def _show(self, state: State, why: Text | None = None, hint: Text | None = None) -> None:
        self.state, self.why, self.hint = state, why, hint
        self.changed.emit()
