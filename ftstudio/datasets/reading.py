"""What every reader offers: a quick look for the wizard and a stream of string columns for the import."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.problems import Problem
from ftstudio.core.specs import Answer, Modality, ReaderSpec
from ftstudio.core.text import Text, text
from ftstudio.datasets.options import ReadOptions

PREVIEW_ROWS = 200
WATCHED = 500

Watch = Callable[[int], None]
"""Told now and then how many files a look has found; raises `CancelledError` to end it."""


def unwatched(count: int) -> None:
    """Take no interest in how far a look is."""


class Chunk(NamedTuple):
    """Some rows of a source, every column a string column, and how far the source has been read.

    Where rows are pieces of longer documents, `begins` tells which of them are the first of theirs.
    """

    batch: pa.RecordBatch
    done: int
    begins: npt.NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Look:
    """What a quick look at one source found; `total` is in the unit of `Chunk.done` (bytes or files)."""

    options: ReadOptions
    preview: pa.Table
    total: int
    problems: tuple[Problem, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The names of the columns, as in the source."""
        return list(self.preview.column_names)


class Reader(Protocol):
    """A module of `datasets.readers`."""

    SPEC: ReaderSpec

    def look(self, source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
        """Detect what `options` leave open and return the first rows; raises `InputError`.

        Whoever has many files to go through calls `watch` every `WATCHED` of them.
        """

    def read(self, source: Path, options: ReadOptions) -> Iterator[Chunk]:
        """Yield all rows in the order of the source; `options` come from a look. Raises `InputError`."""


def reader_for(source: Path, modality: Modality, answer: Answer = Answer.LABEL) -> Reader:
    """Return the reader that fits a file's ending or a folder; raises `InputError` naming what is accepted."""
    kind = _kind_on_disk(source)
    for spec in sorted(catalog.readers(), key=lambda one: len(one.answers)):  # one made for this kind of label first
        if (modality in spec.modalities and answer in spec.answers) and (
            spec.is_folder if kind == "folder" else source.suffix.lower() in spec.suffixes
        ):
            module = catalog.readers().module(spec.key)
            if kind != "folder" or getattr(module, "fits", _any_folder)(source):
                return cast(Reader, module)
    if kind == "folder" and answer is Answer.BOXES:
        raise InputError(
            text("“{file}” holds no boxes in a form that is known.", file=source.name),
            text("Choose a COCO file, a folder with data.yaml (YOLO), or one with Annotations (Pascal VOC)."),
            file=str(source),
        )
    if kind == "folder":
        raise InputError(
            text("“{file}” is a folder; a file is needed here.", file=source.name),
            text("Choose the files in it: several of one kind can be chosen at once."),
            file=str(source),
        )
    fitting = [spec for spec in catalog.readers() if answer in spec.answers]
    endings = sorted({ending for spec in fitting for ending in spec.suffixes})
    raise InputError(
        text("Files of the kind “{ending}” cannot be read.", ending=source.suffix or source.name),
        text("Save the data as one of: {endings}.", endings=", ".join(endings)),
        file=str(source),
    )


def _any_folder(source: Path) -> bool:
    return True


def _kind_on_disk(source: Path) -> str:
    try:
        mode = source.stat().st_mode
    except FileNotFoundError:
        raise InputError(
            text("There is no file or folder “{file}”.", file=str(source)),
            text("Check the name and the folder it is in."),
            file=str(source),
        ) from None
    except OSError as error:
        raise cannot_open(source, error) from None
    if stat.S_ISDIR(mode):
        return "folder"
    if not stat.S_ISREG(mode):
        raise InputError(text("“{file}” is neither a file nor a folder.", file=source.name), file=str(source))
    if not os.access(source, os.R_OK):
        raise cannot_open(source, PermissionError(13, "permission denied"))
    return "file"


def cannot_open(source: Path, error: OSError) -> InputError:
    """Return the error for a source that the system does not let us read."""
    return InputError(
        text("“{file}” cannot be opened: {reason}.", file=source.name, reason=error.strerror or str(error)),
        text("Check that the file exists, that you may read it and that the disk is connected."),
        file=str(source),
    )


def empty_source(source: Path, hint: Text | None = None) -> InputError:
    """Return the error for a source without a single byte or row; `hint` tells what it should have had."""
    return InputError(
        text("“{file}” is empty.", file=source.name),
        hint or text("Choose a file with a header line and at least two rows."),
        file=str(source),
    )


def no_rows(source: Path) -> InputError:
    """Return the error for a table that has only a header."""
    return InputError(
        text("“{file}” has column names but no rows.", file=source.name),
        text("Add rows below the header, or say that the first line is data."),
        file=str(source),
    )


def check_names(source: Path, names: Sequence[str]) -> None:
    """Refuse empty and repeated column names, because nobody could say which of them is meant."""
    hint = text("Give every column its own name, or say that the file has no header line.")
    for number, name in enumerate(names, start=1):
        if not name.strip():
            raise InputError(
                text("Column {number} of “{file}” has no name.", number=number, file=source.name),
                hint,
                file=str(source),
                column=str(number),
            )
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(
                text("“{file}” has two columns called “{column}”.", file=source.name, column=name),
                hint,
                file=str(source),
                column=name,
            )
        seen.add(name)


def string_batch(names: Sequence[str], rows: Iterable[Sequence[str | None]]) -> pa.RecordBatch:
    """Make a batch of string columns from rows."""
    listed = list(rows)
    columns = list(zip(*listed, strict=True)) if listed else [() for _ in names]
    return pa.record_batch([_strings(column) for column in columns], names=list(names))


def _strings(values: Sequence[str | None]) -> pa.StringArray:
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell but UTF-8 cannot
        return pa.array([value and value.encode("utf-8", "replace").decode() for value in values], pa.string())
