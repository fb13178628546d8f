"""A JSON file whose top level is a list of objects."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer, ReaderSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.datasets import cells, encoding, objects
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.readers import jsonl
from ftstudio.datasets.reading import (
    PREVIEW_ROWS,
    Chunk,
    Look,
    Watch,
    check_names,
    empty_source,
    string_batch,
    unwatched,
)

SPEC = ReaderSpec(
    key="json",
    title=N_("JSON list of objects"),
    suffixes=(".json",),
    example='[{"text": "Great film", "label": "positive"}, {"text": "Too long", "label": "negative"}]\n',
    examples={
        Answer.SPANS: '[{"text": "Ana lives here", "spans": [{"start": 0, "end": 3, "label": "person"}]}]\n',
        Answer.EXTRACT: '[{"question": "Who pays?", "context": "The tenant pays.", "answer": "The tenant"}]\n',
        Answer.TEXT: '[{"instruction": "When do you open?", "input": "", "output": "At eight."}]\n',
        Answer.REWRITE: '[{"source": "Pat. c/o HA", "target": "The patient has headaches."}]\n',
    },
)

LONGEST_OBJECT = 64 << 20
_SPACE = " \t\r\n"
_HINT = text("The file must hold a list such as [{{…}}, {{…}}]. Save it again, or use JSON Lines.")


def look(source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
    """Read the first objects; their keys are the columns. A file of JSON Lines is read as such."""
    known = encoding.detect(source, options.encoding)
    if _is_lines(source, known.name):
        return jsonl.look(source, options)
    settled = ReadOptions(encoding=known.name)
    first = [row for row, _ in islice(_objects(source, known.name), jsonl.LOOKED_AT)]
    if not first:
        raise empty_source(source, text("Choose a file that has at least two rows."))
    names = objects.columns_of(first)
    check_names(source, names)
    shown = [[cells.as_text(row.get(name)) for name in names] for row in first[:PREVIEW_ROWS]]
    problems = (known.problem,) if known.problem else ()
    return Look(settled, pa.Table.from_batches([string_batch(names, shown)]), source.stat().st_size, problems)


def read(source: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield all rows without holding the whole file; raises `InputError` naming the row of a bad object."""
    name = encoding.detect(source, options.encoding).name
    if _is_lines(source, name):
        yield from jsonl.read(source, options)
        return
    found = look(source, options)
    counted = jsonl.Counted(_objects(source, name))
    try:
        for batch, done in objects.batches(counted, found.columns):
            yield Chunk(batch, done)
    except objects.BadObjectError as error:
        raise error.as_error(str(source), source.name, counted.count) from None


def _is_lines(source: Path, name: str) -> bool:
    start = next(encoding.utf8_blocks(source, name, 1 << 16), (b"", 0))[0].lstrip()
    if not start:
        raise empty_source(source, text("Choose a file that has at least two rows."))
    first_line = start.split(b"\n", 1)[0].strip()
    return start.startswith(b"{") and first_line.endswith(b"}")


def _objects(source: Path, name: str) -> Iterator[tuple[dict[str, Any], int]]:
    stream = _Stream(source, name)
    if stream.next_sign() != "[":
        raise InputError(text("“{file}” is not a list of objects.", file=source.name), _HINT, file=str(source), row=1)
    stream.skip()
    row = 0
    while (sign := stream.next_sign()) not in ("]", ""):
        row += 1
        try:
            yield objects.as_object(stream.value()), stream.done
        except objects.BadObjectError as error:
            raise error.as_error(str(source), source.name, row) from None
        except (ValueError, RecursionError):
            raise _not_json(source, row) from None
        sign = stream.next_sign()
        if sign == ",":
            stream.skip()
        elif sign != "]":
            raise _cut_off(source, row)
    if sign == "":
        raise _cut_off(source, row)


def _not_json(source: Path, row: int) -> InputError:
    message = text("Row {row} of “{file}” is not valid JSON.", row=row, file=source.name)
    return InputError(message, _HINT, file=str(source), row=row)


def _cut_off(source: Path, row: int) -> InputError:
    message = text("After row {row}, “{file}” is cut off or damaged.", row=row, file=source.name)
    return InputError(message, _HINT, file=str(source), row=row)


class _Stream:
    """A window over the text of a JSON file that grows only as far as the next value needs."""

    def __init__(self, source: Path, name: str) -> None:
        self._source = source
        self._blocks = encoding.utf8_blocks(source, name, 1 << 20)
        self._bytes = b""
        self._text, self._at, self.done = "", 0, 0

    def _grow(self) -> bool:
        block = next(self._blocks, None)
        if block is None:
            return False
        raw, self.done = self._bytes + block[0], block[1]
        fresh, used = _decode(raw, self._source)
        self._bytes = raw[used:]
        self._text, self._at = self._text[self._at :] + fresh, 0
        return True

    def next_sign(self) -> str:
        """Return the next sign that is not white space without taking it; "" at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._grow():
                return ""

    def skip(self) -> None:
        """Take one sign."""
        self._at += 1

    def value(self) -> Any:
        """Take one JSON value; raises ValueError when there is none."""
        while True:
            try:
                value, end = objects.DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if len(self._text) - self._at > LONGEST_OBJECT or not self._grow():
                    raise
                continue
            self._at = end
            return value


def _decode(raw: bytes, source: Path) -> tuple[str, int]:
    try:
        return codecs.utf_8_decode(raw, "strict", False)
    except UnicodeDecodeError:
        raise encoding.broken_utf8(source, 1) from None
