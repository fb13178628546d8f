"""Runs that the user deleted: moved in one step to `runs/.trash`, restored in one step, gone when it is emptied.

The name of a folder there is the moment it was deleted and the id of its run. A run at work is never deleted.
Listing never fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.text import text
from ftstudio.project import atomic, disk_errors, runs
from ftstudio.project.layout import ProjectLayout, RunLayout

_MOMENT = "%Y%m%d-%H%M%S-%f"
_BETWEEN = "~"


@dataclass(frozen=True)
class TrashedRun:
    """A deleted run: the id it had, its name, when it was deleted (UTC), and where it lies now."""

    id: str
    name: str
    deleted: datetime
    folder: Path


def list_trash(project: ProjectLayout) -> list[TrashedRun]:
    """Return the deleted runs, the latest first. Never raises; what is not ours is left out."""
    found = [_trashed(project.trash / name) for name in _names(project)]
    return sorted((one for one in found if one is not None), key=lambda one: one.deleted, reverse=True)


def count_trash(project: ProjectLayout) -> int:
    """Return how many deleted runs there are, without reading them."""
    return len([name for name in _names(project) if _moment_of(name) is not None])


def delete_run(project: ProjectLayout, run_id: str) -> TrashedRun:
    """Move a run to the trash; its folder may be broken. Raises `InputError` if there is none or it is at work."""
    run = project.run(run_id)
    if not run.root.is_dir():
        raise InputError(text("There is no run “{run}”.", run=run_id), field="run")
    summary = runs.summarise(run)
    if runs.claims_to_work(summary.status):
        raise InputError(
            text("The run “{run}” is at work and cannot be deleted.", run=summary.name),
            text("Stop it first."),
            field="run",
        )
    deleted = datetime.now(UTC)
    target = project.trash / f"{deleted.strftime(_MOMENT)}{_BETWEEN}{run_id}"
    try:
        project.trash.mkdir(exist_ok=True)
        atomic.move_folder(run.root, target)
    except OSError as error:
        raise disk_errors.explain(error, run.root) from error
    return TrashedRun(run_id, summary.name, deleted, target)


def find_deleted(project: ProjectLayout, run_id: str) -> TrashedRun:
    """Return a deleted run, the latest of its id; raises `InputError` if it is not there."""
    found = next((one for one in list_trash(project) if one.id == run_id), None)
    if found is None:
        raise InputError(
            text("The run “{run}” is not in the trash.", run=run_id),
            text("It was restored already, or the trash was emptied."),
            field="run",
        )
    return found


def restore_run(project: ProjectLayout, run_id: str) -> RunLayout:
    """Put a deleted run back, the latest of its id; raises `InputError` if it is not there or its place is taken."""
    found = find_deleted(project, run_id)
    run = project.run(run_id)
    try:
        atomic.move_folder(found.folder, run.root)
    except FileExistsError as error:
        raise InputError(
            text("There is a run “{run}” again, so the deleted one cannot come back.", run=run_id), field="run"
        ) from error
    except OSError as error:
        raise disk_errors.explain(error, found.folder) from error
    return run


def empty_trash(project: ProjectLayout) -> int:
    """Remove the deleted runs for good and return how many; raises `StudioError` if some cannot be removed."""
    found = list_trash(project)
    for one in found:
        atomic.remove_folder(one.folder)
    left = [one for one in found if one.folder.exists()]
    if left:
        raise StudioError(
            text("{count} deleted runs could not be removed.", count=len(left)),
            text("A program may be using their files, or the system does not permit it: see “{folder}”.",
                 folder=str(project.trash)),
            file=str(left[0].folder),
        )  # fmt: skip
    return len(found)


def size_of(trashed: Iterable[TrashedRun]) -> int:
    """Return how many bytes deleted runs take on the disk; what cannot be read counts nothing."""
    return sum(_size(path) for one in trashed for path in one.folder.rglob("*"))


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size if path.is_file() else 0
    except OSError:
        return 0


def _names(project: ProjectLayout) -> list[str]:
    try:
        return [entry.name for entry in project.trash.iterdir() if entry.is_dir()]
    except OSError:
        return []


def _moment_of(name: str) -> datetime | None:
    """Return when the folder `name` was put into the trash, None for a folder that is not ours."""
    written, _, run_id = name.partition(_BETWEEN)
    try:
        return datetime.strptime(written, _MOMENT).replace(tzinfo=UTC) if run_id else None
    except ValueError:
        return None


def _trashed(folder: Path) -> TrashedRun | None:
    deleted = _moment_of(folder.name)
    if deleted is None:
        return None
    run_id = folder.name.partition(_BETWEEN)[2]
    read = runs.read_run(RunLayout(folder))
    return TrashedRun(run_id, run_id if read.name == folder.name else read.name, deleted, folder)
