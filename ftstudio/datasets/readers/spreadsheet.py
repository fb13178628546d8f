"""Spreadsheets: Excel (new and old) and OpenDocument. Values are read, formulas and macros are not run."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftstudio.core.errors import InputError
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import Answer, ReaderSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.datasets.cells import as_text
from ftstudio.datasets.dialect import detect_header, numbered_columns
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.reading import (
    PREVIEW_ROWS,
    Chunk,
    Look,
    Watch,
    check_names,
    empty_source,
    no_rows,
    string_batch,
    unwatched,
)

SPEC = ReaderSpec(
    key="spreadsheet",
    title=N_("Spreadsheet (Excel, OpenDocument)"),
    suffixes=(".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
    example="text | label",
    examples={
        Answer.EXTRACT: "question | context | answer",
        Answer.TEXT: "prompt | answer",
        Answer.REWRITE: "source | target",
    },
    streams=False,
)

MOST_BYTES = 200 << 20
MOST_UNPACKED = 2 << 30
MOST_RATIO = 300
ROWS_AT_ONCE = 20_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def look(source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
    """Choose the sheet, tell whether its first row names the columns, and return the first rows."""
    settled, names, rows, others = _open(source, options)
    body = [_fitted(row, len(names)) for row in rows[:PREVIEW_ROWS]]
    problems = (_other_sheets(source, settled.sheet or "", others),) if others else ()
    return Look(settled, pa.Table.from_batches([string_batch(names, body)]), len(rows), problems)


def read(source: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield all rows of the sheet; `done` counts rows."""
    _, names, rows, _ = _open(source, options)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        yield Chunk(string_batch(names, [_fitted(row, len(names)) for row in part]), start + len(part))


def _open(source: Path, options: ReadOptions) -> tuple[ReadOptions, list[str], list[list[Any]], list[str]]:
    _refuse_unsafe(source)
    book = _book(source)
    filled = [name for name in book.sheet_names if options.sheet in (None, name)]
    if not filled:
        raise InputError(
            text("“{file}” has no sheet called “{sheet}”.", file=source.name, sheet=options.sheet),
            text("Its sheets are: {sheets}.", sheets=", ".join(book.sheet_names)),
            file=str(source),
            field="sheet",
        )
    for name in filled:
        if rows := _rows(source, book, name):
            return _settled(source, options, name, rows, [other for other in book.sheet_names if other != name])
    raise empty_source(source)


def _settled(
    source: Path, options: ReadOptions, sheet: str, rows: list[list[Any]], others: list[str]
) -> tuple[ReadOptions, list[str], list[list[Any]], list[str]]:
    top = [[as_text(cell) or "" for cell in row] for row in rows[: PREVIEW_ROWS + 1]]
    header = detect_header(top) if options.header is None else options.header
    names = [cell.strip() for cell in top[0]] if header else numbered_columns(len(rows[0]))
    if header:
        check_names(source, names)
        rows = rows[1:]
    if not rows:
        raise no_rows(source)
    return ReadOptions(sheet=sheet, header=header), names, rows, others if options.sheet is None else []


def _rows(source: Path, book: Any, sheet: str) -> list[list[Any]]:
    """Return the rows of a sheet from the first filled one on, without empty columns at the right."""
    try:
        rows: list[list[Any]] = book.get_sheet_by_name(sheet).to_python(skip_empty_area=True)
    except Exception as error:  # the reader raises its own kinds, and panics on some damaged files
        raise _damaged(source, error) from None
    rows = [row for row in rows if any(cell not in ("", None) for cell in row)]
    width = max((_width(row) for row in rows), default=0)
    return [row[:width] for row in rows]


def _width(row: Sequence[Any]) -> int:
    return next((place for place in range(len(row), 0, -1) if row[place - 1] not in ("", None)), 0)


def _fitted(row: Sequence[Any], width: int) -> list[str | None]:
    return [as_text(cell) for cell in [*row, *[""] * (width - len(row))][:width]]


def _book(source: Path) -> Any:
    import python_calamine

    try:
        return python_calamine.CalamineWorkbook.from_path(str(source))
    except python_calamine.PasswordError:
        raise _locked(source) from None
    except Exception as error:  # the reader raises its own kinds, and panics on some damaged files
        raise _damaged(source, error) from None


def _refuse_unsafe(source: Path) -> None:
    size = source.stat().st_size
    if not size:
        raise empty_source(source)
    if size > MOST_BYTES:
        raise _too_large(source)
    with source.open("rb") as file:
        start = file.read(8)
    if start == _OLE and source.suffix.lower() in (".xlsx", ".xlsm", ".xlsb"):
        raise _locked(source)
    if not start.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _damaged(source, error) from None
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED or (unpacked > MOST_BYTES and unpacked > MOST_RATIO * size) or len(entries) > 10_000:
        raise _too_large(source)


def _too_large(source: Path) -> InputError:
    return InputError(
        text("“{file}” is too large for a spreadsheet, or made to fill the memory.", file=source.name),
        text("Save the sheet as CSV and import that."),
        file=str(source),
    )


def _locked(source: Path) -> InputError:
    return InputError(
        text("“{file}” is protected with a password.", file=source.name),
        text("Open it in a spreadsheet program and save it without a password."),
        file=str(source),
    )


def _damaged(source: Path, error: Exception) -> InputError:
    reason = (str(error).splitlines() or [""])[0][:200]
    return InputError(
        text("“{file}” is not a whole spreadsheet: {reason}", file=source.name, reason=reason),
        text("Open it in a spreadsheet program, save it again, or save it as CSV."),
        file=str(source),
    )


def _other_sheets(source: Path, sheet: str, others: list[str]) -> Problem:
    return Problem(
        severity=Severity.NOTE,
        code="other_sheets",
        message=text("Only the sheet “{sheet}” of “{file}” is read.", sheet=sheet, file=source.name),
        hint=text("The other sheets are: {sheets}.", sheets=", ".join(others[:10])),
        count=len(others),
    )
