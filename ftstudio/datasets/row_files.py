"""Tables written a part at a time as CSV, TSV, JSON lines or Parquet, chosen by the ending of the file's name."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from ftstudio.core.errors import InputError
from ftstudio.core.table_cells import safe_row
from ftstudio.core.text import Text, text


class RowFile(Protocol):
    """A table under way; a context manager."""

    def write(self, rows: pa.Table) -> None:
        """Append rows; all have the same columns."""

    def __enter__(self) -> RowFile:
        """Return itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""


class _Written:
    encoding = "utf-8"

    def __init__(self, path: Path) -> None:
        self._file = path.open("x", encoding=self.encoding, newline="")

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class _Delimited(_Written):
    """For spreadsheets: what could run there as a formula is made text (`core.table_cells`), and a mark at the start
    tells them that it is UTF-8.
    """

    encoding = "utf-8-sig"
    delimiter = ","

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._writer = csv.writer(self._file, delimiter=self.delimiter)
        self._begun = False

    def write(self, rows: pa.Table) -> None:
        if not self._begun:
            self._writer.writerow(safe_row(rows.column_names))
            self._begun = True
        columns = [column.to_pylist() for column in rows.columns]
        self._writer.writerows(safe_row(map(_as_cell, cells)) for cells in zip(*columns, strict=True))


class _Tabbed(_Delimited):
    delimiter = "\t"


class _JsonLines(_Written):
    def write(self, rows: pa.Table) -> None:
        for row in rows.to_pylist():
            self._file.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")


class _Parquet:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, rows: pa.Table) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(str(self._path), rows.schema)
        self._writer.write_table(rows)


_KINDS: dict[str, Callable[[Path], RowFile]] = {
    ".csv": _Delimited,
    ".tsv": _Tabbed,
    ".jsonl": _JsonLines,
    ".parquet": _Parquet,
}
ENDINGS = tuple(_KINDS)
_SPREADSHEETS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})


def check_ending(path: Path) -> str:
    """Return the ending of a file to be written; raises `InputError` for one that cannot be."""
    ending = path.suffix.lower()
    if ending not in _KINDS:
        raise InputError(
            text("A table cannot be written as “{ending}”.", ending=path.suffix or path.name),
            _instead(ending),
            file=str(path),
            field="to",
        )
    return ending


def _instead(ending: str) -> Text:
    if ending in _SPREADSHEETS:
        return text("Give the file a name that ends in .csv: Excel and other spreadsheets open that, too.")
    return text("Give the file a name that ends in one of: {endings}.", endings=", ".join(ENDINGS))


def create(path: Path, ending: str) -> RowFile:
    """Begin a table at `path`, in the form of `ending`; raises OSError."""
    return _KINDS[ending](path)


def _as_cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.6g}" if isinstance(value, float) else value
