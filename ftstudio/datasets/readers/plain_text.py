"""A plain text file of any length, for models that write: cut into pieces, preferably where a paragraph ends.

A file is one document, or several with the mark that is usual between those of a corpus. Pieces are rows for people
and scores; nothing is lost between them, and a model reads on from one to the next (`datasets.documents`).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
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
BETWEEN = "<|endoftext|>"
_ENDS = ("\n\n", "\n", ". ", " ")
_AT_ONCE = 2_000


def look(source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
    """Detect the encoding and read the first pieces; raises `InputError`."""
    found = encoding.detect(source, options.encoding)
    settled = ReadOptions(encoding=found.name)
    first = [piece for piece, _ in islice(_pieces(source, settled), PREVIEW_ROWS)]
    if not first:
        raise empty_source(source, text("Choose a file that has a text in it."))
    problems = (found.problem,) if found.problem else ()
    return Look(settled, pa.Table.from_batches([_batch(first)]), source.stat().st_size, problems)


def read(source: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield one row a piece, in the order of the file, never the whole file. Raises `InputError`."""
    pieces = _pieces(source, options)
    while part := list(islice(pieces, _AT_ONCE)):
        begins = np.array([piece.begins for piece, _ in part], dtype=bool)
        yield Chunk(_batch([piece for piece, _ in part]), part[-1][1], begins)


class _Piece(NamedTuple):
    words: str
    begins: bool


def _batch(pieces: list[_Piece]) -> pa.RecordBatch:
    return string_batch(("text",), [(piece.words,) for piece in pieces])


def _pieces(source: Path, options: ReadOptions) -> Iterator[tuple[_Piece, int]]:
    """Yield pieces of at most `LONGEST` letters with how far the file was read."""
    cutter, done = _Cutter(), 0
    for words, done in _words(source, options.encoding or encoding.UTF8):
        yield from ((piece, done) for piece in cutter.cut(words))
    yield from ((piece, done) for piece in cutter.cut("", is_last=True))


class _Cutter:
    """Cuts words that come bit by bit. The pieces of a document are all of it but the empty lines around it."""

    def __init__(self) -> None:
        self._rest, self._begins = "", True

    def cut(self, words: str, *, is_last: bool = False) -> Iterator[_Piece]:
        """Take more words, and yield the pieces whose end they tell."""
        words = self._rest + words
        start = self._begin(words, 0)
        while len(words) - start > (0 if is_last else LONGEST + len(BETWEEN)):
            mark = words.find(BETWEEN, start, start + LONGEST + len(BETWEEN))
            is_end = mark >= 0 or (is_last and len(words) - start <= LONGEST)
            end = (mark if mark >= 0 else len(words)) if is_end else _end(words, start)
            piece = words[start:end].rstrip("\n") if is_end else words[start:end]
            if piece.strip():
                yield _Piece(piece, self._begins)
                self._begins = False
            self._begins |= is_end
            start = self._begin(words, end + (len(BETWEEN) if mark >= 0 else 0))
        self._rest = words[start:]

    def _begin(self, words: str, start: int) -> int:
        """Return where a piece begins that is not before `start`: a document does not with empty lines."""
        while self._begins and words.startswith("\n", start):
            start += 1
        return start


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
