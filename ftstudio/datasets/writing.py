"""Writing the project's copy of the data so that it appears whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa

TEMPORARY = ".building-"

Sync = Callable[[Path], None]


@contextmanager
def building_folder(target: Path) -> Iterator[Path]:
    """Give a new folder beside `target` that takes its place when the block ends well and vanishes otherwise."""
    target.parent.mkdir(parents=True, exist_ok=True)
    building = _temporary(target)
    building.mkdir()
    try:
        yield building
        _sync(building)
        _swap(building, target)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _swap(building: Path, target: Path) -> None:
    aside = building.with_name(building.name + ".old")
    if target.exists():
        target.rename(aside)
    try:
        building.rename(target)
    except OSError:
        if aside.exists():
            aside.rename(target)
        raise
    try:
        _sync(target.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _temporary(target: Path) -> Path:
    """Return an unused name beside `target` that tells which process is at work on it."""
    return target.with_name(f"{TEMPORARY}{target.name}-{os.getpid()}-{uuid.uuid4().hex[:8]}")


def recover(target: Path) -> None:
    """Undo a swap that was cut short by a crash, and remove what is half-built beside the folder `target` and in it.

    What a process that still lives is building is its own: an import may be under way, or an edit be written.
    """
    if not target.parent.is_dir():
        return
    leftovers = _left_behind(target.parent, f"{TEMPORARY}{target.name}-*")
    for folder in leftovers:
        if folder.name.endswith(".old") and not target.exists():
            folder.rename(target)
    for one in (*leftovers, *_left_behind(target, f"{TEMPORARY}*")):
        if one.is_dir():
            shutil.rmtree(one, ignore_errors=True)
        else:
            with suppress(OSError):
                one.unlink(missing_ok=True)


def _left_behind(folder: Path, pattern: str) -> list[Path]:
    """Return what nobody builds any more; a name without a process is from an older version of the program."""
    return [one for one in sorted(folder.glob(pattern)) if not _has_owner(one)]


def _has_owner(building: Path) -> bool:
    process = building.name.rsplit("-", 2)[1]
    return process.isdigit() and psutil.pid_exists(int(process))


def write_json(path: Path, document: Any) -> None:
    """Replace a JSON file in one step."""
    temporary = _temporary(path)
    try:
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False, indent=1, allow_nan=False)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync(path.parent)


def write_table(path: Path, table: pa.Table) -> None:
    """Replace an Arrow file in one step."""
    temporary = _temporary(path)
    try:
        write_unsynced(temporary, table)
        sync_file(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync(path.parent)


def write_unsynced(path: Path, table: pa.Table) -> None:
    """Write an Arrow file that is not in place yet; somebody else puts it on the disk."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def sync_file(path: Path) -> None:
    """Make the system put a written file on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def syncing() -> Iterator[Sync]:
    """Give a function that puts what was written of a file on the disk while the block goes on.

    Raises OSError at the end of the block when that failed.
    """
    with ThreadPoolExecutor(2, thread_name_prefix="sync") as pool:
        waiting: list[Future[None]] = []
        yield lambda path: waiting.append(pool.submit(sync_file, path))
        for one in waiting:
            one.result()


def _sync(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems cannot do this for folders
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_table(path: Path) -> pa.Table:
    """Return the table of an Arrow file without reading it into memory; raises OSError or pa.ArrowInvalid.

    On Windows it is read, because a folder with a mapped file could not be replaced by the next import.
    """
    if os.name == "nt":
        with pa.OSFile(str(path), "rb") as file:
            return pa.ipc.open_file(file).read_all()
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
