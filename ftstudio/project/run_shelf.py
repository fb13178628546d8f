"""The runs of one project as last listed: listing again reads only the folders that have changed since.

Whatever this program writes into a run's folder replaces a file, which changes the time of the folder. A folder that
had changed a moment before it was read may have changed again within the same tick of the clock, so it is read again.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ftstudio.project import runs
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.runs import RunSummary

SETTLED_NS = 2_000_000_000


@dataclass(frozen=True)
class _Known:
    """A run as read, and the time of its folder then; 0 when it had not settled."""

    changed: int
    run: RunSummary


class RunShelf:
    """Lists the runs of a project, first slowly and then quickly."""

    def __init__(self, project: ProjectLayout) -> None:
        self._folder = project.runs
        self._known: dict[str, _Known] = {}

    def list(self) -> list[RunSummary]:
        """Return all runs, newest first. Never raises for a broken folder."""
        self._known = {name: self._look(name, changed) for name, changed in _times(self._folder).items()}
        newest_first = sorted(self._known, key=runs.age, reverse=True)
        return [runs.as_it_stands(self._known[name].run) for name in newest_first]

    def _look(self, name: str, changed: int) -> _Known:
        known = self._known.get(name)
        if known is not None and known.changed == changed:
            return known
        settled = time.time_ns() - changed > SETTLED_NS
        return _Known(changed if settled else 0, runs.read_run(RunLayout(self._folder / name)))


def _times(folder: Path) -> dict[str, int]:
    """Return the folders of runs by name, each with the time it was changed last, in ns."""
    times = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                with suppress(OSError):
                    if not entry.name.startswith(".") and entry.is_dir():
                        times[entry.name] = entry.stat().st_mtime_ns
    except OSError:
        return times
    return times
