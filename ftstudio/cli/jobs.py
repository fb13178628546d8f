"""Runs a job of the engine in this process: events become progress, Ctrl+C and SIGTERM become the wish to stop."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from ftstudio.cli.console import answers
from ftstudio.cli.progress import ProgressLine
from ftstudio.core.messages import Request, Stop
from ftstudio.core.translation import tr

if TYPE_CHECKING:
    from ftstudio.engine.control import Control


def run_job(arguments: argparse.Namespace, job: str, project: Path | None, options: dict[str, Any]) -> dict[str, Any]:
    """Run `job` on `project` and return its document; raises what the job raises.

    The first Ctrl+C (or SIGTERM) asks the job to stop and keep what it has, the second aborts it.
    """
    with watching(arguments) as (progress, control):
        from ftstudio.engine.run import execute

        folder = project.absolute() if project else None
        return execute(Request(job=job, project=folder, options=options), progress, control)


@contextmanager
def watching(arguments: argparse.Namespace) -> Iterator[tuple[ProgressLine, Control]]:
    """Yield a listener that shows progress and a control that the user's interruptions reach."""
    from ftstudio.engine.control import Control

    control = Control()
    progress = ProgressLine(lines=not arguments.json) if answers() else ProgressLine(lines=False, bar=False)
    try:
        with stopping(lambda: control.obey(Stop())):
            yield progress, control
    finally:
        progress.close()


@contextmanager
def stopping(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at the first Ctrl+C or SIGTERM within; raise KeyboardInterrupt at the second."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Signals reach the main thread only; elsewhere the caller has its own way to stop.
        return
    heard = _Heard(stop)
    before = {number: signal.signal(number, heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Heard:
    """Counts the interruptions of one job."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self.count = 0
        self._stop = stop

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        if self.count > 1:
            raise KeyboardInterrupt
        # Straight to the descriptor: Python's stream may be in the middle of a write, and must not be entered twice.
        os.write(2, ("\n" + tr("Stopping and keeping what there is; once more aborts.") + "\n").encode())
        self._stop()
