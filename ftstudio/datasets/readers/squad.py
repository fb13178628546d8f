"""Questions with their answers in passages, as SQuAD 1.1 and 2.0 have them; other JSON is read as a list of rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftstudio.core import answers
from ftstudio.core.answers import Given
from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer, Modality, ReaderSpec
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.datasets import encoding
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.readers import json_array
from ftstudio.datasets.reading import PREVIEW_ROWS, Chunk, Look, Watch, no_rows, string_batch, unwatched

SPEC = ReaderSpec(
    key="squad",
    title=N_("Questions and answers (SQuAD)"),
    suffixes=(".json",),
    modalities=frozenset({Modality.TEXT}),
    answers=frozenset({Answer.EXTRACT}),
    example='{"data": [{"title": "Rent", "paragraphs": [{"context": "The tenant pays.", "qas": [{"id": "1", '
    '"question": "Who pays?", "answers": [{"text": "The tenant", "answer_start": 0}]}]}]}]}\n',
    streams=False,
)

COLUMNS = ("id", "question", "context", "answers", "paragraph_id")
ROWS_AT_ONCE = 2_000
_START = 4096
_HINT = text("It must be as SQuAD has it: data, paragraphs, qas, answers. Correct that place, or save it again.")

Row = tuple[str | None, str, str, str | None, str]


def look(source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
    """Return the first questions; a file that is a list, or has an object a line, is left to the reader of those."""
    known = encoding.detect(source, options.encoding)
    if not _is_nested(source, known.name):
        return json_array.look(source, options, watch)
    first = list(islice(_rows(source, known.name), PREVIEW_ROWS))
    if not first:
        raise no_rows(source)
    preview = pa.Table.from_batches([string_batch(COLUMNS, first)])
    problems = (known.problem,) if known.problem else ()
    return Look(ReadOptions(encoding=known.name), preview, source.stat().st_size, problems)


def read(source: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield one row per question; its paragraph has a name, so that all its questions stay together."""
    name = encoding.detect(source, options.encoding).name
    if not _is_nested(source, name):
        yield from json_array.read(source, options)
        return
    rows, size = _rows(source, name), source.stat().st_size
    while part := list(islice(rows, ROWS_AT_ONCE)):
        yield Chunk(string_batch(COLUMNS, part), size)


def _is_nested(source: Path, name: str) -> bool:
    """Whether a file begins as one object whose rows lie deeper in it."""
    start = b"".join(block for block, _ in islice(encoding.utf8_blocks(source, name, _START), 1)).lstrip()
    return start.startswith(b"{") and (b'"data"' in start or b'"paragraphs"' in start)


def _rows(source: Path, name: str) -> Iterator[Row]:
    document = _parsed(source, name)
    number = 0
    for article, entry in enumerate(_list(document, "data", source, 0)):
        title = str(entry.get("title") or article + 1)
        for at, paragraph in enumerate(_list(entry, "paragraphs", source, number), start=1):
            context = paragraph.get("context")
            if not isinstance(context, str):
                raise _wrong(source, number, text("a paragraph has no “{key}”", key="context"))
            for question in _list(paragraph, "qas", source, number):
                number += 1
                yield _row(question, context, f"{title} / {at}", source, number)


def _parsed(source: Path, name: str) -> dict[str, Any]:
    raw = b"".join(block for block, _ in encoding.utf8_blocks(source, name))
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        reason = next(iter(str(error).splitlines()), "")
        raise InputError(
            text("“{file}” is not valid JSON: {reason}", file=source.name, reason=reason), _HINT, file=str(source)
        ) from None
    return found if isinstance(found, dict) else {}


def _list(holder: Any, key: str, source: Path, number: int) -> list[dict[str, Any]]:
    found = holder.get(key)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _wrong(source, number, text("“{key}” is missing, or is no list of objects", key=key))
    return found


def _row(question: dict[str, Any], context: str, paragraph: str, source: Path, number: int) -> Row:
    asked, identity = question.get("question"), question.get("id")
    if not isinstance(asked, str):
        raise _wrong(source, number, text("a question has no “{key}”", key="question"))
    return (None if identity is None else str(identity), asked, context, _answers(question, source, number), paragraph)


def _answers(question: dict[str, Any], source: Path, number: int) -> str | None:
    """Return the answers as a cell; an impossible question has none, one that says nothing of answers is unknown."""
    if question.get("is_impossible") is True:
        return answers.write(())
    if question.get("answers") is None:
        return None
    given: dict[tuple[int, str], None] = {}
    for one in _list(question, "answers", source, number):
        words, start = one.get("text"), one.get("answer_start", answers.UNPLACED)
        if not isinstance(words, str) or type(start) is not int:
            raise _wrong(source, number, text("an answer has no “text”, or its “answer_start” is no whole number"))
        given[max(start, answers.UNPLACED), words] = None  # several people often gave the same one
    return answers.write(Given(start=start, text=words) for start, words in given)


def _wrong(source: Path, number: int, reason: Text) -> InputError:
    return InputError(
        text("“{file}” cannot be read at question {row}: {reason}.", file=source.name, row=number, reason=reason),
        _HINT,
        file=str(source),
        row=max(1, number),
    )
