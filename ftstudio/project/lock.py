"""Keeps two windows from writing one project: a file that names the process that may (id, host, start time, folder).

The lock of a process that is gone is taken over silently. Opening twice within one process shares the lock.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.project import atomic, processes

_held: dict[str, int] = {}
_guard = threading.Lock()


class LockedError(InputError):
    """Another running program has the project open for writing."""


def acquire(path: Path) -> None:
    """Take the lock file `path` for this process; raises `LockedError` if a living process holds it."""
    key = os.path.realpath(path)
    with _guard:
        if not _held.get(key):
            _take(path)
        _held[key] = _held.get(key, 0) + 1


def release(path: Path) -> None:
    """Give back one `acquire`; the file goes with the last. Never raises: a lock left behind is stale."""
    key = os.path.realpath(path)
    with _guard:
        count = _held.pop(key, 0)
        if count > 1:
            _held[key] = count - 1
        elif count == 1 and _read(path) == _mine(path):
            with suppress(OSError):
                path.unlink()


def holder(path: Path) -> dict[str, Any] | None:
    """Return who holds the lock (`pid`, `host`, `started`), or None if nobody living does."""
    found = _read(path)
    return found if found is not None and _is_live(path, found) else None


def _take(path: Path) -> None:
    for _ in range(10):
        if _create(path):
            return
        found = _read(path)
        if found is not None and _is_live(path, found):
            raise _locked(path, found)
        _set_aside(path, found)
    raise _locked(path, _read(path) or {})


def _create(path: Path) -> bool:
    """Write the lock file with its content in one step; False if there is one already."""
    temporary = atomic.temporary_sibling(path)
    content = json.dumps(_mine(path))
    try:
        atomic.write_text(temporary, content)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        except OSError:  # a file system without links (FAT, some network shares)
            return _create_without_links(path, content)
        return True
    finally:
        with suppress(OSError):
            temporary.unlink()


def _create_without_links(path: Path, content: str) -> bool:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
    except FileExistsError:
        return False
    return True


def _set_aside(path: Path, stale: dict[str, Any] | None) -> None:
    """Remove a stale lock; if another process took it over in between, put that one's lock back."""
    aside = atomic.temporary_sibling(path)
    with suppress(OSError):
        path.rename(aside)
        if _read(aside) != stale:
            os.link(aside, path)
        aside.unlink()


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _mine(path: Path) -> dict[str, Any]:
    pid, started = processes.this_process()
    return {"pid": pid, "host": socket.gethostname(), "started": started, "folder": _folder(path)}


def _folder(path: Path) -> str:
    """Identify the folder itself: a copy of an open project brings the lock along, which then means nothing."""
    try:
        status = path.parent.stat()
    except OSError:
        return ""
    return f"{status.st_dev}:{status.st_ino}"


def _is_live(path: Path, found: dict[str, Any]) -> bool:
    """A lock from another computer cannot be checked, so it counts as live."""
    if found.get("host") != socket.gethostname():
        return isinstance(found.get("host"), str)
    if found.get("folder") != _folder(path):
        return False
    pid, started = found.get("pid"), found.get("started")
    if pid == os.getpid() and os.path.realpath(path) not in _held:
        return False
    return isinstance(pid, int) and processes.is_alive(pid, started if isinstance(started, int | float) else None)


def _locked(path: Path, found: dict[str, Any]) -> LockedError:
    host, pid = str(found.get("host", "?")), int(found.get("pid", 0) or 0)
    if host == socket.gethostname():
        message = text("Another window has this project open (process {pid}).", pid=str(pid))
        hint = text("Close it there first, or open the project for reading only.")
    else:
        message = text("The project is open on the computer “{host}”.", host=host)
        hint = text("Close it there. If that computer is gone, delete the file “{file}”.", file=str(path))
    return LockedError(message, hint, file=str(path))
