"""What a kill, a crash or a power cut left in a project, put in order when it is opened for writing.

Runs whose process is gone become interrupted and are reported, so that they can be offered for resume. Half-swapped
checkpoint folders are rolled back and temporary files of dead processes removed; nothing complete is ever deleted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ftstudio.core.errors import StudioError
from ftstudio.project import atomic, leftovers, runs
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.runs import RunSummary

_DEEPEST = 4


@dataclass(frozen=True)
class Recovery:
    """What was found: runs that ended without a word, and the leftovers that were removed or rolled back."""

    interrupted: tuple[RunSummary, ...] = ()
    cleaned: tuple[Path, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether the project had been left in order."""
        return not self.interrupted and not self.cleaned


def recover(layout: ProjectLayout) -> Recovery:
    """Put a project in order; the caller holds its lock. Never raises for what it cannot mend."""
    cleaned = list(leftovers.remove(list(_walk(layout.root, _DEEPEST))))
    interrupted = []
    for run in _run_layouts(layout):
        status = _status(run)
        if status is not None and runs.claims_to_work(status) and not runs.is_abandoned(status):
            continue
        cleaned += [folder for folder in (run.best, run.last, run.model) if atomic.recover_folder(folder)]
        if status is not None and runs.is_abandoned(status):
            with suppress(StudioError):
                runs.write_status(run, runs.as_interrupted(status))
            interrupted.append(runs.summarise(run))
    return Recovery(tuple(interrupted), tuple(cleaned))


def _status(run: RunLayout) -> runs.RunStatus | None:
    try:
        return runs.read_status(run)
    except StudioError:
        return None


def _run_layouts(layout: ProjectLayout) -> list[RunLayout]:
    try:
        return [RunLayout(folder) for folder in sorted(layout.runs.glob("[!.]*")) if folder.is_dir()]
    except OSError:
        return []


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    try:
        with os.scandir(folder) as found:
            entries = [(Path(entry.path), entry.is_dir(follow_symlinks=False)) for entry in found]
    except OSError:
        return
    for entry, is_folder in entries:
        yield entry
        if depth > 1 and is_folder and entry.name != "images" and atomic.temporary_owner(entry) is None:
            yield from _walk(entry, depth - 1)
