"""A project on disk: create it, open it, save it. Every save leaves the old file or the new one, never half."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.text import text
from ftstudio.project import atomic, disk_errors, lock, migrations, recovery, strict_json
from ftstudio.project.layout import PROJECT_FILE, ProjectLayout
from ftstudio.project.recovery import Recovery
from ftstudio.project.schema import FORMAT_VERSION, ProjectFile, check_task, now, read_project_file


class ChangedOnDiskError(StudioError):
    """Another program changed the project file since it was opened; nothing was written."""


class Project:
    """An open project. `file` is what was last read or saved; `writable` whether this process holds the lock.

    `recovered` tells what a kill or a crash had left here and was put in order at opening.
    """

    def __init__(self, layout: ProjectLayout, *, writable: bool) -> None:
        self.layout = layout
        self.writable = writable
        self.recovered = Recovery()
        self.file: ProjectFile
        self._version: int
        self._digest: str
        self.reload()

    @property
    def name(self) -> str:
        """Return the project's name as the user gave it."""
        return self.file.name

    def reload(self) -> None:
        """Read the project file again; raises `InputError` if it is damaged."""
        self._digest = _digest(self.layout.file)
        self.file, self._version = read_project_file(self.layout.file)

    def save(self, file: ProjectFile, *, overwrite: bool = False) -> None:
        """Write `file` as the project's content and keep it as `self.file`.

        Raises `StudioError` if it cannot be written (the old content stays), `ChangedOnDiskError` if another program
        changed the file meanwhile; `overwrite` then replaces that.
        """
        if not self.writable:
            raise InputError(
                text("The project is open for reading only."),
                text("Close it in the other window and open it here again."),
                file=str(self.layout.file),
            )
        try:
            if not overwrite and self._changed_on_disk():
                raise _changed(self.layout.file)
            if self._version < FORMAT_VERSION and self.layout.file.exists():
                migrations.keep_backup(self.layout.file, self._version)
            content = file.model_copy(update={"format_version": FORMAT_VERSION})
            atomic.write_text(self.layout.file, _written(content))
        except OSError as error:
            raise disk_errors.explain(error, self.layout.file) from error
        self.file, self._version = content, FORMAT_VERSION
        self._digest = _digest(self.layout.file)

    def close(self) -> None:
        """Let others write the project; closing twice is harmless."""
        if self.writable:
            self.writable = False
            lock.release(self.layout.lock)

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _changed_on_disk(self) -> bool:
        """A vanished file counts as unchanged: saving brings it back."""
        return self.layout.file.exists() and _digest(self.layout.file) != self._digest


def create_project(root: Path, name: str, task: str) -> Project:
    """Make a project folder and open it for writing.

    `root` must not exist or be an empty folder; raises `InputError` otherwise, with nothing changed.
    """
    root = Path(os.path.realpath(root))
    _check_place(root)
    check_task(task, root / PROJECT_FILE)
    file = ProjectFile(name=name, task=task, created=now())
    try:
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise _not_empty(root)
        root.parent.mkdir(parents=True, exist_ok=True)
        if root.exists():
            root.rmdir()
        with atomic.building_folder(root) as building:
            layout = ProjectLayout(building)
            for folder in (layout.data, layout.runs, layout.exports):
                folder.mkdir()
            atomic.write_text(layout.file, _written(file))
    except OSError as error:
        if isinstance(error, FileExistsError) and os.path.lexists(root):
            raise _not_empty(root) from error
        raise disk_errors.refuse(error, root) from error
    return open_project(root)


def _check_place(root: Path) -> None:
    try:
        root.name.encode()
        root.exists()
    except UnicodeEncodeError:
        shown = os.fsencode(root.name).decode("utf-8", "replace")
        raise InputError(
            text("The name “{file}” is not valid UTF-8.", file=shown), text("Choose another name for the project.")
        ) from None
    except OSError as error:
        raise disk_errors.refuse(error, root) from error
    for folder in root.parents:
        if (folder / PROJECT_FILE).is_file():
            raise InputError(
                text("“{folder}” lies inside the project “{project}”.", folder=str(root), project=str(folder)),
                text("Choose a folder outside of it. Nothing was changed."),
                file=str(root),
            )


def open_project(path: Path, *, write: bool = True) -> Project:
    """Open a project by its folder or its project file; for writing, also put in order what a kill left in it.

    Raises `InputError` if there is none, if it is damaged or from a newer program, and `LockedError` if another
    process is writing it and `write` is wanted.
    """
    root = Path(os.path.realpath(path.parent if path.name == PROJECT_FILE and not path.is_dir() else path))
    if root.name == PROJECT_FILE and root.is_file():  # a link of another name, as on a desktop
        root = root.parent
    layout = ProjectLayout(root)
    if not layout.file.is_file():
        raise InputError(
            text("There is no project in “{folder}”.", folder=str(root)),
            text("Choose a folder that holds a file named {file}, or make a new project.", file=PROJECT_FILE),
            file=str(path),
        )
    read_project_file(layout.file)
    if write:
        _lock(layout)
    try:
        project = Project(layout, writable=write)
        if write:
            project.recovered = recovery.recover(layout)
        return project
    except BaseException:
        if write:
            lock.release(layout.lock)
        raise


def _lock(layout: ProjectLayout) -> None:
    try:
        lock.acquire(layout.lock)
    except OSError as error:
        raise disk_errors.refuse(error, layout.root) from error


def _written(file: ProjectFile) -> str:
    return file.model_dump_json(indent=2) + "\n"


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.sha256(file.read(strict_json.LARGEST + 1)).hexdigest()
    except OSError as error:
        raise disk_errors.refuse(error, path) from error


def _not_empty(root: Path) -> InputError:
    return InputError(
        text("“{folder}” exists already and is not empty.", folder=str(root)),
        text("Choose a new name for the project. Nothing was changed."),
        file=str(root),
    )


def _changed(path: Path) -> ChangedOnDiskError:
    return ChangedOnDiskError(
        text("Another program changed “{file}” since it was opened.", file=path.name),
        text("Save anyway to replace it, or reopen the project to see the change."),
        file=str(path),
    )
