"""Ends the worker when its window is gone, and lets the window see that it lives.

Two signs tell that the window is gone: its end of stdin closes (everywhere), and Linux sends the signal asked for.
The job is then asked to stop, so that it can write its last checkpoint, and is ended for good after `GRACE` seconds.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil

from ftstudio.core.messages import Heartbeat

GRACE = 20.0
HEARTBEAT_SECONDS = 1.0
EXIT_ORPHANED = 70
_PR_SET_PDEATHSIG = 1


class Deadline:
    """Asks the job to stop and ends the process if it has not ended `grace` seconds later. May be set off twice."""

    def __init__(self, ask: Callable[[], None], grace: float = GRACE) -> None:
        self._ask = ask
        self._grace = grace
        self._lock = threading.Lock()
        self._running = False

    def start(self) -> None:
        """Ask, and start the clock; returns at once."""
        with self._lock:
            if self._running:
                return
            self._running = True
        self._ask()
        threading.Thread(target=self._end, name="deadline", daemon=True).start()

    def _end(self) -> None:
        time.sleep(self._grace)
        os._exit(EXIT_ORPHANED)


def obey_signals(deadline: Deadline) -> None:
    """Treat SIGTERM (shutdown, `kill`) as a wish to stop, and have Linux send it when the window dies."""
    signal.signal(signal.SIGTERM, lambda number, frame: deadline.start())
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def start_heartbeat(emit: Callable[[Heartbeat], None], attempts: Callable[[], int]) -> threading.Event:
    """Emit a heartbeat every second from a thread of its own until the returned event is set."""
    stop = threading.Event()

    def beat() -> None:
        while True:
            beaten = Heartbeat(
                memory_bytes=_memory(), accelerator_bytes=_accelerator_memory(), network_attempts=attempts()
            )
            emit(beaten)
            if stop.wait(HEARTBEAT_SECONDS):
                return

    threading.Thread(target=beat, name="heartbeat", daemon=True).start()
    return stop


def _memory() -> int:
    """Memory of this process and its helpers, in bytes."""
    total = 0
    own = psutil.Process()
    try:
        for process in (own, *own.children(recursive=True)):
            total += int(process.memory_info().rss)
    except psutil.Error:
        pass
    return total


def _accelerator_memory() -> int:
    """Memory taken on the graphics card, in bytes; 0 while torch is not in use."""
    torch: Any = sys.modules.get("torch")
    try:
        return int(torch.cuda.memory_reserved()) if torch.cuda.is_initialized() else 0
    except (AttributeError, RuntimeError):
        return 0  # not imported, or not yet completely
