"""Rows that a trained model shall answer: any table the import reads, or a folder of texts or pictures, unlabelled.

Unlike an import nothing is stored, and one bad file keeps nobody from the rest: its row says what is wrong.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from ftstudio.core.errors import InputError
from ftstudio.core.problems import Severity
from ftstudio.core.specs import ColumnRole, Modality
from ftstudio.core.text import text
from ftstudio.core.translation import tr
from ftstudio.datasets import encoding
from ftstudio.datasets.inspection import Looked, look_at
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.reading import Chunk, string_batch
from ftstudio.datasets.roles import PICTURE_SUFFIXES, check_roles

TEXT_SUFFIXES = (".txt", ".text", ".md", ".eml")
LONGEST_TEXT = 16 << 20
FILES_AT_ONCE = 256


@dataclass(frozen=True)
class NewRows:
    """A source that was looked at; `total` is in the unit of `Chunk.done`. Pictures are named relative to `folder`.

    `preview` holds its first rows. `unread` of a chunk's rows tell why a row has no content, "" for a good one.
    """

    path: Path
    folder: Path
    columns: tuple[str, ...]
    preview: pa.Table
    total: int
    _modality: Modality
    _files: tuple[str, ...] = ()
    _looked: Looked | None = None

    def chunks(self) -> Iterator[tuple[Chunk, list[str]]]:
        """Yield all rows, a part at a time, with what is wrong with each; raises `InputError` for a broken table."""
        if self._looked is None:
            yield from self._of_files()
            return
        for chunk in self._looked.reader.read(self.path, self._looked.look.options):
            yield chunk, [""] * chunk.batch.num_rows

    def _of_files(self) -> Iterator[tuple[Chunk, list[str]]]:
        for start in range(0, len(self._files), FILES_AT_ONCE):
            part = self._files[start : start + FILES_AT_ONCE]
            if self._modality is Modality.IMAGE:
                yield Chunk(string_batch(("image",), [(name,) for name in part]), start + len(part)), [""] * len(part)
                continue
            read = [_read(self.path / name) for name in part]
            rows = [(words, name) for (words, _), name in zip(read, part, strict=True)]
            yield Chunk(string_batch(("text", "file"), rows), start + len(part)), [why for _, why in read]


def look(source: Path, modality: Modality) -> NewRows:
    """Look at a file or folder; raises `InputError` for one that holds nothing of the kind."""
    source = source.absolute()
    if not source.is_dir():
        one = look_at((source,), modality, ReadOptions())[0]
        for problem in one.look.problems:
            if problem.severity is Severity.ERROR:
                raise InputError(problem.message, problem.hint, **problem.where.model_dump())
        seen = one.look
        columns = tuple(seen.columns)
        return NewRows(source, source.parent, columns, seen.preview, seen.total, modality, _looked=one)
    suffixes = PICTURE_SUFFIXES if modality is Modality.IMAGE else TEXT_SUFFIXES
    files = tuple(sorted(_files(source, suffixes)))
    if not files:
        raise InputError(
            text("The folder “{folder}” holds no files of the right kind.", folder=source.name),
            text("Put files into it that end in {endings}.", endings=", ".join(suffixes)),
            file=str(source),
        )
    columns = ("image",) if modality is Modality.IMAGE else ("text", "file")
    preview = pa.table({name: pa.array([], pa.string()) for name in columns})
    return NewRows(source, source, columns, preview, len(files), modality, files)


def needed(modality: Modality, trained: Mapping[ColumnRole, str]) -> list[ColumnRole]:
    """Return the roles that a row needs to be answered; `trained` are the columns that the training data had."""
    if modality is Modality.IMAGE:
        return [ColumnRole.IMAGE]
    return [ColumnRole.TEXT, *([ColumnRole.TEXT_PAIR] if ColumnRole.TEXT_PAIR in trained else [])]


def settle(
    rows: NewRows, roles: Sequence[ColumnRole], trained: Mapping[ColumnRole, str], chosen: Mapping[ColumnRole, str]
) -> dict[ColumnRole, str]:
    """Return the column of each needed role: the one chosen, or the one of the same name as in training.

    A folder has its own. Raises `InputError` naming the columns there are; nothing is guessed, because a wrong column
    would be answered without anybody noticing.
    """
    settled = {role: column for role, column in chosen.items() if role in roles}
    for role in roles:
        named = role.value if rows.path.is_dir() else trained.get(role, role.value)
        if role not in settled and named in rows.columns:
            settled[role] = named
    check_roles(settled, rows.columns, (), rows.path.name)
    for role in roles:
        if role not in settled:
            raise InputError(
                text(
                    "“{file}” has no column “{column}”, as the training data had.",
                    file=rows.path.name,
                    column=trained.get(role, role.value),
                ),
                text(
                    "Say which one to read (on the command line: --column {role}=NAME). The columns are: {columns}.",
                    role=role.value,
                    columns=", ".join(rows.columns[:30]),
                ),
                file=str(rows.path),
                field=role.value,
            )
    return settled


def _files(root: Path, suffixes: tuple[str, ...]) -> Iterator[str]:
    """Yield the files below a folder as paths relative to it; links to folders are not followed."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in suffixes:
                yield (Path(folder) / name).relative_to(root).as_posix()


def _read(file: Path) -> tuple[str | None, str]:
    """Return the words of a text file, or None and why it has none."""
    try:
        raw = encoding.read_start(file, LONGEST_TEXT + 1)
    except (InputError, OSError) as error:
        return None, str(error)
    if len(raw) > LONGEST_TEXT:
        return None, tr("the file is too large to be one text")
    try:
        return raw.decode(encoding.of_bytes(raw)).replace("\0", " ").strip("\ufeff"), ""
    except UnicodeDecodeError:
        return None, tr("the file is not text")
