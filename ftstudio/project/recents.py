"""The projects opened last on this computer, for Home and the File menu."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ftstudio.project import machine_files
from ftstudio.project.layout import ProjectLayout

_FILE = "recent.json"
_MOST = 20


class _Recents(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    paths: tuple[str, ...] = ()


def touch(path: Path) -> None:
    """Put the project folder `path` at the top of the list."""
    top = os.path.realpath(path)
    others = tuple(other for other in _listed() if other != top)
    machine_files.write(_FILE, _Recents(paths=(top, *others)[:_MOST]))


def recents() -> list[Path]:
    """Return the project folders opened last, newest first; those that are gone (now) are left out."""
    return [Path(path) for path in _listed() if ProjectLayout(Path(path)).file.is_file()]


def forget(path: Path) -> None:
    """Take a project off the list; its folder is not touched."""
    dropped = {str(path), os.path.realpath(path)}
    machine_files.write(_FILE, _Recents(paths=tuple(other for other in _listed() if other not in dropped)))


def _listed() -> tuple[str, ...]:
    return machine_files.read(_FILE, _Recents).paths
