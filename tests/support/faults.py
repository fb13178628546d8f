"""Faults on demand: the i-th call to the operating system fails, or the process is killed there with kill -9."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ftstudio.project import atomic

NOBODY = 2**22 + 1
"""An id that no process has."""

CALLS = ("open", "write", "fsync", "close", "replace", "rename", "mkdir", "unlink", "chmod", "rmdir", "link")

# A child imports everything once and then forks for each trial. In the fork the same calls are counted; before the
# one with the given number the process kills itself.
_TRIALS = """
import json, os, signal, sys
import ftstudio.project.store

def patched(original, kill_at, count=[0]):
    def call(*arguments, **options):
        count[0] += 1
        if count[0] == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **options)
    return call

calls, code = json.loads(sys.stdin.readline())
for line in sys.stdin:
    step, folder = json.loads(line)
    child = os.fork()
    if child == 0:
        for name in calls:
            setattr(os, name, patched(getattr(os, name), step))
        try:
            exec(code, {"FOLDER": folder})
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def left_behind() -> str:
    """Return the name of a temporary file or folder whose process is gone."""
    parts = atomic.temporary_sibling(Path("target")).name.split("-")
    return "-".join((parts[0], str(NOBODY), *parts[2:]))


class FailingOs:
    """While active, the `number`-th of the listed calls fails with EIO; `close` closes before it fails."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.calls: list[str] = []
        self.failed_call: str | None = None
        self._originals: dict[str, Any] = {}

    def __enter__(self) -> FailingOs:
        for name in CALLS:
            self._originals[name] = getattr(os, name)
            setattr(os, name, self._patched(name))
        return self

    def __exit__(self, *_: object) -> None:
        for name, original in self._originals.items():
            setattr(os, name, original)

    def _patched(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self.calls.append(name)
            if len(self.calls) == self.number:
                self.failed_call = f"{name} (call {self.number})"
                if name == "close":
                    self._originals[name](*arguments, **options)
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return self._originals[name](*arguments, **options)

        return call


def call_sites(action: Callable[[], object]) -> list[str]:
    """Return the calls that `action` makes, in order."""
    with FailingOs(0) as counting:
        action()
    return counting.calls


def kill_at_every_step(
    root: Path, code: str, prepare: Callable[[Path], None], verify: Callable[[Path, bool], None]
) -> int:
    """Run `code` in a child that is killed at its first, second, … call, until it finishes; verify after each.

    `FOLDER` in `code` is a fresh folder that `prepare` has filled. `verify` gets the folder and whether the child
    came to its end. Returns the number of steps at which it was killed.
    """
    with subprocess.Popen(
        [sys.executable, "-c", _TRIALS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        _tell(child, [CALLS, code])
        for step in range(1, 500):
            folder = root / f"step{step}"
            folder.mkdir()
            prepare(folder)
            _tell(child, [step, str(folder)])
            ended = _answer(child)
            assert ended in (0, -signal.SIGKILL)
            verify(folder, ended == 0)
            if ended == 0:
                child.communicate()
                return step - 1
            shutil.rmtree(folder)
    raise AssertionError("the child never came to its end")


def _tell(child: subprocess.Popen[str], message: Any) -> None:
    assert child.stdin is not None
    child.stdin.write(json.dumps(message) + "\n")
    child.stdin.flush()


def _answer(child: subprocess.Popen[str]) -> int:
    assert child.stdout is not None
    return int(child.stdout.readline())
