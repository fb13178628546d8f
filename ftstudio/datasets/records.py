"""Cutting a delimited file into blocks of whole rows, and what can be wrong with such a block."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
_LINE_ENDS = b"\r\n"
_ROW_ENDS = re.compile(rb"(?:\r?\n|\r)+")


@dataclass(frozen=True)
class Rows:
    """Whole rows, from `start` to `end` of a block; `done` is the number of source bytes read with the block.

    What the block has before and after them is not cut off, because copying it would cost as much as reading it.
    """

    data: bytes
    start: int
    end: int
    quotes: Quotes
    done: int

    @property
    def content(self) -> memoryview:
        """The bytes of the rows."""
        return memoryview(self.data)[self.start : self.end]


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
    blocks = encoding.utf8_blocks(source, options.encoding or encoding.UTF8, size)
    data, done, line_end = b"", 0, b"\n"
    asked: tuple[int, int] | None = None
    while block := _next(blocks, asked):
        data, done = block
        if line_end == b"\n" and b"\n" not in data and b"\r" in data[:-1]:
            line_end = b"\r"
        quotes = find_quotes(data, delimiter, quote)
        cut = _last_row_end(data, quotes, line_end)
        if quotes.broken is not None or (cut == 0 and len(data) >= LONGEST_ROW):
            yield Rows(data, 0, len(data), quotes, done)
            return
        if cut:
            yield Rows(data, 0, cut, _up_to(quotes, cut), done)
        kept = len(data) - cut
        asked = kept, max(size, kept)  # a row longer than a block is not searched again for every block of it
    if asked and asked[0]:
        rest = data[-asked[0] :]
        yield Rows(rest, 0, len(rest), find_quotes(rest, delimiter, quote), done)


def _next(blocks: encoding.Blocks, asked: tuple[int, int] | None) -> tuple[bytes, int] | None:
    try:
        return blocks.send(asked)
    except StopIteration:
        return None


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


def without_first_row(rows: Rows) -> Rows:
    """Return the block without its header line."""
    start = _first_filled_line(rows)
    line_end = b"\n" if rows.data.find(b"\n", start, rows.end) >= 0 else b"\r"
    end = rows.data.find(line_end, start, rows.end)
    while end >= 0 and rows.quotes.inside(end) is not None:
        end = rows.data.find(line_end, end + 1, rows.end)
    return replace(rows, start=end + 1 if end >= 0 else rows.end)


def _first_filled_line(rows: Rows) -> int:
    start = rows.start
    while start < rows.end and rows.data[start] in _LINE_ENDS:
        start += 1
    return start


def parse(rows: Rows, names: list[str], options: ReadOptions) -> pa.RecordBatch | Fault:
    """Turn a block into a batch of string columns, or say what is wrong with it."""
    if fault := _odd_bytes(rows):
        return fault
    if _first_filled_line(rows) == rows.end:
        return pa.RecordBatch.from_pylist([], pa.schema([(name, pa.string()) for name in names]))
    ragged: list[pa_csv.InvalidRow] = []

    def refuse(row: pa_csv.InvalidRow) -> str:
        ragged.append(row)
        return "error"

    try:
        table = pa_csv.read_csv(
            pa.BufferReader(pa.py_buffer(rows.content)),
            pa_csv.ReadOptions(column_names=names, use_threads=False, block_size=rows.end - rows.start + 1),
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
    if (zero := rows.data.find(b"\0", rows.start, rows.end)) >= 0:
        return Fault(
            row_at(rows, zero),
            text("Row {row} of “{file}” has a zero byte, which text does not have."),
            text("The file is damaged or not a text file. Save it again as UTF-8 text."),
        )
    return None


def row_at(rows: Rows, offset: int) -> int:
    """Return which row of the block, from 1, a byte is in; blank lines and lines inside cells are not counted."""
    ends = _ROW_ENDS.finditer(rows.data, _first_filled_line(rows), offset)
    return 1 + sum(rows.quotes.inside(match.start()) is None for match in ends)


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
        codecs.utf_8_decode(rows.content, "strict", True)
    except UnicodeDecodeError as wrong:
        message = Text(template=encoding.BROKEN_UTF8)
        return Fault(row_at(rows, rows.start + wrong.start), message, encoding.BROKEN_UTF8_HINT)
    return Fault(
        1,
        text("“{file}” cannot be read as a table after row {row}: {reason}", reason=str(error).splitlines()[0]),
        text("Check the delimiter and the quotes."),
    )
