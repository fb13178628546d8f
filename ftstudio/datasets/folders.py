"""Folders whose sub-folders are classes, perhaps inside train, validation and test folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.reading import WATCHED, Watch, cannot_open, unwatched
from ftstudio.datasets.roles import SPLIT_NAMES

_IGNORED = {"__macosx", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Entry:
    """One file: its path below the root with forward slashes, its class, its split ("" when there are none)."""

    path: str
    label: str
    split: str = ""


@dataclass(frozen=True)
class Listing:
    """The files of a class folder, sorted by path, and the names that are left out because they are not UTF-8."""

    entries: list[Entry]
    has_splits: bool = False
    odd_names: list[str] = field(default_factory=list)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the folder but keeps nobody from using the rest."""
        if self.odd_names:
            yield Problem(
                severity=Severity.WARNING,
                code="odd_names",
                message=text_plural(
                    "{count} file is left out because its name is not valid UTF-8: “{file}”.",
                    "{count} files are left out because their names are not valid UTF-8, the first is “{file}”.",
                    len(self.odd_names),
                    file=self.odd_names[0],
                ),
                hint=text("Rename them and import again if they are needed."),
                count=len(self.odd_names),
                examples=tuple(self.odd_names[:5]),
            )


def class_files(root: Path, suffixes: tuple[str, ...], watch: Watch = unwatched) -> Listing:
    """List the files of a class folder. Raises `InputError` with the folder to choose instead."""
    groups = _folders(root)
    if not groups:
        _refuse_flat(root, suffixes)
    splits = {name: SPLIT_NAMES.get(name.lower(), "") for name in groups}
    has_splits = all(splits.values()) and all(_folders(root / name) for name in groups)
    if len(groups) == 1 and not has_splits and len(_folders(root / groups[0])) > 1:
        _suggest(root / groups[0], root)
    found = Listing([], has_splits)
    for name in groups:
        for folder in [f"{name}/{one}" for one in _folders(root / name)] if has_splits else [name]:
            _gather(found, root, folder, suffixes, splits[name] if has_splits else "", watch)
    if not found.entries:
        raise InputError(
            text("The folders in “{folder}” hold no files of the right kind.", folder=root.name),
            text("Each class needs a folder with files ending in {endings}.", endings=", ".join(suffixes)),
            file=str(root),
        )
    found.entries.sort(key=lambda entry: entry.path)
    return found


def _gather(found: Listing, root: Path, folder: str, suffixes: tuple[str, ...], split: str, watch: Watch) -> None:
    label = folder.rpartition("/")[2]
    for number, path in enumerate(_files(root, folder, suffixes), start=len(found.entries) + 1):
        if number % WATCHED == 0:
            watch(number)
        if _is_utf8(path):
            found.entries.append(Entry(path, label, split))
        else:
            found.odd_names.append(_shown(path))


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted((one for one in found if not _is_ignored(one.name)), key=lambda one: one.name)
    except OSError as error:
        raise cannot_open(folder, error) from None


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")


def _refuse_odd_folder(root: Path, name: str) -> None:
    """Refuse a folder that cannot be named: unlike a file it is a class, which must not go missing."""
    if not _is_utf8(name):
        raise InputError(
            text("The name of the folder “{folder}” is not valid UTF-8.", folder=_shown(name)),
            text("Rename the folder, then import again."),
            file=str(root / _shown(name)),
        )


def _is_ignored(name: str) -> bool:
    return name.startswith(".") or name.lower() in _IGNORED


def _folders(folder: Path) -> list[str]:
    names = [one.name for one in _scan(folder) if one.is_dir(follow_symlinks=False)]
    for name in names:
        _refuse_odd_folder(folder, name)
    return names


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
    tables = [one.name for one in _scan(root) if Path(one.name).suffix.lower() in endings]
    hint = text("It must hold one folder per class with files ending in {endings}.", endings=", ".join(suffixes))
    if tables:
        hint = text("Did you mean the file “{file}” inside it?", file=_shown(tables[0]))
    raise InputError(text("“{folder}” holds no class folders.", folder=root.name), hint, file=str(root))


def _suggest(inner: Path, root: Path) -> None:
    raise InputError(
        text("“{folder}” holds only one folder, so there would be only one class.", folder=root.name),
        text("Did you mean the folder “{inner}” inside it?", inner=inner.name),
        file=str(root),
    )
