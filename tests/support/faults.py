"""Faults on demand: the i-th call to the operating system fails, or the process is killed there with kill -9."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

CALLS = ("open", "write", "fsync", "close", "replace", "rename", "mkdir", "unlink", "chmod", "rmdir", "link")

# In the child: the same calls, counted; before the one with the given number the process kills itself.
_KILLING = """
import os, signal
_count = 0
def _patch(name):
    original = getattr(os, name)
    def counted(*arguments, **options):
        global _count
        _count += 1
        if _count == KILL_AT:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **options)
    setattr(os, name, counted)
"""


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
    for step in range(1, 500):
        folder = root / f"step{step}"
        folder.mkdir()
        prepare(folder)
        if not _run_killed(code, folder, step):
            verify(folder, True)
            return step - 1
        verify(folder, False)
        shutil.rmtree(folder)
    raise AssertionError("the child never came to its end")


def _run_killed(code: str, folder: Path, step: int) -> bool:
    patches = "".join(f"_patch({name!r})\n" for name in CALLS)
    script = (
        f"KILL_AT = {step}\nFOLDER = {str(folder)!r}\n{_KILLING}\nfrom ftstudio.project import atomic\n{patches}{code}"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0
