"""Writing so that a kill, a crash or a full disk at any moment leaves the old content or the new one, never a part.

Files: a temporary file beside the target, write, fsync, replace, fsync the folder; the mode is kept and a symbolic
link is followed. Folders: built under a temporary name and renamed when complete, or swapped in two renames that
`recover_folder` rolls back. All functions raise plain `OSError`; `disk_errors.explain` makes a sentence of it.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import os
import re
import shutil
import socket
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

_PREFIX = ".tmp-"
_OLD = ".old"
_NEW = ".new"
_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EISDIR, errno.EPERM}
_counter = itertools.count()


def temporary_sibling(target: Path) -> Path:
    """Return an unused name beside `target`; it carries the process and the computer, so that leftovers are told from
    work.
    """
    unique = f"{_PREFIX}{os.getpid()}-{next(_counter)}-{_computer()}-{os.urandom(4).hex()}"
    return target.parent / unique


def temporary_owner(path: Path) -> int | None:
    """Return the id of the process that made a temporary file or folder of ours, None for any other name."""
    if not path.name.startswith(_PREFIX):
        return None
    written = path.name.removeprefix(_PREFIX).partition("-")[0]
    return int(written) if written.isdigit() else None


def is_temporary_here(path: Path) -> bool:
    """Whether a name is that of a temporary file or folder which this computer made."""
    pattern = rf"{re.escape(_PREFIX)}\d+-\d+-{_computer()}-[0-9a-f]{{8}}"
    return re.fullmatch(pattern, path.name) is not None


@cache
def _computer() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def write_bytes(path: Path, data: bytes) -> None:
    """Replace the content of `path` by `data`, or leave it exactly as it was and raise `OSError`."""
    target = Path(os.path.realpath(path)) if path.is_symlink() else path
    temporary = temporary_sibling(target)
    try:
        _write_new(temporary, data, _mode_of(target))
        _retry(lambda: temporary.replace(target))
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(target.parent)


def write_text(path: Path, content: str) -> None:
    """Replace the content of `path` by `content` in UTF-8 with plain line ends."""
    write_bytes(path, content.encode("utf-8"))


def write_json(path: Path, document: Any) -> None:
    """Replace the content of `path` by indented JSON; NaN and infinity are refused with ValueError."""
    written = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    write_text(path, written + "\n")


@contextmanager
def building_file(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """Yield the path of a new file that becomes `target` when the block ends well, and vanishes when it does not.

    For content that is written a part at a time. Raises FileExistsError before and after if `target` exists, unless
    `replace`.
    """
    if not replace and os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    temporary = temporary_sibling(target)
    try:
        yield temporary
        _sync_file(temporary)
        if not replace and os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
        _retry(lambda: temporary.replace(target))
        sync_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def room_for(target: Path) -> Iterator[None]:
    """Make the folders above `target`; those made here go away again when the block fails and left them empty."""
    made = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
        raise


@contextmanager
def building_folder(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """Yield an empty folder that becomes `target` when the block ends well, and vanishes when it does not.

    Raises FileExistsError before and after if `target` exists, unless `replace` swaps it out.
    """
    if not replace and os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    temporary = temporary_sibling(target)
    temporary.mkdir()
    try:
        yield temporary
        place_folder(temporary, target, replace=replace)
    except BaseException:
        remove_folder(temporary)
        raise


def place_folder(built: Path, target: Path, *, replace: bool = False) -> None:
    """Give the complete folder `built`, a sibling, the name `target`; raises FileExistsError unless `replace`."""
    if replace:
        replace_folder(built, target)
        return
    sync_tree(built)
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    _retry(lambda: built.rename(target))
    sync_folder(target.parent)


def new_sibling(target: Path) -> Path:
    """Return an empty folder beside `target` to write its next content into, for `replace_folder`."""
    new = target.with_name(target.name + _NEW)
    remove_folder(new)
    new.mkdir(parents=True)
    return new


def replace_folder(new: Path, target: Path) -> None:
    """Put the complete folder `new` in the place of `target` (a sibling), which may or may not exist.

    After a kill at any step `recover_folder(target)` finds the old or the new content whole.
    """
    old = target.with_name(target.name + _OLD)
    sync_tree(new)
    had_target = target.exists()
    if had_target:
        remove_folder(old)
        _retry(lambda: target.rename(old))
    try:
        _retry(lambda: new.rename(target))
    except BaseException:
        if had_target:
            old.rename(target)
        raise
    sync_folder(target.parent)
    remove_folder(old)


def move_folder(source: Path, target: Path) -> None:
    """Give a whole folder another place on the same disk in one step; raises FileExistsError if `target` exists."""
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    _retry(lambda: source.rename(target))
    sync_folder(target.parent)
    sync_folder(source.parent)


def recover_folder(target: Path) -> bool:
    """Mend what a kill during `replace_folder` left: afterwards `target` is whole or absent. True if it had to act."""
    old, new = target.with_name(target.name + _OLD), target.with_name(target.name + _NEW)
    if not old.exists() and not new.exists():
        return False
    if old.exists() and not target.exists():
        _retry(lambda: old.rename(target))
        sync_folder(target.parent)
    remove_folder(old)
    remove_folder(new)
    return True


def remove_folder(folder: Path) -> None:
    """Remove a folder of ours as far as the system lets us; what stays is cleaned by the next recovery."""
    shutil.rmtree(folder, ignore_errors=True)


def sync_tree(folder: Path) -> None:
    """Force every file and folder below `folder` to the disk."""
    for parent, _, names in os.walk(folder):
        for name in names:
            _sync_file(Path(parent) / name)
        sync_folder(Path(parent))


def sync_folder(folder: Path) -> None:
    """Force the names in `folder` to the disk; systems that cannot do that to folders are left alone."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(descriptor)


def _sync_file(path: Path) -> None:
    if path.is_symlink():
        return
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_new(path: Path, data: bytes, mode: int | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o666)
    try:
        remaining = memoryview(data)
        while remaining:
            remaining = remaining[os.write(descriptor, remaining) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if mode is not None:
        path.chmod(mode)


def _mode_of(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None


def _retry(action: Callable[[], object], attempts: int = 20) -> None:
    """Run `action`; on Windows a virus scanner or indexer may hold the file for a moment, so try again there."""
    while True:
        try:
            action()
            return
        except PermissionError:
            attempts -= 1
            if os.name != "nt" or attempts <= 0:
                raise
            time.sleep(0.05)
