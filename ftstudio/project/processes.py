"""Tells one process from another that got the same id later: by id and start time."""

from __future__ import annotations

import os
from functools import cache

import psutil

# The start time is derived from the clock, which may be set while a program runs.
_TOLERANCE = 5.0


@cache
def _started_of_self(pid: int) -> float:
    return float(psutil.Process(pid).create_time())


def this_process() -> tuple[int, float]:
    """Return the id of this process and when it was started (seconds since 1970)."""
    return os.getpid(), _started_of_self(os.getpid())


def is_alive(pid: int | None, started: float | None) -> bool:
    """Whether the process with this id that was started then is still running; `started` None: any such id."""
    if not pid or pid < 0:
        return False
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return started is None or abs(process.create_time() - started) < _TOLERANCE
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
