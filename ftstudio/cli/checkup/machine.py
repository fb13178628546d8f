"""Looks at memory, disk space and the folders the program writes to."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ftstudio.cli.checkup.findings import Finding
from ftstudio.core import paths
from ftstudio.core.quantities import byte_size
from ftstudio.core.text import text
from ftstudio.core.translation import tr

LITTLE_MEMORY = 4_000_000_000
LITTLE_SPACE = 5_000_000_000
NO_SPACE = 500_000_000


def memory() -> Finding:
    """Find whether there is memory enough for a small model."""
    import psutil

    state = psutil.virtual_memory()
    found = text("{free} free of {total}", free=byte_size(state.available), total=byte_size(state.total))
    if state.available >= LITTLE_MEMORY:
        return Finding("memory", tr("Memory"), "ok", found)
    hint = text("Close other programs before training, or choose a small model and a small batch.")
    return Finding("memory", tr("Memory"), "warning", found, hint)


def disk() -> Finding:
    """Find whether there is room for projects; checkpoints of a small model take some hundred megabytes a run."""
    folder = _nearest(paths.projects_folder())
    free = shutil.disk_usage(folder).free
    found = text("{free} free at {folder}", free=byte_size(free), folder=str(folder))
    if free >= LITTLE_SPACE:
        return Finding("disk", tr("Disk"), "ok", found)
    hint = text("Make room, or keep projects on another disk: any folder can be given to “ftstudio new”.")
    return Finding("disk", tr("Disk"), "error" if free < NO_SPACE else "warning", found, hint)


def folders() -> list[Finding]:
    """Find whether the program's own folders, and the one of new projects, can be written."""
    own: dict[str, tuple[str, Callable[[], Path]]] = {
        "settings": (tr("Settings folder"), paths.settings_folder),
        "data": (tr("Folder of prepared models"), paths.data_folder),
        "cache": (tr("Cache folder"), paths.cache_folder),
        "log": (tr("Log folder"), paths.log_folder),
        "projects": (tr("Folder of new projects"), lambda: _nearest(paths.projects_folder())),
    }
    return [_folder(f"folder.{key}", title, find) for key, (title, find) in own.items()]


def _folder(key: str, title: str, find: Callable[[], Path]) -> Finding:
    try:
        folder = find()
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        hint = text("Make it writable, or set FTSTUDIO_HOME to a folder that is.")
        return Finding(key, title, "error", text("cannot be written: {reason}", reason=str(error)), hint)
    if folder.is_relative_to(tempfile.gettempdir()) and "FTSTUDIO_HOME" not in os.environ:
        hint = text("Its usual place cannot be written, so it is lost at the next restart. Set FTSTUDIO_HOME.")
        return Finding(key, title, "warning", text("{folder}", folder=str(folder)), hint)
    return Finding(key, title, "ok", text("{folder}", folder=str(folder)))


def _nearest(folder: Path) -> Path:
    """Return the closest parent of `folder` that exists."""
    return next(parent for parent in (folder, *folder.parents) if parent.is_dir())
