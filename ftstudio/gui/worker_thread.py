"""The thread that listens to one worker process and hands what it says to the window's thread as signals.

Used by `trainer` (a run) and `operations` (short jobs); nothing else in the window starts threads for workers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from ftstudio.core.messages import Command, Request

if TYPE_CHECKING:
    from ftstudio.supervisor.process import Worker


class WorkerThread(QThread):
    """Runs one request in a worker process. `heard` carries each event, `over` the outcome, or the exception that
    kept the worker from starting.
    """

    heard = Signal(object)
    over = Signal(object)

    def __init__(self, request: Request, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._request = request
        self._worker: Worker | None = None
        self._end_asked = self._kill_asked = False

    def run(self) -> None:
        """Start the worker, pass on its events, tell its outcome."""
        from ftstudio.supervisor.process import Worker

        try:
            worker = Worker()
            worker.start(self._request)
            self._worker = worker
            if self._end_asked:
                worker.stop()
            if self._kill_asked:
                worker.kill()
            for event in worker.events():
                self.heard.emit(event)
            self.over.emit(worker.outcome())
        except Exception as error:
            self.over.emit(error)

    @property
    def silence(self) -> float:
        """Seconds since the worker was last heard of; 0 before its start."""
        return self._worker.silence if self._worker is not None else 0.0

    @property
    def seems_hung(self) -> bool:
        """Whether the worker lives but has been silent for so long that something must be wrong."""
        return self._worker is not None and self._worker.seems_hung

    def send(self, command: Command) -> None:
        """Pass a command to the worker, if it lives."""
        if self._worker is not None:
            self._worker.send(command)

    def end(self) -> None:
        """Ask the worker to stop and insist in stages if it does not, without holding up the caller."""
        self._end_asked = True
        if self._worker is not None:
            self._worker.stop()

    def kill(self) -> None:
        """End the worker at once; what it had saved stays."""
        self._kill_asked = True
        if self._worker is not None:
            self._worker.kill()
