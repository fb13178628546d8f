"""Lines of a token and its tag, an empty line between texts: CoNLL files, BIO, BIOES and their like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa

from ftstudio.core import spans
from ftstudio.core.errors import InputError, Where
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import Answer, Modality, ReaderSpec
from ftstudio.core.text import text, text_plural
from ftstudio.core.translation import N_
from ftstudio.datasets import bio, encoding
from ftstudio.datasets.bio import Sentence
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.reading import PREVIEW_ROWS, Chunk, Look, Watch, empty_source, string_batch, unwatched

SPEC = ReaderSpec(
    key="token-lines",
    title=N_("Lines of a token and its tag (CoNLL, BIO)"),
    suffixes=(".conll", ".bio", ".iob", ".iob2", ".bioes", ".txt"),
    modalities=frozenset({Modality.TEXT}),
    answers=frozenset({Answer.SPANS}),
    example="Ana\tB-person\nlives\tO\nin\tO\nLisbon\tB-city\n\n",
)

COLUMNS = ("text", "label")
TEXTS_AT_ONCE = 2_000
LOOKED_AT = 200_000  # texts; more are read without being looked through for tags without a beginning
MOST_EXAMPLES = 5
_REMARK = re.compile(r"#\s*(\S+\s*=|newdoc|newpar|id\b)")  # as in CoNLL-U Plus and MultiCoNER; “# O” is a token
_DOCUMENT = "-DOCSTART-"


@dataclass(frozen=True)
class _Text:
    """One text: its sentence, the line it begins in, and how far the file was read with it."""

    sentence: Sentence
    line: int
    done: int


def look(source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
    """Detect encoding and delimiter, and go through the tags; raises `InputError` for a line without a tag."""
    found = encoding.detect(source, options.encoding)
    chosen = options.model_copy(update={"encoding": found.name, "delimiter": _delimiter(source, found.name, options)})
    texts = list(islice(_texts(source, chosen), LOOKED_AT))
    if not texts:
        raise empty_source(source, text("Choose a file that has a word and its tag in each line."))
    problems = [found.problem] if found.problem else []
    problems += _orphans(texts, source)
    preview = pa.Table.from_batches([_batch(texts[:PREVIEW_ROWS])])
    return Look(chosen, preview, source.stat().st_size, tuple(problems))


def read(source: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield one row per text: its tokens joined by spaces, and its marked places. Raises `InputError`."""
    texts = _texts(source, options)
    while part := list(islice(texts, TEXTS_AT_ONCE)):
        yield Chunk(_batch(part), part[-1].done)


def _batch(texts: list[_Text]) -> pa.RecordBatch:
    return string_batch(COLUMNS, [(one.sentence.text, spans.write(one.sentence.spans)) for one in texts])


def _delimiter(source: Path, name: str, options: ReadOptions) -> str:
    """Return a tab where the first line with a tag has one, else a space, which stands for any white space."""
    if options.delimiter is not None:
        return options.delimiter
    first = next((line for line, _ in _lines(source, name) if _has_token(line)), "")
    return "\t" if "\t" in first else " "


def _texts(source: Path, options: ReadOptions) -> Iterator[_Text]:
    tokens: list[str] = []
    tags: list[str] = []
    begins, done = 1, 0
    for number, (line, done) in enumerate(_lines(source, options.encoding or encoding.UTF8), start=1):
        if not _has_token(line):
            if tokens and not _REMARK.match(line):
                yield _Text(bio.sentence(tokens, tags), begins, done)
                tokens, tags = [], []
            continue
        if not tokens:
            begins = number
        token, tag = _cells(line, options.delimiter or " ", number, source)
        tokens.append(token)
        tags.append(tag)
    if tokens:
        yield _Text(bio.sentence(tokens, tags), begins, done)


def _lines(source: Path, name: str) -> Iterator[tuple[str, int]]:
    """Yield the lines of a file, without their ends, with the number of bytes read so far."""
    rest, before = b"", 0
    for block, done in encoding.utf8_blocks(source, name):
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            yield _decoded(line, source), done
        before = done
    if rest:
        yield _decoded(rest, source), before


def _decoded(line: bytes, source: Path) -> str:
    try:
        return line.decode("utf-8").rstrip("\r")
    except UnicodeDecodeError:
        raise encoding.not_written_in(source, encoding.UTF8) from None


def _has_token(line: str) -> bool:
    """Whether a line stands for a token: not for the end of a text, a mark between documents (CoNLL 2003), a remark."""
    return bool(line.strip()) and not line.startswith(_DOCUMENT) and not _REMARK.match(line)


def _cells(line: str, delimiter: str, number: int, source: Path) -> tuple[str, str]:
    """Return token and tag of a line, its first and last cell; raises `InputError` for a line without both."""
    cells = [cell.strip() for cell in line.split("\t" if delimiter == "\t" else None)]
    if len(cells) < 2 or not cells[0] or not cells[-1]:
        raise InputError(
            text("Line {line} of “{file}” does not have a token and a tag.", line=number, file=source.name),
            text("Write each token and its tag in a line, with a tab between, and leave a line empty between texts."),
            file=str(source),
            row=number,
        )
    return "".join(cells[0].split()), cells[-1]


def _orphans(texts: list[_Text], source: Path) -> Iterator[Problem]:
    """Report tags that go on what never began."""
    found = [one for one in texts if one.sentence.orphans]
    if not found:
        return
    yield Problem(
        severity=Severity.NOTE,
        code="tags_without_beginning",
        message=text_plural(
            "{count} tag goes on a place that never began (I without B).",
            "{count} tags go on a place that never began (I without B).",
            sum(len(one.sentence.orphans) for one in found),
        ),
        hint=text("They were read as beginnings. If that is wrong, correct the file and import it again."),
        count=sum(len(one.sentence.orphans) for one in found),
        where=Where(file=str(source), row=found[0].line),
        examples=tuple(
            f"{one.line + one.sentence.orphans[0]}: {one.sentence.text.split(' ')[one.sentence.orphans[0]]}"
            for one in found[:MOST_EXAMPLES]
        ),
    )
