"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer, ReaderSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.datasets import columnar
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.reading import (
    PREVIEW_ROWS,
    Chunk,
    Look,
    Watch,
    cannot_open,
    check_names,
    empty_source,
    no_rows,
    unwatched,
)

SPEC = ReaderSpec(
    key="parquet",
    title=N_("Parquet"),
    suffixes=(".parquet", ".pq"),
    example="text, label",
    examples={
        Answer.EXTRACT: "question, context, answer",
        Answer.TEXT: "prompt, answer",
        Answer.REWRITE: "source, target",
    },
)

ROWS_AT_ONCE = 50_000


def look(source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
    """Read the footer and the first rows."""
    with _open(source) as file:
        names = [field.name for field in file.schema_arrow]
        check_names(source, names)
        if not file.metadata.num_rows:
            raise no_rows(source)
        first = next(_batches(source, file, PREVIEW_ROWS), None)
    if first is None:
        raise no_rows(source)
    preview = pa.Table.from_batches([columnar.as_strings(first, source)]).slice(0, PREVIEW_ROWS)
    return Look(ReadOptions(), preview, file.metadata.num_rows)


def read(source: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield all rows; `done` counts rows. Raises `InputError` for a damaged file."""
    done = 0
    with _open(source) as file:
        for batch in _batches(source, file, ROWS_AT_ONCE):
            done += batch.num_rows
            yield Chunk(columnar.as_strings(batch, source), done)
        if done != file.metadata.num_rows:
            raise _damaged(source, "row counts differ")


def _open(source: Path) -> pq.ParquetFile:
    if source.stat().st_size == 0:
        raise empty_source(source)
    try:
        return pq.ParquetFile(source, memory_map=True)
    except PermissionError as error:
        raise cannot_open(source, error) from None
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(source, str(error)) from None


def _batches(source: Path, file: pq.ParquetFile, size: int) -> Iterator[pa.RecordBatch]:
    try:
        yield from file.iter_batches(batch_size=size)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise _damaged(source, str(error)) from None


def _damaged(source: Path, reason: str) -> InputError:
    return InputError(
        text("“{file}” is not a whole Parquet file: {reason}", file=source.name, reason=reason.splitlines()[0][:200]),
        text("It is cut off or damaged. Copy or export it again."),
        file=str(source),
    )
