"""JSON Lines: one JSON object per line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftstudio.core.specs import Answer, ReaderSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.datasets import cells, encoding, objects
from ftstudio.datasets.options import ReadOptions
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
    key="jsonl",
    title=N_("JSON Lines"),
    suffixes=(".jsonl", ".ndjson"),
    example='{"text": "Great film", "label": "positive"}\n{"text": "Too long", "label": "negative"}\n',
    examples={
        Answer.SPANS: '{"text": "Ana lives here", "spans": [{"start": 0, "end": 3, "label": "person"}]}\n',
        Answer.EXTRACT: '{"question": "Who pays?", "context": "The tenant pays.", "answer": "The tenant"}\n',
        Answer.TEXT: '{"messages": [{"role": "user", "content": "When do you open?"}, '
        '{"role": "assistant", "content": "At eight."}]}\n',
        Answer.REWRITE: '{"source": "Pat. c/o HA", "target": "The patient has headaches."}\n',
    },
)

LOOKED_AT = 2000


def look(source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
    """Read the first lines; their keys are the columns."""
    known = encoding.detect(source, options.encoding)
    settled = ReadOptions(encoding=known.name)
    first = [row for row, _ in islice(_objects(source, known.name), LOOKED_AT)]
    if not first:
        raise empty_source(source, text("Choose a file that has at least two rows."))
    names = objects.columns_of(first)
    check_names(source, names)
    shown = [[cells.as_text(row.get(name)) for name in names] for row in first[:PREVIEW_ROWS]]
    problems = (known.problem,) if known.problem else ()
    return Look(settled, pa.Table.from_batches([string_batch(names, shown)]), source.stat().st_size, problems)


def read(source: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield all rows; raises `InputError` naming the row of a line that is not a plain object."""
    found = look(source, options)
    counted = Counted(_objects(source, found.options.encoding or encoding.UTF8))
    try:
        for batch, done in objects.batches(counted, found.columns):
            yield Chunk(batch, done)
    except objects.BadObjectError as error:
        raise error.as_error(str(source), source.name, counted.count) from None


class Counted:
    """Passes rows on and knows how many there were."""

    def __init__(self, rows: Iterator[tuple[dict[str, Any], int]]) -> None:
        self._rows, self.count = rows, 0

    def __iter__(self) -> Iterator[tuple[dict[str, Any], int]]:
        for row in self._rows:
            self.count += 1
            yield row


def _objects(source: Path, name: str) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield each line's object with the number of bytes read; blank lines are left out but counted as lines."""
    for number, (line, done) in enumerate(_lines(source, name), start=1):
        if not line.strip():
            continue
        try:
            text = line.decode(encoding.UTF8)
        except UnicodeDecodeError:
            raise encoding.broken_utf8(source, number) from None
        try:
            yield objects.parse(text), done
        except objects.BadObjectError as error:
            raise error.as_error(str(source), source.name, number) from None


def _lines(source: Path, name: str) -> Iterator[tuple[bytes, int]]:
    rest, done = b"", 0
    for block, done in encoding.utf8_blocks(source, name):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield line, done
    if rest:
        yield rest, done
