"""Makes a fresh copy of a sample project where new projects go."""

from __future__ import annotations

from pathlib import Path

from ftstudio.core import paths


def fresh_folder(name: str) -> Path:
    """Return a folder for a sample's project that does not exist yet: `topics`, then `topics 2` and so on."""
    parent = paths.projects_folder()
    number = 1
    while (folder := parent / (name if number == 1 else f"{name} {number}")).exists():
        number += 1
    return folder
