"""Tables with a column of 0 and 1 for each label: read with one more column, which holds the labels of each row."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from ftstudio.core import label_sets
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import ColumnRole, ReaderSpec
from ftstudio.core.text import text
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.reading import Chunk, Look, Reader, Watch, unwatched
from ftstudio.datasets.roles import is_known_name, known_role

COLUMN = "labels"
FEWEST_COLUMNS, NAMED = 2, 8
_MEANS = {"1": True, "1.0": True, "true": True, "0": False, "0.0": False, "false": False}


class WithLabelColumn:
    """A reader whose rows also have the labels that their columns of 0 and 1 say, in one column."""

    def __init__(self, inner: Reader, labels: Sequence[str], column: str) -> None:
        self.SPEC: ReaderSpec = inner.SPEC
        self.column = column
        self._inner, self._labels = inner, list(labels)

    def look(self, source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
        """Look as the reader inside does, and add the column."""
        return self.added(self._inner.look(source, options, watch))

    def read(self, source: Path, options: ReadOptions) -> Iterator[Chunk]:
        """Yield the rows of the reader inside, each with its labels."""
        for chunk in self._inner.read(source, options):
            yield Chunk(chunk.batch.append_column(self.column, self._cells(chunk.batch)), chunk.done)

    def added(self, look: Look) -> Look:
        """Return a look with the column in its first rows, and with a note of it."""
        preview = look.preview.append_column(self.column, self._cells(look.preview))
        return dataclasses.replace(look, preview=preview, problems=(*look.problems, self._told()))

    def _cells(self, rows: pa.RecordBatch | pa.Table) -> pa.Array:
        """Return one cell a row; it is empty where a column says neither 0 nor 1."""
        columns = [
            [_MEANS.get((cell or "").strip().lower()) for cell in rows[name].to_pylist()] for name in self._labels
        ]
        return pa.array([self._cell(row) for row in zip(*columns, strict=True)], pa.string())

    def _cell(self, row: Sequence[bool | None]) -> str | None:
        if None in row:
            return None
        return label_sets.write(name for name, there in zip(self._labels, row, strict=True) if there)

    def _told(self) -> Problem:
        names = ", ".join([*self._labels[:NAMED], *["…"] * (len(self._labels) > NAMED)])
        return Problem(
            severity=Severity.NOTE,
            code="label_columns",
            message=text(
                "{count} columns hold only 0 and 1, and were read as labels: {names}.",
                count=len(self._labels),
                names=names,
            ),
            hint=text("If they are none, choose another column than “{column}” as the label.", column=self.column),
            count=len(self._labels),
        )


def with_label_column(reader: Reader, look: Look) -> tuple[Reader, Look]:
    """Return a reader and a look with the labels of a table in one column, where several columns say 0 or 1.

    A table with a column that is called as labels are has them there already, and is returned as it is.
    """
    names = binary_columns(look.preview)
    named = any(known_role(name) is ColumnRole.LABEL for name in look.columns)
    if named or len(names) < FEWEST_COLUMNS:
        return reader, look
    column = next(one for one in (COLUMN, *(f"{COLUMN} {at}" for at in range(2, 99))) if one not in look.columns)
    made = WithLabelColumn(reader, names, column)
    return made, made.added(look)


def binary_columns(preview: pa.Table) -> list[str]:
    """Return the columns whose first rows hold nothing but 0 and 1, unless none has a single 1."""
    found, ones = [], False
    for name in preview.column_names:
        cells = {(cell or "").strip().lower() for cell in preview[name].unique().to_pylist()}
        if cells and cells <= set(_MEANS) and not is_known_name(name):
            found.append(name)
            ones = ones or any(_MEANS[cell] for cell in cells)
    return found if ones else []
