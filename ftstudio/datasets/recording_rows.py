"""Rows of pictures with one more column: the recording that each is of, which then is their group."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import ReaderSpec
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.inspection import Looked
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.reading import Chunk, Look, Reader, Watch, unwatched
from ftstudio.datasets.recordings import Way, recording_of

COLUMN = "recording"


class WithRecordings:
    """A reader whose rows also say which recording their picture is of."""

    def __init__(self, inner: Reader, image: str, column: str, way: Way) -> None:
        self.SPEC: ReaderSpec = inner.SPEC
        self.column = column
        self._inner, self._image, self._way = inner, image, way

    def look(self, source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
        """Look as the reader inside does, and add the column."""
        return self.added(self._inner.look(source, options, watch))

    def read(self, source: Path, options: ReadOptions) -> Iterator[Chunk]:
        """Yield the rows of the reader inside, each with its recording."""
        for chunk in self._inner.read(source, options):
            values = self._recordings(chunk.batch[self._image])
            yield Chunk(chunk.batch.append_column(self.column, values), chunk.done)

    def added(self, look: Look) -> Look:
        """Return a look with the column in its first rows."""
        values = self._recordings(look.preview[self._image])
        return dataclasses.replace(look, preview=look.preview.append_column(self.column, values))

    def _recordings(self, names: pa.Array | pa.ChunkedArray) -> pa.Array:
        return pa.array([recording_of(name, self._way) or None for name in names.to_pylist()], pa.string())


def with_recordings(looked: Sequence[Looked], image: str, way: Way) -> tuple[list[Looked], str]:
    """Return sources whose rows have a new column of recordings, and what the column is called."""
    taken = {name for one in looked for name in one.look.columns}
    column = next(name for name in (COLUMN, *(f"{COLUMN} {at}" for at in range(2, 99))) if name not in taken)
    made = []
    for one in looked:
        reader = WithRecordings(one.reader, image, column, way)
        made.append(Looked(one.path, reader, reader.added(one.look)))
    return made, column


def told(count: int, examples: Sequence[str], column: str) -> Problem:
    """Return the note that pictures of one recording were kept together because of their names."""
    return Problem(
        severity=Severity.NOTE,
        code="recordings",
        message=text_plural(
            "By their file names the pictures are of {count} recording.",
            "By their file names the pictures are of {count} recordings; those of one stay in one split.",
            count,
        ),
        hint=text(
            "If they have nothing to do with each other, say on the Data page that the column “{column}” has no "
            "meaning; the rows are then divided again.",
            column=column,
        ),
        count=count,
        examples=tuple(examples),
    )
