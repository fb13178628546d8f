"""Cutting a delimited file into blocks of whole rows, and what can be wrong with such a block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from ftstudio.core.errors import InputError
from ftstudio.core.text import Text, text
from ftstudio.datasets import encoding
from ftstudio.datasets.dialect import NAMES
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.quoting import Quotes, find_quotes

LONGEST_ROW = 64 << 20


@dataclass(frozen=True)
class Rows:
    """A block of whole rows; `done` is the number of source bytes read up to its end."""

    data: bytes
    quotes: Quotes
    done: int


@dataclass(frozen=True)
class Fault:
    """What is wrong in a block and in which of its rows, counted from 1; its texts are given file and row later."""

    row: int
    message: Text
    hint: Text

    def as_error(self, source: Path, rows_before: int) -> InputError:
        """Return the error with the row counted from the start of the file."""
        row = rows_before + self.row
        message = self.message.model_copy(update={"params": {**self.message.params, "row": row, "file": source.name}})
        return InputError(message, self.hint, file=str(source), row=row)


def blocks_of_rows(source: Path, options: ReadOptions, size: int = encoding.BLOCK_BYTES) -> Iterator[Rows]:
    """Yield the file in blocks that end at the end of a row; the last one may hold an unclosed quote."""
    delimiter, quote = options.delimiter or ",", options.quote or ""
    waiting, done, line_end = [b""], 0, b"\n"
    wanted = 0
    for fresh, done in encoding.utf8_blocks(source, options.encoding or encoding.UTF8, size):
        waiting.append(fresh)
        if sum(map(len, waiting)) < wanted:
            continue
        data = b"".join(waiting)
        if line_end == b"\n" and b"\n" not in data and b"\r" in data[:-1]:
            line_end = b"\r"
        quotes = find_quotes(data, delimiter, quote)
        cut = _last_row_end(data, quotes, line_end)
        if cut == 0 and len(data) < LONGEST_ROW and quotes.broken is None:
            waiting, wanted = [data], 2 * len(data)  # so that a long row is not searched again for every block of it
            continue
        if cut == 0 or quotes.broken is not None:
            yield Rows(data, quotes, done)
            return
        yield Rows(data[:cut], _up_to(quotes, cut), done)
        waiting, wanted = [data[cut:]], 0
    if rest := b"".join(waiting):
        yield Rows(rest, find_quotes(rest, delimiter, quote), done)


def _last_row_end(data: bytes, quotes: Quotes, line_end: bytes) -> int:
    end = data.rfind(line_end)
    while end >= 0 and (opened := quotes.inside(end)) is not None:
        end = data.rfind(line_end, 0, opened)
    return end + 1


def _up_to(quotes: Quotes, cut: int) -> Quotes:
    if quotes.unclosed is None and (not len(quotes.closes) or quotes.closes[-1] < cut):
        return quotes
    count = int((quotes.closes < cut).sum())
    return Quotes(quotes.opens[:count], quotes.closes[:count])


def without_first_row(rows: Rows, options: ReadOptions) -> Rows:
    """Return the block without its header line."""
    start = len(rows.data) - len(rows.data.lstrip(b"\r\n"))
    line_end = b"\n" if b"\n" in rows.data else b"\r"
    end = rows.data.find(line_end, start)
    while end >= 0 and rows.quotes.inside(end) is not None:
        end = rows.data.find(line_end, end + 1)
    data = rows.data[end + 1 :] if end >= 0 else b""
    return Rows(data, find_quotes(data, options.delimiter or ",", options.quote or ""), rows.done)


def parse(rows: Rows, names: list[str], options: ReadOptions) -> pa.RecordBatch | Fault:
    """Turn a block into a batch of string columns, or say what is wrong with it."""
    if fault := _odd_bytes(rows):
        return fault
    if rows.data[:1] in (b"", b"\r", b"\n") and not rows.data.strip(b"\r\n"):
        return pa.RecordBatch.from_pylist([], pa.schema([(name, pa.string()) for name in names]))
    ragged: list[pa_csv.InvalidRow] = []

    def refuse(row: pa_csv.InvalidRow) -> str:
        ragged.append(row)
        return "error"

    try:
        table = pa_csv.read_csv(
            pa.BufferReader(rows.data),
            pa_csv.ReadOptions(column_names=names, use_threads=False, block_size=len(rows.data) + 1),
            pa_csv.ParseOptions(
                delimiter=options.delimiter or ",",
                quote_char=options.quote or False,
                newlines_in_values=True,
                invalid_row_handler=refuse,
            ),
            pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid as error:
        if not ragged:
            return _unreadable(rows, error)
        first = ragged[0]
        return _uneven(first.number or 1, first.actual_columns, first.expected_columns, options.delimiter or ",")
    return table.combine_chunks().to_batches()[0]


def _odd_bytes(rows: Rows) -> Fault | None:
    quotes = rows.quotes
    if quotes.unclosed is not None:
        return Fault(
            row_at(rows, quotes.unclosed),
            text("Row {row} of “{file}” has a quote that is never closed."),
            text("Close the quote in that row, or say that quotes are ordinary characters."),
        )
    if quotes.broken is not None:
        return Fault(
            row_at(rows, quotes.broken),
            text("Row {row} of “{file}” has a quote inside a quoted cell, or a cell whose quote is never closed."),
            text('Write a quote inside a quoted cell twice (""), or say that quotes are ordinary characters.'),
        )
    if (zero := rows.data.find(b"\0")) >= 0:
        return Fault(
            row_at(rows, zero),
            text("Row {row} of “{file}” has a zero byte, which text does not have."),
            text("The file is damaged or not a text file. Save it again as UTF-8 text."),
        )
    return None


def row_at(rows: Rows, offset: int) -> int:
    """Return which row of the block, from 1, a byte is in; blank lines and lines inside cells are not counted."""
    row = 1
    for match in re.finditer(rb"(?:\r?\n|\r)+", rows.data[:offset].lstrip(b"\r\n")):
        row += rows.quotes.inside(match.start()) is None
    return row


def _uneven(row: int, actual: int, expected: int, delimiter: str) -> Fault:
    """Return the fault of a row with too many or too few cells."""
    return Fault(
        row,
        text(
            "Row {row} of “{file}” has {actual} cells where {expected} are expected.", actual=actual, expected=expected
        ),
        text(
            "Put quotes around cells that hold a {delimiter}, or choose another delimiter.",
            delimiter=NAMES.get(delimiter, delimiter),
        ),
    )


def _unreadable(rows: Rows, error: Exception) -> Fault:
    try:
        rows.data.decode(encoding.UTF8)
    except UnicodeDecodeError as wrong:
        return Fault(row_at(rows, wrong.start), encoding.BROKEN_UTF8, encoding.BROKEN_UTF8_HINT)
    return Fault(
        1,
        text("“{file}” cannot be read as a table after row {row}: {reason}", reason=str(error).splitlines()[0]),
        text("Check the delimiter and the quotes."),
    )
