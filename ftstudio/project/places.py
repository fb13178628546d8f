"""Whether a project can take what is about to be made in it: asked before minutes of work, not after them."""

from __future__ import annotations

from pathlib import Path

from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.project import atomic, disk_errors
from ftstudio.project.layout import ProjectLayout


def check(project: ProjectLayout, folder: Path) -> None:
    """Raise `InputError` if nothing can be made in `folder`, a part of a project. Leaves no trace."""
    there = folder if folder.exists() else project.root
    probe = atomic.temporary_sibling(there / folder.name)
    try:
        probe.mkdir()
        probe.rmdir()
    except OSError as error:
        if not disk_errors.is_refused(error):
            raise disk_errors.refuse(error, folder) from error
        raise InputError(
            text("Nothing can be written in the project “{folder}”: the system does not permit it.",
                 folder=str(project.root)),
            text("Copy the project to a folder of your own and go on there, or change the permissions of this one."),
            file=str(folder),
        ) from error  # fmt: skip
