"""What an import learns about each row while the rows stream by: a few bytes per row, whatever their length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ftstudio.core.errors import InputError
from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets import identity, splits
from ftstudio.datasets.parallel import in_parts
from ftstudio.datasets.roles import SPLIT_NAMES

CONTENT_ROLES = (ColumnRole.TEXT, ColumnRole.TEXT_PAIR)
_NUMBERED = (ColumnRole.LABEL, ColumnRole.GROUP)
_LAST_CONTROL, _FIRST_BEYOND_ASCII = 32, 128
Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True)
class Facts:
    """What is known of the rows of one batch; `content` is a checksum of all its cells."""

    prints: npt.NDArray[np.uint64]
    filled: npt.NDArray[np.bool_]
    numbered: Mapping[ColumnRole, pa.DictionaryArray]
    given: npt.NDArray[np.int8] | None
    content: bytes


def facts_of(batch: pa.RecordBatch | pa.Table, roles: Mapping[ColumnRole, str], needed: Sequence[ColumnRole]) -> Facts:
    """Look at one batch. `needed` are the roles without which a row is of no use. Raises `InputError` on bad splits."""
    numbered = {role: _single(batch, roles[role]).dictionary_encode() for role in _NUMBERED if role in roles}
    filled = np.ones(batch.num_rows, dtype=bool)
    for role in needed:
        if role in numbered:
            filled &= _are_filled(numbered[role])
        elif role in roles:
            filled &= is_filled(_single(batch, roles[role]))
    given = given_splits(_single(batch, roles[ColumnRole.SPLIT])) if ColumnRole.SPLIT in roles else None
    return Facts(_prints(batch, roles), filled, numbered, given, identity.content(batch))


def _prints(batch: pa.RecordBatch | pa.Table, roles: Mapping[ColumnRole, str]) -> npt.NDArray[np.uint64]:
    found = [identity.fingerprints(_single(batch, roles[role])) for role in CONTENT_ROLES if role in roles]
    return reduce(identity.combine, found) if found else np.zeros(batch.num_rows, dtype=np.uint64)


def _single(batch: pa.RecordBatch | pa.Table, column: str) -> pa.StringArray:
    values = batch[column]
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _are_filled(values: pa.DictionaryArray) -> npt.NDArray[np.bool_]:
    filled = np.append(is_filled(values.dictionary), False)  # a null has the index -1
    if filled[:-1].all() and not values.null_count:
        return np.ones(len(values), dtype=bool)
    each: npt.NDArray[np.bool_] = filled[pc.fill_null(values.indices, -1).to_numpy(zero_copy_only=False)]
    return each


def is_filled(values: pa.StringArray) -> npt.NDArray[np.bool_]:
    """Return which texts hold more than white space; only those that begin with what may be some are looked at."""
    filled = np.ones(len(values), dtype=bool)
    offsets = np.frombuffer(values.buffers()[1], np.int32)[values.offset : values.offset + len(values) + 1]
    data = np.frombuffer(values.buffers()[2] or b"", np.uint8)
    starts, ends = offsets[:-1], offsets[1:]
    first = data[np.minimum(starts, len(data) - 1)] if len(data) else np.zeros(len(values), np.uint8)
    doubtful = np.flatnonzero((starts == ends) | (first <= _LAST_CONTROL) | (first >= _FIRST_BEYOND_ASCII))
    if values.null_count:
        doubtful = np.union1d(doubtful, np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False)))
    trimmed = pc.utf8_trim_whitespace(values.take(pa.array(doubtful)))
    filled[doubtful] = pc.fill_null(pc.not_equal(trimmed, ""), False).to_numpy(zero_copy_only=False)
    return filled


class UnknownSplitError(Exception):
    """A value of the split column that names no split, at an offset in its batch."""

    def __init__(self, value: str, offset: int) -> None:
        super().__init__(value)
        self.value, self.offset = value, offset

    def as_error(self, file: str, column: str, rows_before: int) -> InputError:
        """Return the error that names the row."""
        row = rows_before + self.offset + 1
        return InputError(
            text(
                "Row {row} of “{file}” has the split “{value}”, which is unknown.", row=row, file=file, value=self.value
            ),
            text("Use train, validation or test, or do not use “{column}” as the split.", column=column),
            file=file,
            row=row,
            column=column,
        )


def given_splits(values: pa.StringArray) -> npt.NDArray[np.int8]:
    """Return the split code of each value of a split column; an empty value means: left out."""
    encoded = pc.fill_null(values, "").dictionary_encode()
    codes = np.full(max(len(encoded.dictionary), 1), splits.LEFT_OUT, dtype=np.int8)
    indices: npt.NDArray[np.int32] = encoded.indices.to_numpy(zero_copy_only=False)
    for number, value in enumerate(encoded.dictionary.to_pylist()):
        name = SPLIT_NAMES.get(value.strip().lower())
        if name is not None:
            codes[number] = splits.CODES[Split(name)]
        elif value.strip():
            raise UnknownSplitError(value, int(np.flatnonzero(indices == number)[0]))
    return codes[indices]


@dataclass
class Gathered:
    """The facts of all batches so far."""

    parts: list[Facts] = field(default_factory=list)
    is_test: list[npt.NDArray[np.bool_]] = field(default_factory=list)
    begins: list[npt.NDArray[np.bool_]] = field(default_factory=list)

    def add(
        self,
        facts: Facts,
        *,
        is_test: bool | npt.NDArray[np.bool_],
        begins: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """Take the facts of the next batch; `is_test` says which of its rows are from the user's own test files,
        `begins` which are the first piece of a document (None: each row is one).
        """
        self.parts.append(facts)
        self.is_test.append(np.broadcast_to(np.asarray(is_test, dtype=bool), len(facts.prints)))
        self.begins.append(np.broadcast_to(np.True_, len(facts.prints)) if begins is None else begins)

    @property
    def prints(self) -> npt.NDArray[np.uint64]:
        """The fingerprint of each row."""
        return _joined([part.prints for part in self.parts], np.uint64)

    @property
    def filled(self) -> npt.NDArray[np.bool_]:
        """Which rows have all they need."""
        return _joined([part.filled for part in self.parts], np.bool_)

    @property
    def test_rows(self) -> npt.NDArray[np.bool_]:
        """Which rows come from the user's own test files."""
        return _joined(self.is_test, np.bool_)

    @property
    def documents(self) -> npt.NDArray[np.int64] | None:
        """The number of the document that each row is a piece of, or None where every row is a whole one."""
        begins = _joined(self.begins, np.bool_)
        return None if begins.all() else np.cumsum(begins) - 1

    @property
    def given(self) -> npt.NDArray[np.int8] | None:
        """The split each row states, or None without a split column."""
        listed = [part.given for part in self.parts if part.given is not None]
        return _joined(listed, np.int8) if listed else None

    def numbered(self, role: ColumnRole) -> tuple[npt.NDArray[np.int64], list[str]] | None:
        """Return the number of each row's value (-1 for none) and the values, or None without such a column."""
        listed = [part.numbered[role] for part in self.parts if role in part.numbered]
        if not listed:
            return None
        return number_values(pa.chunked_array(listed))


def number_values(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return the number of each row's value (-1 for null) and the distinct values in order of appearance."""
    whole = _encoded(column).unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], pa.string()).dictionary_encode()
    return pc.fill_null(whole.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64), whole.dictionary.to_pylist()


def _encoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        return column
    parts = in_parts(pa.ChunkedArray.dictionary_encode, column)
    return pa.chunked_array([chunk for part in parts for chunk in part.chunks], parts[0].type)


def _joined(parts: Sequence[npt.NDArray[Kind]], kind: type[Kind]) -> npt.NDArray[Kind]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)
