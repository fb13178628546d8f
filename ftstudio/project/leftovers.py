"""Temporary files and folders of processes that were killed while they wrote: told from work under way, and removed.

In a project they are looked for when it is opened (`recovery`); elsewhere when something is written there again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from ftstudio.project import atomic, processes


def sweep(folder: Path) -> None:
    """Remove what killed processes of this computer left right in a folder of the user's. Never raises.

    A folder may be shared with other computers, whose processes cannot be asked after: their files are theirs.
    """
    try:
        with os.scandir(folder) as found:
            ours = [Path(entry.path) for entry in found if atomic.is_temporary_here(Path(entry.name))]
    except OSError:
        return
    for _ in remove(ours):
        pass


def remove(paths: Iterable[Path]) -> Iterator[Path]:
    """Remove those of `paths` that are temporary and whose process is gone, and yield them."""
    for path in paths:
        owner = atomic.temporary_owner(path)
        if owner is None or processes.is_alive(owner, None):
            continue
        if path.is_dir() and not path.is_symlink():
            atomic.remove_folder(path)
        else:
            with suppress(OSError):
                path.unlink()
        yield path
