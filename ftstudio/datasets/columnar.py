"""Typed columns as columns of strings."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.datasets.cells import as_text


def as_strings(batch: pa.RecordBatch, source: Path) -> pa.RecordBatch:
    """Return the batch with every column as text; raises `InputError` for a column that holds none."""
    columns = [_column(batch[index], name, source) for index, name in enumerate(batch.schema.names)]
    return pa.record_batch(columns, names=batch.schema.names)


def _column(values: pa.Array, name: str, source: Path) -> pa.StringArray:
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _column(values.dictionary_decode(), name, source)
    if pa.types.is_string(kind):
        return values
    if pa.types.is_floating(kind) or pa.types.is_nested(kind):
        return _written_out(values)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        raise InputError(
            text("The column “{column}” of “{file}” holds bytes instead of text.", column=name, file=source.name),
            text("Save pictures as files and give their paths, or leave the column out."),
            file=str(source),
            column=name,
        )
    try:
        return pc.cast(values, pa.string())
    except pa.ArrowException:
        return _written_out(values)


def _written_out(values: pa.Array) -> pa.StringArray:
    """Write values one by one; distinct ones only once, because labels and scores repeat."""
    if pa.types.is_nested(values.type):
        return pa.array([as_text(value) for value in values.to_pylist()], pa.string())
    encoded = values.dictionary_encode()
    words = pa.array([as_text(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return words.take(encoded.indices)
