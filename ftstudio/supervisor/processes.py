"""Ends a worker together with everything it started. Nothing here asks: that is done over the wire before."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress

import psutil


def terminate(process: subprocess.Popen[bytes]) -> None:
    """Ask the system to end the worker; it still gets a moment to put things in order (not on Windows)."""
    with suppress(OSError):
        process.terminate()


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """End the worker and all it started, at once."""
    family: list[psutil.Process] = []
    with suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
    with suppress(OSError):
        process.kill()
    for member in family:
        with suppress(psutil.Error):
            member.kill()


def wait(process: subprocess.Popen[bytes]) -> int:
    """Wait for the worker's end, end what it left behind, and return its exit code.

    Before its id is given back to the system, its group is killed: helpers of a loader must not live on.
    """
    if os.name == "posix" and hasattr(os, "waitid"):
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()
