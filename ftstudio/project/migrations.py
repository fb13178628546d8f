"""Brings project files of older formats up to the present one, one step at a time.

A step takes the whole document of format n and returns that of format n + 1. It works on plain JSON, because the
models of old formats are gone. The store keeps a copy of the file before it first saves a migrated one. A file of
each released format stays in `tests/project/formats/` and must open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ftstudio.project import atomic

CURRENT = 1

Step = Callable[[dict[str, Any]], dict[str, Any]]

STEPS: Mapping[int, Step] = {}


def migrate(document: dict[str, Any], steps: Mapping[int, Step] = STEPS, current: int = CURRENT) -> dict[str, Any]:
    """Return `document` in the present format; its `format_version` must be at most `current`."""
    while document["format_version"] < current:
        version = document["format_version"]
        document = {**steps[version](document), "format_version": version + 1}
    return document


def backup_path(path: Path, version: int) -> Path:
    """Return where the file of an older format is kept when it is first saved in the present one."""
    return path.with_name(f"{path.name}.format-{version}")


def keep_backup(path: Path, version: int) -> Path:
    """Copy the project file of format `version` aside before the first save; an earlier copy is never overwritten."""
    backup = backup_path(path, version)
    if not backup.exists():
        atomic.write_bytes(backup, path.read_bytes())
    return backup
