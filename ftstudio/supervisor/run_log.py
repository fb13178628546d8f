"""Keeps what a worker prints in its run's `log.txt`, also the trace of a crash, which it cannot write itself."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_MOST_HELD = 2_000
_LARGEST = 20_000_000


class RunLog:
    """Lines are held until it is known which run they belong to. Never raises: a log is no reason to stop."""

    def __init__(self) -> None:
        self._held: deque[str] = deque(maxlen=_MOST_HELD)
        self._file: BinaryIO | None = None
        self._room = _LARGEST
        self._lock = threading.Lock()

    def attach(self, path: Path) -> None:
        """Write to `path` from now on, what was held first. Only the first call counts."""
        with self._lock:
            if self._file is not None or not path.parent.is_dir():
                return
            with suppress(OSError):
                self._file = path.open("ab", buffering=0)
                self._room -= path.stat().st_size
            while self._held:
                self._write(self._held.popleft())

    def add(self, line: str) -> None:
        """Keep one line."""
        with self._lock:
            if self._file is None:
                self._held.append(line)
            else:
                self._write(line)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _write(self, line: str) -> None:
        data = line.encode("utf-8", errors="replace") + b"\n"
        self._room -= len(data)
        if self._file is not None and self._room > 0:
            with suppress(OSError):
                self._file.write(data)
