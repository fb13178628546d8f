"""Tables in text files: comma, tab, semicolon or pipe between the cells."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa

from ftstudio.core.errors import InputError
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import Answer, ReaderSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.datasets import dialect, encoding, records
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.parallel import ordered_map, prefetched
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
    key="csv",
    title=N_("Table as text (CSV, TSV)"),
    suffixes=(".csv", ".tsv", ".tab", ".txt"),
    example='text,label\n"Great film, really",positive\nToo long,negative\n',
    examples={
        Answer.SPANS: 'text,label\nAna lives here,"[[0, 3, ""person""]]"\n',
        Answer.EXTRACT: "question,context,answer\nWho pays?,The tenant pays.,The tenant\n",
        Answer.TEXT: "prompt,answer\nWhen do you open?,At eight.\n",
        Answer.REWRITE: "source,target\nPat. c/o HA,The patient has headaches.\n",
    },
)

MOST_COLUMNS = 10_000
_BINARY = {
    b"PK\x03\x04": ".xlsx",
    b"PAR1": ".parquet",
    b"\xd0\xcf\x11\xe0": ".xls",
    b"\x1f\x8b": ".gz",
    b"%PDF": ".pdf",
}


def look(source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
    """Detect encoding, delimiter and header of a text table and return its first rows."""
    start = encoding.read_start(source)
    if not start.strip():
        raise empty_source(source)
    _refuse_binary(source, start)
    known = encoding.detect(source, options.encoding)
    sample = _text_sample(source, known.name)
    if not sample.strip("\ufeff \t\r\n"):
        raise empty_source(source)
    quote = dialect.detect_quote(sample, source.suffix) if options.quote is None else options.quote
    preferred = "\t" if source.suffix.lower() in (".tsv", ".tab") else ","
    delimiter = options.delimiter or dialect.detect_delimiter(sample, quote, preferred)
    rows = dialect.split_rows(sample, delimiter, quote, PREVIEW_ROWS + 1)
    if options.delimiter is not None and rows and len(rows[0]) == 1:
        _refuse_delimiter(source, delimiter, dialect.detect_delimiter(sample, quote, preferred))
    header = dialect.detect_header(rows) if options.header is None else options.header
    settled = ReadOptions(delimiter=delimiter, encoding=known.name, header=header, quote=quote)
    names = _names(source, rows, settled)
    fault = _early_fault(source, names, settled)
    preview = _preview(source, rows, names, settled, fault)
    problems = [known.problem, _as_problem(fault) if fault else None]
    if not quote and options.quote is None:
        problems.append(_ordinary_quotes(source))
    return Look(settled, preview, source.stat().st_size, tuple(problem for problem in problems if problem))


def _early_fault(source: Path, names: list[str], options: ReadOptions) -> InputError | None:
    """Return what the import would refuse at the start of the table; a row that begins there is followed to its end."""
    before = 0
    for rows in islice(_body(source, options, encoding.SAMPLE_BYTES), 2):
        found = records.parse(rows, names, options)
        if isinstance(found, records.Fault):
            return found.as_error(source, before)
        before += found.num_rows
    return None


def _as_problem(fault: InputError) -> Problem:
    return Problem(severity=Severity.ERROR, code="bad_row", message=fault.message, hint=fault.hint, where=fault.where)


def read(source: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield all rows; raises `InputError` naming the row of an unclosed quote, a ragged row or broken bytes."""
    if options.delimiter is None or options.encoding is None or options.header is None:
        options = look(source, options).options
    names = _names(source, dialect.split_rows(_first_text(source, options), *_cut(options), limit=1), options)

    def work(rows: records.Rows) -> tuple[pa.RecordBatch | records.Fault, int]:
        return records.parse(rows, names, options), rows.done

    before = 0
    for result, done in ordered_map(work, prefetched(_body(source, options))):
        if isinstance(result, records.Fault):
            raise result.as_error(source, before)
        before += result.num_rows
        yield Chunk(result, done)


def _body(source: Path, options: ReadOptions, size: int = encoding.BLOCK_BYTES) -> Iterator[records.Rows]:
    """Return the blocks of rows below the header line."""
    blocks = records.blocks_of_rows(source, options, size)
    first = next(blocks, None)
    if first is None:
        raise empty_source(source)
    return chain([records.without_first_row(first) if options.header else first], blocks)


def _cut(options: ReadOptions) -> tuple[str, str]:
    return options.delimiter or ",", '"' if options.quote is None else options.quote


def _first_text(source: Path, options: ReadOptions) -> str:
    return _text_sample(source, options.encoding or encoding.UTF8)


def _text_sample(source: Path, name: str) -> str:
    block, _ = next(encoding.utf8_blocks(source, name, encoding.SAMPLE_BYTES), (b"", 0))
    sample = block.decode(encoding.UTF8, "replace")
    return sample.removeprefix("\ufeff")


def _names(source: Path, rows: list[list[str]], options: ReadOptions) -> list[str]:
    if not rows:
        raise empty_source(source)
    if len(rows[0]) > MOST_COLUMNS:
        raise InputError(
            text(
                "“{file}” has {count} columns; at most {most} can be read.",
                file=source.name,
                count=len(rows[0]),
                most=MOST_COLUMNS,
            ),
            text("Check the delimiter, or keep only the columns that are needed."),
            file=str(source),
        )
    if not options.header:
        return dialect.numbered_columns(len(rows[0]))
    names = [name.strip() for name in rows[0]]
    check_names(source, names)
    return names


def _preview(
    source: Path, rows: list[list[str]], names: list[str], options: ReadOptions, fault: InputError | None
) -> pa.Table:
    body = rows[1:] if options.header else rows
    if not body:
        raise fault or no_rows(source)
    if source.stat().st_size > encoding.SAMPLE_BYTES and len(body) < PREVIEW_ROWS:
        body = body[:-1]  # the sample ends in the middle of a row
    even = [(row + [""] * len(names))[: len(names)] for row in body[:PREVIEW_ROWS]]
    return pa.Table.from_batches([string_batch(names, even)])


def _ordinary_quotes(source: Path) -> Problem:
    return Problem(
        severity=Severity.NOTE,
        code="ordinary_quotes",
        message=text(
            "The quotes in “{file}” do not enclose cells; they are read as ordinary characters.", file=source.name
        ),
        hint=text("Look at the first rows. If it is wrong, say that quotes enclose cells."),
    )


def _refuse_delimiter(source: Path, chosen: str, likely: str) -> None:
    raise InputError(
        text("“{file}” has no {delimiter} between its columns.", file=source.name, delimiter=dialect.name_of(chosen)),
        text("Choose another delimiter; it looks like a {delimiter}.", delimiter=dialect.name_of(likely)),
        file=str(source),
        field="delimiter",
    )


def _refuse_binary(source: Path, start: bytes) -> None:
    for magic, kind in _BINARY.items():
        if start.startswith(magic):
            raise InputError(
                text("“{file}” is not a text file: it looks like a {kind} file.", file=source.name, kind=kind),
                text("Give the file the ending {kind}, or save it as UTF-8 text.", kind=kind),
                file=str(source),
            )
