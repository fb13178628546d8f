"""Turns what the operating system says about a failed read or write into a sentence with a next step."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.text import Text, text

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} if hasattr(errno, "EDQUOT") else {errno.ENOSPC, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ENODEV, errno.ENXIO, errno.ESTALE if hasattr(errno, "ESTALE") else 0}
_IN_THE_WAY = {errno.EEXIST, errno.ENOTDIR}


def is_full(error: OSError) -> bool:
    """Whether the write failed because there was no room (full disk, quota, size limit)."""
    return error.errno in _FULL


def is_refused(error: OSError) -> bool:
    """Whether the system does not permit it: permissions, or a disk that can only be read."""
    return error.errno in _REFUSED


def explain(error: OSError, path: Path | str, kind: type[StudioError] = StudioError) -> StudioError:
    """Return the error to raise for a failed access to `path`; `kind` InputError where nothing has begun yet."""
    return kind(_message(error, path), _hint(error, path), file=str(path))


def refuse(error: OSError, path: Path | str) -> StudioError:
    """Return `explain` as bad input: the place the user named cannot be used."""
    return explain(error, path, InputError)


def _message(error: OSError, path: Path | str) -> Text:
    if is_full(error):
        return text("There is no room left on the disk for “{path}”.", path=str(path))
    if error.errno in _REFUSED:
        return text("“{path}” cannot be written or read: the system does not permit it.", path=str(path))
    if error.errno in _IN_THE_WAY and (file := _file_above(path)):
        return text("“{path}” cannot be there: “{file}” is a file, not a folder.", path=str(path), file=file)
    if error.errno in _GONE:
        return text("“{path}” is not there any more.", path=str(path))
    return text("“{path}” could not be accessed: {reason}.", path=str(path), reason=error.strerror or str(error))


def _hint(error: OSError, path: Path | str) -> Text:
    if error.errno in _IN_THE_WAY and _file_above(path):
        return text("Choose another folder.")
    if is_full(error):
        return text("Free some space and try again; what was saved before is unchanged.")
    if error.errno in _REFUSED:
        return text("Choose another folder, or change the permissions of this one.")
    if error.errno in _GONE:
        return text("Connect the drive again or save in another folder; what was saved before is unchanged.")
    return text("Check the disk and try again; what was saved before is unchanged.")


def _file_above(path: Path | str) -> str:
    """Return the file that stands where `path` needs a folder, "" if there is none."""
    above = next((str(folder) for folder in Path(path).parents if os.path.lexists(folder)), "")
    return above if above and Path(above).is_file() else ""
