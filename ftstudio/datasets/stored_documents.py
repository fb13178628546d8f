"""The documents in a project's data folder, read and checked: the manifest, the changes, when both were written."""

from __future__ import annotations

import json
from pathlib import Path

from ftstudio.core.documents import check, newer, unreadable
from ftstudio.core.errors import InputError
from ftstudio.core.strict_json import JsonError, parse
from ftstudio.core.text import text
from ftstudio.datasets import edits as edit_kinds
from ftstudio.datasets.layout import EDITS, MANIFEST
from ftstudio.datasets.manifest import FORMAT_VERSION, Edit, Manifest

_IMPORT_AGAIN = text("Import the data again; runs and settings are not affected.")


def damaged(folder: Path, error: Exception) -> InputError:
    """Return what is told of a data folder that cannot be read."""
    reason = next(iter(str(error).splitlines()), type(error).__name__)
    return InputError(
        text("The imported data of this project is damaged: {reason}", reason=reason), _IMPORT_AGAIN, file=str(folder)
    )


def read_manifest(path: Path) -> Manifest:
    """Return the manifest; raises `InputError` when it is damaged or of a newer version of the program."""
    try:
        document = parse(path.read_bytes())
    except JsonError as error:
        raise unreadable(path, error.reason, _IMPORT_AGAIN) from error
    if not isinstance(document, dict):
        raise unreadable(path, text("it does not hold what it should."), _IMPORT_AGAIN)
    version = document.get("format_version")
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise newer(path, version)
    return check(document, Manifest, path, _IMPORT_AGAIN)


def stamps(folder: Path) -> list[tuple[int, int]]:
    """Return when what says how the data is was written, and its size; nothing of a file that is not there."""
    found = (folder / MANIFEST, folder / EDITS)
    return [(path.stat().st_mtime_ns, path.stat().st_size) if path.exists() else (0, 0) for path in found]


def read_edits(path: Path) -> tuple[Edit, ...]:
    """Return the changes made since the import, none where there is no such file; raises `InputError`."""
    if not path.exists():
        return ()
    try:
        edits = tuple(Edit.model_validate(one) for one in json.loads(path.read_text(encoding="utf-8")))
        edit_kinds.check(edits)
    except (ValueError, TypeError, InputError) as error:
        raise InputError(
            text("The list of changes to the data cannot be read: {reason}", reason=str(error).splitlines()[0]),
            text("Remove “{file}” to go back to the data as imported.", file=path.name),
            file=str(path),
        ) from error
    return edits
