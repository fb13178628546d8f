"""The one place for work that takes longer than a blink: pages say what to run and what to do with the result.

`run` calls a plain function in a thread; `run_job` runs a job of the catalogue in a worker process. Both show up
in `running`, report progress, can be cancelled, and end on the window's thread in exactly one of success,
failure or cancellation. A failure that nobody handles becomes a notification.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from ftstudio.core.errors import CancelledError, ErrorDocument, StudioError
from ftstudio.core.messages import Event, Failed, Finished, Progress, Request
from ftstudio.gui import notifications
from ftstudio.gui.worker_thread import WorkerThread


class Operation(QObject):
    """One piece of work. `progressed` carries `Progress`, `succeeded` the result, `failed` an exception or
    `ErrorDocument`; `ended` follows each of them, also after a cancellation.
    """

    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    ended = Signal()

    def __init__(self, title: str, parent: QObject) -> None:
        super().__init__(parent)
        self.title = title
        self.began = time.monotonic()
        self.progress: Progress | None = None
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop; it ends without success or failure."""
        self._cancelled.set()

    def cancelled(self) -> bool:
        """Whether the user has asked to stop. The work itself asks this now and then."""
        return self._cancelled.is_set()

    def seconds_left(self) -> float | None:
        """Return the time left as far as progress so far can tell."""
        progress = self.progress
        if progress is None or not progress.total or not progress.done:
            return None
        spent = time.monotonic() - self.began
        return spent / progress.done * max(0, progress.total - progress.done)

    def _note_progress(self, progress: Progress) -> None:
        self.progress = progress
        self.progressed.emit(progress)

    def _end(self, result: object, error: object | None) -> None:
        if not (self.cancelled() or isinstance(error, CancelledError)):
            if error is None:
                self.succeeded.emit(result)
            else:
                self.failed.emit(error)
        self.ended.emit()


class _FunctionThread(QThread):
    done = Signal(object, object)
    told = Signal(object)

    def __init__(self, operation: Operation, function: Callable[..., Any], with_progress: bool) -> None:
        super().__init__(operation)
        self._operation, self._function, self._with_progress = operation, function, with_progress

    def run(self) -> None:
        try:
            arguments = (self.told.emit, self._operation.cancelled) if self._with_progress else ()
            result = self._function(*arguments)
        except Exception as error:
            self.done.emit(None, error)
        else:
            self.done.emit(result, None)


class Operations(QObject):
    """Starts operations and knows which are running."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.running: list[Operation] = []

    def run(
        self,
        function: Callable[..., Any],
        *,
        title: str,
        on_success: Callable[[Any], object],
        on_failure: Callable[[Any], object] | None = None,
        on_progress: Callable[[Progress], object] | None = None,
        with_progress: bool = False,
    ) -> Operation:
        """Call `function()` in a thread, or `function(progress, cancelled)` when `with_progress` is set."""
        operation = self._begin(title, on_success, on_failure, on_progress)
        thread = _FunctionThread(operation, function, with_progress)
        thread.told.connect(operation._note_progress)
        thread.done.connect(operation._end)
        self._launch(operation, thread)
        return operation

    def run_job(
        self,
        request: Request,
        *,
        title: str,
        on_success: Callable[[dict[str, Any]], object],
        on_failure: Callable[[Any], object] | None = None,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Operation:
        """Run a job of the catalogue in a worker process; success gets its document."""
        operation = _JobOperation(title, self, request)
        self._wire(operation, on_success, on_failure, on_progress)
        self._launch(operation, operation.thread_of_worker)
        return operation

    def cancel_all(self, wait_ms: int = 5000) -> None:
        """Cancel what runs and wait for its threads, as the window closes."""
        for operation in list(self.running):
            operation.cancel()
        for thread in self.findChildren(QThread):
            thread.wait(wait_ms)

    def _begin(self, title: str, *callbacks: Callable[[Any], object] | None) -> Operation:
        operation = Operation(title, self)
        self._wire(operation, *callbacks)
        return operation

    def _wire(
        self,
        operation: Operation,
        on_success: Callable[[Any], object] | None,
        on_failure: Callable[[Any], object] | None,
        on_progress: Callable[[Any], object] | None,
    ) -> None:
        if on_success is not None:
            operation.succeeded.connect(on_success)
        operation.failed.connect(on_failure or notifications.centre().error)
        if on_progress is not None:
            operation.progressed.connect(on_progress)
        operation.ended.connect(lambda: self._forget(operation))

    def _launch(self, operation: Operation, thread: QThread) -> None:
        self.running.append(operation)
        thread.finished.connect(operation.deleteLater)
        thread.start()
        self.changed.emit()

    def _forget(self, operation: Operation) -> None:
        if operation in self.running:
            self.running.remove(operation)
        self.changed.emit()


class _JobOperation(Operation):
    """An operation whose work happens in a worker process."""

    def __init__(self, title: str, parent: QObject, request: Request) -> None:
        super().__init__(title, parent)
        self.thread_of_worker = WorkerThread(request, self)
        self.thread_of_worker.heard.connect(self._hear)
        self.thread_of_worker.over.connect(self._over)
        self._document: dict[str, Any] | None = None
        self._error: ErrorDocument | None = None

    def cancel(self) -> None:
        """Ask the worker to stop and insist if it does not."""
        super().cancel()
        self.thread_of_worker.end()

    def _hear(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._note_progress(event)
        elif isinstance(event, Finished):
            self._document = event.document
        elif isinstance(event, Failed):
            self._error = event.error

    def _over(self, outcome: Any) -> None:
        if self._document is not None:
            self._end(self._document, None)
        elif self._error is not None:
            self._end(None, self._error)
        elif isinstance(outcome, Exception):
            self._end(None, outcome)
        else:
            self._end(None, StudioError(outcome.message, outcome.hint))
