"""Folders of pictures: one folder per class, perhaps inside train, validation and test folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from ftstudio.core.specs import Answer, Modality, ReaderSpec
from ftstudio.core.translation import N_
from ftstudio.datasets.folders import Entry, class_files
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.reading import (
    PREVIEW_ROWS,
    Chunk,
    Look,
    Watch,
    string_batch,
    unwatched,
)
from ftstudio.datasets.roles import PICTURE_SUFFIXES

SPEC = ReaderSpec(
    key="image-folder",
    title=N_("Folder of pictures, one folder per class"),
    suffixes=(),
    is_folder=True,
    modalities=frozenset({Modality.IMAGE}),
    answers=frozenset({Answer.LABEL}),
    example="photos/cat/1.jpg\nphotos/cat/2.jpg\nphotos/dog/1.jpg\n",
)

ROWS_AT_ONCE = 10_000


def look(source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
    """List the folder and return its first files; `total` counts files."""
    found = class_files(source, PICTURE_SUFFIXES, watch)
    spread = found.entries[:: max(1, len(found.entries) // PREVIEW_ROWS)][:PREVIEW_ROWS]
    preview = pa.Table.from_batches([_batch(spread, found.has_splits)])
    return Look(options, preview, len(found.entries), tuple(found.problems()))


def read(source: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield one row per picture with its path below the folder, its class and its split."""
    found = class_files(source, PICTURE_SUFFIXES)
    for start in range(0, len(found.entries), ROWS_AT_ONCE):
        part = found.entries[start : start + ROWS_AT_ONCE]
        yield Chunk(_batch(part, found.has_splits), start + len(part))


def _batch(part: list[Entry], has_splits: bool) -> pa.RecordBatch:
    if has_splits:
        return string_batch(("image", "label", "split"), [(one.path, one.label, one.split) for one in part])
    return string_batch(("image", "label"), [(one.path, one.label) for one in part])
