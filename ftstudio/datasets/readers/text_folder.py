"""Folders of text files: one folder per class, perhaps inside train, validation and test folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from ftstudio.core.errors import InputError
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import Answer, Modality, ReaderSpec
from ftstudio.core.text import text, text_plural
from ftstudio.core.translation import N_
from ftstudio.datasets import encoding
from ftstudio.datasets.folders import Entry, class_files
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.parallel import ordered_map
from ftstudio.datasets.reading import (
    PREVIEW_ROWS,
    WATCHED,
    Chunk,
    Look,
    Watch,
    string_batch,
    unwatched,
)

SPEC = ReaderSpec(
    key="text-folder",
    title=N_("Folder of text files, one folder per class"),
    suffixes=(),
    is_folder=True,
    modalities=frozenset({Modality.TEXT}),
    answers=frozenset({Answer.LABEL, Answer.LABELS}),
    example="mails/ham/1.txt\nmails/ham/2.txt\nmails/spam/1.txt\n",
)

ENDINGS = (".txt", ".text", ".md", ".eml")
LONGEST_FILE = 16 << 20
ROWS_AT_ONCE = 500
MOST_LOOKED_AT = 20_000


def look(source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
    """List the folder and read a few of its files; `total` counts files."""
    found = class_files(source, ENDINGS, watch)
    spread = found.entries[:: max(1, len(found.entries) // PREVIEW_ROWS)][:PREVIEW_ROWS]
    preview = pa.Table.from_batches([_batch(source, spread, found.has_splits, options)])
    problems = (*found.problems(), *_old_encodings(source, found.entries, options, watch))
    return Look(options, preview, len(found.entries), problems)


def read(source: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield one row per file with its text, class, split and path; raises `InputError` for one that is not text."""
    found = class_files(source, ENDINGS)
    for start in range(0, len(found.entries), ROWS_AT_ONCE):
        part = found.entries[start : start + ROWS_AT_ONCE]
        yield Chunk(_batch(source, part, found.has_splits, options), start + len(part))


def _old_encodings(root: Path, entries: list[Entry], options: ReadOptions, watch: Watch) -> Iterator[Problem]:
    """Report files that are not UTF-8: old mails and notes mix encodings, so each file stands for itself."""
    if options.encoding is not None:
        return

    def is_old(entry: Entry) -> bool:
        return encoding.of_bytes(encoding.read_start(root / entry.path)) in ("cp1252", "latin-1")

    found: list[str] = []
    looked_at = entries[:MOST_LOOKED_AT]
    for number, old in enumerate(ordered_map(is_old, looked_at)):
        found += [looked_at[number].path] if old else []
        if number % WATCHED == 0:
            watch(len(entries))
    if found:
        yield Problem(
            severity=Severity.NOTE,
            code="encoding_guessed",
            message=text_plural(
                "{count} file is not UTF-8; it was read as Western European text (cp1252).",
                "{count} files are not UTF-8; they were read as Western European text (cp1252).",
                len(found),
            ),
            hint=encoding.GUESSED_HINT,
            count=len(found),
            examples=tuple(found[:5]),
        )


def _batch(root: Path, part: list[Entry], has_splits: bool, options: ReadOptions) -> pa.RecordBatch:
    texts = list(ordered_map(lambda entry: _text(root / entry.path, options.encoding), part))
    if has_splits:
        rows = [(words, one.label, one.split, one.path) for words, one in zip(texts, part, strict=True)]
        return string_batch(("text", "label", "split", "file"), rows)
    return string_batch(
        ("text", "label", "file"), [(words, one.label, one.path) for words, one in zip(texts, part, strict=True)]
    )


def _text(file: Path, declared: str | None) -> str:
    """Return the words of one file."""
    raw = encoding.read_start(file, LONGEST_FILE + 1)
    if len(raw) > LONGEST_FILE:
        raise InputError(
            text("“{file}” is larger than {most} MB.", file=file.name, most=LONGEST_FILE >> 20),
            text("One file is one row. Cut it into smaller texts."),
            file=str(file),
        )
    name = encoding.of_bytes(raw) if declared is None else encoding.detect(file, declared).name
    try:
        return raw.decode(name).replace("\0", " ").strip("\ufeff")
    except UnicodeDecodeError:
        raise encoding.not_written_in(file, name) from None
