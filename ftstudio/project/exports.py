"""The exports of a project that lie in its own folder; those that failed their check keep a name that says so."""

from __future__ import annotations

import os

from ftstudio.project.layout import ProjectLayout

FAILED_CHECK = ".failed-check"


def has_export(project: ProjectLayout) -> bool:
    """Whether a whole export that passed its check lies in the project's folder for exports."""
    try:
        with os.scandir(project.exports) as entries:
            return any(
                entry.is_dir() and not entry.name.startswith(".") and FAILED_CHECK not in entry.name
                for entry in entries
            )
    except OSError:
        return False
