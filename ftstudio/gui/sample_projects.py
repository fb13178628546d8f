"""Makes a fresh project of a sample in the background, and says which samples there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ftstudio.core import paths
from ftstudio.core.translation import tr
from ftstudio.gui.operations import Operation, Operations


def specs() -> list[Any]:
    """Return the `SampleSpec` of each sample."""
    from ftstudio import samples

    return list(samples.catalog())


def create(operations: Operations, key: str, adopt: Callable[[Path], object]) -> Operation:
    """Make the project of the sample `key` in a new folder; `adopt` gets that folder when it is complete."""

    def make(progress: Callable[[Any], None], cancelled: Callable[[], bool]) -> Path:
        from ftstudio import samples

        root = free_folder(paths.projects_folder(), samples.catalog().spec(key).title)
        samples.create(key, root)
        return root

    return operations.run(make, title=tr("Making the sample project"), on_success=adopt, with_progress=True)


def free_folder(parent: Path, name: str) -> Path:
    """Return a folder for a project called `name` that does not exist yet (`Topics`, `Topics 2`…)."""
    safe = "".join(character if character.isalnum() or character in " -_." else "-" for character in name).strip(". ")
    safe = safe or "Project"
    for number in range(1, 10_000):
        candidate = parent / (safe if number == 1 else f"{safe} {number}")
        if not candidate.exists():
            return candidate
    return parent / safe
