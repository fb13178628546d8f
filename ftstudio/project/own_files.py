"""Which files are the project's own: nothing that a user has written somewhere may take their place."""

from __future__ import annotations

import os
from pathlib import Path

from ftstudio.project.layout import ProjectLayout


def is_own(project: ProjectLayout, path: Path) -> bool:
    """Whether `path`, which need not exist, is a file of the project or lies in a folder that the program keeps."""
    real = _real(path.parent) / path.name
    files = (project.file, project.looks, project.lock)
    folders = (project.data, project.runs, project.studies, project.cache)
    whole = {real, _real(path)}  # a link is itself in the way, and so is what it leads to
    return any(
        one == _real(project.root)
        or any(one == _real(file) for file in files)
        or any(one.is_relative_to(_real(folder)) for folder in folders)
        for one in whole
    )


def _real(path: Path) -> Path:
    """Return where a path leads; unlike `Path.resolve` this does not fail on links that lead in a circle."""
    return Path(os.path.realpath(path))
