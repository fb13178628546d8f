"""Where a report may go, and writing it there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.planning.reporting import document
from ftstudio.project import atomic, disk_errors, leftovers
from ftstudio.project.own_files import is_own
from ftstudio.project.store import Project

HTML, PDF = ".html", ".pdf"
_ENDINGS = {".html": HTML, ".htm": HTML, ".pdf": PDF}
MOST_SAMPLES = 100


def check(wanted: Path, project: Project, *, overwrite: bool) -> tuple[Path, str]:
    """Return the whole path and its kind (`HTML` or `PDF`); raises `InputError` for a place it must not go."""
    target = Path(os.path.normpath(wanted.expanduser().absolute()))
    kind = _ENDINGS.get(target.suffix.lower())
    if kind is None:
        raise InputError(
            text("A report cannot be written as “{ending}”.", ending=target.suffix or target.name),
            text("Give the file a name that ends in .html or .pdf."),
            file=str(target),
            field="to",
        )
    if target.is_dir() or (os.path.lexists(target) and not overwrite):
        raise InputError(
            text("“{path}” exists already.", path=str(target)),
            text("Choose another name, or allow it to be replaced (--overwrite)."),
            file=str(target),
            field="to",
        )
    if is_own(project.layout, target):
        raise InputError(
            text("“{path}” belongs to the project itself.", path=str(target)),
            text("Choose a folder outside of it."),
            file=str(target),
            field="to",
        )
    leftovers.sweep(target.parent)
    return target, kind


def write_page(project: Project, run: str | None, target: Path, samples: int) -> None:
    """Write the report as an HTML file; raises `StudioError` when it cannot be, with nothing half written."""
    page = document.page(project, run, samples)
    try:
        with atomic.room_for(target):
            atomic.write_text(target, page)
    except OSError as error:
        raise disk_errors.refuse(error, target) from error
