"""Folders whose sub-folders are classes, perhaps inside train, validation and test folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.datasets.reading import cannot_open
from ftstudio.datasets.roles import SPLIT_NAMES

_IGNORED = {"__macosx", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Entry:
    """One file: its path below the root with forward slashes, its class, its split ("" when there are none)."""

    path: str
    label: str
    split: str = ""


def class_files(root: Path, suffixes: tuple[str, ...]) -> list[Entry]:
    """Return the files of a class folder, sorted by path. Raises `InputError` with the folder to choose instead."""
    groups = _folders(root)
    if not groups:
        _refuse_flat(root, suffixes)
    splits = {name: SPLIT_NAMES.get(name.lower(), "") for name in groups}
    has_splits = all(splits.values()) and all(_folders(root / name) for name in groups)
    if len(groups) == 1 and not has_splits and len(_folders(root / groups[0])) > 1:
        _suggest(root / groups[0], root)
    entries: list[Entry] = []
    for name in groups:
        classes = [f"{name}/{one}" for one in _folders(root / name)] if has_splits else [name]
        for folder in classes:
            split = splits[name] if has_splits else ""
            entries += [Entry(path, folder.rpartition("/")[2], split) for path in _files(root, folder, suffixes)]
    if not entries:
        raise InputError(
            text("The folders in “{folder}” hold no files of the right kind.", folder=root.name),
            text("Each class needs a folder with files ending in {endings}.", endings=", ".join(suffixes)),
            file=str(root),
        )
    return sorted(entries, key=lambda entry: entry.path)


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            kept = sorted((one for one in found if not _is_ignored(one.name)), key=lambda one: one.name)
    except OSError as error:
        raise cannot_open(folder, error) from None
    for one in kept:
        _refuse_odd_name(folder, one.name)
    return kept


def _refuse_odd_name(root: Path, name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = os.fsencode(name).decode("utf-8", "replace")
        raise InputError(
            text("The name “{file}” is not valid UTF-8.", file=shown),
            text("Rename the file or folder, then import again."),
            file=str(root / shown),
        ) from None


def _is_ignored(name: str) -> bool:
    return name.startswith(".") or name.lower() in _IGNORED


def _folders(folder: Path) -> list[str]:
    return [one.name for one in _scan(folder) if one.is_dir(follow_symlinks=False)]


def _files(root: Path, folder: str, suffixes: tuple[str, ...]) -> Iterator[str]:
    """Yield regular files below a class folder; links to folders are not followed, so that loops cannot trap us."""
    for one in _scan(root / folder):
        path = f"{folder}/{one.name}"
        if one.is_dir(follow_symlinks=False):
            yield from _files(root, path, suffixes)
        elif Path(one.name).suffix.lower() in suffixes and _is_file(one):
            yield path


def _is_file(one: os.DirEntry[str]) -> bool:
    """Tell whether there is a file to read: not for a pipe, a link that leads nowhere or one that leads in a circle."""
    try:
        return one.is_file()
    except OSError:
        return False


def _refuse_flat(root: Path, suffixes: tuple[str, ...]) -> None:
    files = [one.name for one in _scan(root) if Path(one.name).suffix.lower() in suffixes]
    if files:
        raise InputError(
            text("“{folder}” holds files but no class folders.", folder=root.name),
            text(
                "Did you mean the folder above it, “{parent}”? It must hold one folder per class.",
                parent=root.parent.name,
            ),
            file=str(root),
        )
    endings = {ending for spec in catalog.readers() for ending in spec.suffixes}
    if tables := [one.name for one in _scan(root) if Path(one.name).suffix.lower() in endings]:
        raise InputError(
            text("“{folder}” holds no class folders.", folder=root.name),
            text("Did you mean the file “{file}” inside it?", file=tables[0]),
            file=str(root),
        )
    raise InputError(
        text("“{folder}” holds no class folders.", folder=root.name),
        text("It must hold one folder per class with files ending in {endings}.", endings=", ".join(suffixes)),
        file=str(root),
    )


def _suggest(inner: Path, root: Path) -> None:
    raise InputError(
        text("“{folder}” holds only one folder, so there would be only one class.", folder=root.name),
        text("Did you mean the folder “{inner}” inside it?", inner=inner.name),
        file=str(root),
    )
