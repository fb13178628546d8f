"""The worker's end of the wire: JSON lines out on what was descriptor 1, commands in on what was descriptor 0.

Both descriptors are claimed before any library is imported: a stray `print`, even from C, lands in the log and a
library that reads stdin gets nothing. Writing happens in a thread, so that a slow window never holds up training.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
from collections.abc import Iterator

from ftstudio.core.messages import LONGEST_LINE, Event, Heartbeat, Log, Measured, Progress

_MOST_PENDING = 10_000
_CHUNK = 65_536


class Wire:
    """A place to emit events from any thread; `close` waits until they have been written."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._pending: dict[int, Event] = {}
        self._replaceable: dict[type[Event], int] = {}
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._closing = False
        self._writer = threading.Thread(target=self._write_all, name="wire", daemon=True)
        self._writer.start()

    def emit(self, event: Event) -> None:
        """Queue one event; returns at once. Only the newest of the waiting `Progress` and `Heartbeat` is kept."""
        with self._changed:
            if self._closing:
                return
            number = next(self._numbers)
            if isinstance(event, Progress | Heartbeat):
                self._pending.pop(self._replaceable.get(type(event), -1), None)
                self._replaceable[type(event)] = number
            elif len(self._pending) >= _MOST_PENDING and isinstance(event, Log | Measured):
                return  # the window does not read; the record on disk is complete
            self._pending[number] = event
            self._changed.notify()

    def close(self, patience: float = 10.0) -> None:
        """Write what is waiting, at most for `patience` seconds, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._writer.join(patience)

    def _write_all(self) -> None:
        while True:
            with self._changed:
                while not self._pending and not self._closing:
                    self._changed.wait()
                batch, self._pending = self._pending, {}
            if not batch:
                return
            data = b"".join(event.line().encode("utf-8") + b"\n" for event in batch.values())
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError:
                return  # nobody listens any more; the watcher of stdin ends the process


def claim() -> tuple[Wire, int]:
    """Take descriptors 0 and 1 for the wire; returns the wire and the descriptor that commands come from.

    Afterwards descriptor 1 and `sys.stdout` lead to stderr, and descriptor 0 to nothing.
    """
    outgoing, incoming = os.dup(1), os.dup(0)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdout = sys.stderr
    return Wire(outgoing), incoming


def lines(descriptor: int) -> Iterator[bytes]:
    """Yield lines from a descriptor until its end; one that is longer than any message could be is cut.

    Reads unbuffered: a thread waiting in a buffered stdin would abort the interpreter at its exit.
    """
    held = b""
    while True:
        try:
            chunk = os.read(descriptor, _CHUNK)
        except OSError:
            return
        if not chunk:
            break
        *complete, held = (held + chunk).split(b"\n")
        yield from complete
        held = held[: LONGEST_LINE + 1]
    if held:
        yield held
