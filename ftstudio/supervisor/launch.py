"""How a worker is started: command line, environment and process group, for a checkout, a wheel and a frozen app.

The "compute runtime" is the Python that runs the worker. By default it is the one that runs the window; another one
(say, with a torch for the graphics card) needs this program's packages, and this program itself unless it is run
from a checkout.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import ftstudio
from ftstudio.core import offline
from ftstudio.core.errors import StudioError
from ftstudio.core.text import text

RUNTIME_VARIABLE = "FTSTUDIO_RUNTIME"


def worker_command(runtime: Path | None = None) -> list[str]:
    """Return the command line of a worker; `runtime` is the interpreter to use, None the default one."""
    chosen = runtime or _runtime_from_environment()
    if chosen is not None:
        return [str(chosen), "-m", "ftstudio", "--worker"]
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker"]
    return [sys.executable, "-m", "ftstudio", "--worker"]


def environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a worker: offline, UTF-8, and able to import this program from a checkout."""
    made = dict(os.environ if base is None else base)
    made.update(offline.VARIABLES)
    made["PYTHONUTF8"] = "1"
    source = Path(ftstudio.__file__).resolve().parent.parent
    if source.name not in ("site-packages", "dist-packages") and not getattr(sys, "frozen", False):
        made["PYTHONPATH"] = os.pathsep.join(filter(None, (str(source), made.get("PYTHONPATH", ""))))
    return made


def spawn(command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start `command` with pipes on all three streams, in a group of its own; raises `StudioError` if it cannot."""
    options: dict[str, object] = {"start_new_session": True}
    if os.name == "nt":
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        options = {"creationflags": flags}
    try:
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]  # options differ by system
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(env),
            bufsize=0,
            **options,
        )
    except OSError as error:
        raise StudioError(
            text("The compute process could not be started with “{program}”.", program=command[0]),
            text("Check the compute runtime under Settings."),
            file=command[0],
        ) from error


def _runtime_from_environment() -> Path | None:
    chosen = os.environ.get(RUNTIME_VARIABLE, "")
    return Path(chosen) if chosen else None
