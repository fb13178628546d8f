"""Folders of pictures: one folder per class, perhaps inside train, validation and test folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from ftstudio.core.specs import Modality, ReaderSpec
from ftstudio.core.translation import N_
from ftstudio.datasets.folders import Entry, class_files
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.reading import PREVIEW_ROWS, Chunk, Look, string_batch
from ftstudio.datasets.roles import PICTURE_SUFFIXES

SPEC = ReaderSpec(
    key="image-folder",
    title=N_("Folder of pictures, one folder per class"),
    suffixes=(),
    is_folder=True,
    modalities=frozenset({Modality.IMAGE}),
    example="photos/cat/1.jpg\nphotos/cat/2.jpg\nphotos/dog/1.jpg\n",
)

ROWS_AT_ONCE = 10_000


def look(source: Path, options: ReadOptions) -> Look:
    """List the folder and return its first files; `total` counts files."""
    entries = class_files(source, PICTURE_SUFFIXES)
    spread = entries[:: max(1, len(entries) // PREVIEW_ROWS)][:PREVIEW_ROWS]
    return Look(options, pa.Table.from_batches([_batch(spread, entries)]), len(entries))


def read(source: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield one row per picture with its path below the folder, its class and its split."""
    entries = class_files(source, PICTURE_SUFFIXES)
    for start in range(0, len(entries), ROWS_AT_ONCE):
        part = entries[start : start + ROWS_AT_ONCE]
        yield Chunk(_batch(part, entries), start + len(part))


def _batch(part: list[Entry], entries: list[Entry]) -> pa.RecordBatch:
    if any(entry.split for entry in entries):
        return string_batch(("image", "label", "split"), [(one.path, one.label, one.split) for one in part])
    return string_batch(("image", "label"), [(one.path, one.label) for one in part])
