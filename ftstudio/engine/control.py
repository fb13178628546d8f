"""How a running job hears its user: stop, pause, resume, questions. Thread-safe; the job looks between steps."""

from __future__ import annotations

import queue
import threading
from collections import deque

from ftstudio.core.errors import CancelledError
from ftstudio.core.messages import Ask, Command, Pause, Resume, Stop, Took


class Control:
    """The user's wishes, set by the wire or the console and read by the job."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self.taken: deque[Took] = deque()
        self.questions: queue.SimpleQueue[Ask | None] = queue.SimpleQueue()

    def obey(self, command: Command) -> None:
        """Take note of one command; unknown ones are ignored."""
        if isinstance(command, Stop):
            self._stop.set()
            self._running.set()
            self.questions.put(None)
        elif isinstance(command, Pause):
            self._running.clear()
        elif isinstance(command, Resume):
            self._running.set()
        elif isinstance(command, Ask):
            self.questions.put(command)
        elif isinstance(command, Took):
            self.taken.append(command)

    @property
    def stop_requested(self) -> bool:
        """Whether the user wants the job to end."""
        return self._stop.is_set()

    @property
    def paused(self) -> bool:
        """Whether the user wants the job to hold."""
        return not self._running.is_set()

    def wait_while_paused(self) -> None:
        """Return when the job may go on (or must stop)."""
        self._running.wait()

    def check(self) -> None:
        """Raise `CancelledError` when a stop was asked for: for jobs that keep nothing of unfinished work."""
        if self.stop_requested:
            raise CancelledError
