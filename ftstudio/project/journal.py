"""The record of a run, `metrics.jsonl`: one event a line, appended as it happens.

It must never stop a training: a write that fails is told once and then given up. A line torn by a kill is skipped
when reading, and ended before anything more is appended.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from ftstudio.core.messages import Recorded, parse_event
from ftstudio.project import atomic


class Journal:
    """An open record. `on_error` is called once, with the first `OSError`; later events are dropped silently."""

    def __init__(self, path: Path, on_error: Callable[[OSError], None] = lambda error: None) -> None:
        self._path = path
        self._on_error = on_error
        self._descriptor = -1
        self._open()

    def append(self, event: Recorded) -> None:
        """Write one event so that it survives a kill of this process."""
        if self._descriptor < 0:
            return
        try:
            self._write(event.line().encode("utf-8") + b"\n")
        except OSError as error:
            self._give_up(error)

    def drop_after(self, step: int) -> None:
        """Forget what was recorded beyond `step`, because the run resumes from there and will measure it again."""
        if self._descriptor < 0:
            return
        self.close()
        events = read_events(self._path)
        kept = [event for event in events if (event.step or 0) <= step]
        try:
            if len(kept) < len(events):
                atomic.write_text(self._path, "".join(event.line() + "\n" for event in kept))
        except OSError as error:
            self._on_error(error)
        self._open()

    def close(self) -> None:
        """Force the record to the disk and let go of the file."""
        if self._descriptor < 0:
            return
        descriptor, self._descriptor = self._descriptor, -1
        try:
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            self._on_error(error)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> None:
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
            self._end_torn_line()
        except OSError as error:
            self._give_up(error)

    def _end_torn_line(self) -> None:
        size = os.lseek(self._descriptor, 0, os.SEEK_END)
        if not size:
            return
        os.lseek(self._descriptor, -1, os.SEEK_END)
        if os.read(self._descriptor, 1) != b"\n":
            self._write(b"\n")

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._descriptor, data) :]

    def _give_up(self, error: OSError) -> None:
        if self._descriptor >= 0:
            with suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = -1
        self._on_error(error)


def read_events(path: Path) -> list[Recorded]:
    """Return what was recorded, in order; broken lines are left out, a missing file is an empty record."""
    try:
        with path.open("rb") as file:
            return _events(file)
    except OSError:
        return []


def _events(lines: Iterable[bytes]) -> list[Recorded]:
    parsed = (parse_event(line) for line in lines)
    return [event for event in parsed if isinstance(event, Recorded)]
