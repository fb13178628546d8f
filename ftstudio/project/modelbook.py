"""Where the models that projects name lie on this computer.

A project never holds a path, so that it can be copied to another computer; this book, kept beside the program's
settings, knows the folder for each model that was used here, and the folders to search for models.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ftstudio.project import machine_files
from ftstudio.project.schema import ModelReference

_FILE = "models.json"
_MOST = 500


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    source: str
    fingerprint: str
    path: str


class _Book(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    entries: tuple[_Entry, ...] = ()
    folders: tuple[str, ...] = ()


def remember(reference: ModelReference, path: Path) -> None:
    """Note that `reference` lies at `path`; the newest note wins."""
    book = _read()
    entry = _Entry(**reference.model_dump(), path=os.path.realpath(path))
    others = tuple(other for other in book.entries if not _is_same(other, reference))
    _write(book.model_copy(update={"entries": (entry, *others)[:_MOST]}))


def locate(reference: ModelReference) -> Path | None:
    """Return the existing folder or file noted for `reference`, None if there is none.

    A fingerprint, where both sides have one, must agree; without it the name decides. Of several
    folders with the same weights the one of that name comes first: its tokenizer or labels may be others.
    """
    fitting = [entry for entry in _read().entries if _fits(entry, reference)]
    by_name = sorted(fitting, key=lambda entry: entry.name != reference.name)
    return next((path for path in (Path(entry.path) for entry in by_name) if path.exists()), None)


def known_folders() -> list[Path]:
    """Return where models that were used here lie, the newest first; some may be gone."""
    return [Path(entry.path) for entry in _read().entries]


def model_folders() -> list[Path]:
    """Return the folders the user wants searched for models, in the order they were added."""
    return [Path(folder) for folder in _read().folders]


def add_folder(folder: Path) -> None:
    """Have `folder` searched for models from now on."""
    book, added = _read(), os.path.realpath(folder)
    if added not in book.folders:
        _write(book.model_copy(update={"folders": (*book.folders, added)}))


def remove_folder(folder: Path) -> None:
    """No longer search `folder`; models already noted there stay known."""
    book, removed = _read(), {str(folder), os.path.realpath(folder)}
    _write(book.model_copy(update={"folders": tuple(kept for kept in book.folders if kept not in removed)}))


def _is_same(entry: _Entry, reference: ModelReference) -> bool:
    return (entry.name, entry.source, entry.fingerprint) == (reference.name, reference.source, reference.fingerprint)


def _fits(entry: _Entry, reference: ModelReference) -> bool:
    if entry.source != reference.source:
        return False
    if entry.fingerprint and reference.fingerprint:
        return entry.fingerprint == reference.fingerprint
    return entry.name == reference.name


def _read() -> _Book:
    return machine_files.read(_FILE, _Book)


def _write(book: _Book) -> None:
    machine_files.write(_FILE, book)
