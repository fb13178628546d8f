"""A plain text file of any length, for models that write: cut into pieces, preferably where a paragraph ends."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa

from ftstudio.core.specs import Answer, Modality, ReaderSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.datasets import encoding
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.reading import PREVIEW_ROWS, Chunk, Look, Watch, empty_source, string_batch, unwatched

SPEC = ReaderSpec(
    key="plain-text",
    title=N_("Plain text"),
    suffixes=(".txt", ".text", ".md"),
    modalities=frozenset({Modality.TEXT}),
    answers=frozenset({Answer.TEXT}),
    example="ELSINORE. A platform before the castle.\n\nFRANCISCO at his post. Enter to him BERNARDO.\n",
)

LONGEST = 1_200  # letters: some 300 tokens, which models can read at once
_ENDS = ("\n\n", "\n", ". ", " ")
_AT_ONCE = 2_000


def look(source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
    """Detect the encoding and read the first pieces; raises `InputError`."""
    found = encoding.detect(source, options.encoding)
    settled = ReadOptions(encoding=found.name)
    first = list(islice(_pieces(source, settled), PREVIEW_ROWS))
    if not first:
        raise empty_source(source, text("Choose a file that has a text in it."))
    problems = (found.problem,) if found.problem else ()
    return Look(settled, pa.Table.from_batches([_batch(first)]), source.stat().st_size, problems)


def read(source: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield one row a piece, in the order of the file, never the whole file. Raises `InputError`."""
    pieces = _pieces(source, options)
    while part := list(islice(pieces, _AT_ONCE)):
        yield Chunk(_batch(part), part[-1][1])


def _batch(pieces: list[tuple[str, int]]) -> pa.RecordBatch:
    return string_batch(("text",), [(words,) for words, _ in pieces])


def _pieces(source: Path, options: ReadOptions) -> Iterator[tuple[str, int]]:
    """Yield pieces of at most `LONGEST` letters with how far the file was read."""
    rest, done, start = "", 0, 0
    for words, done in _words(source, options.encoding or encoding.UTF8):
        rest, start = rest[start:] + words, 0
        while len(rest) - start > LONGEST:
            end = _end(rest, start)
            if rest[start:end].strip():
                yield rest[start:end].strip("\n"), done
            start = end
    if rest[start:].strip():
        yield rest[start:].strip("\n"), done


def _end(words: str, start: int) -> int:
    """Return where a piece that begins at `start` ends best; in its first half no piece ends."""
    for end in _ENDS:
        at = words.rfind(end, start + LONGEST // 2, start + LONGEST)
        if at >= 0:
            return at + len(end)
    return start + LONGEST


def _words(source: Path, name: str) -> Iterator[tuple[str, int]]:
    decoder, done = codecs.getincrementaldecoder(encoding.UTF8)(), 0
    try:
        for block, done in encoding.utf8_blocks(source, name):
            yield decoder.decode(block).replace("\r\n", "\n").replace("\0", " "), done
        yield decoder.decode(b"", final=True), done
    except UnicodeDecodeError:
        raise encoding.not_written_in(source, encoding.UTF8) from None
