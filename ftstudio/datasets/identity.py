"""Which rows hold exactly the same content: a fingerprint of 64 bits per row, then an exact comparison.

The fingerprint reads the length and a few 8-byte words spread over each text, so that a million rows cost
milliseconds; only rows that share one are compared in full.
"""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

UNIQUE = -1
_WORDS, _WORD = 6, 8
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_THROWS, _BITS_TO_SPARE = 5, 2  # each leaves a fifth of those that are like no other


def fingerprints(column: pa.StringArray) -> npt.NDArray[np.uint64]:
    """Return a 64-bit fingerprint of each text; equal texts have equal ones, unequal ones nearly always differ."""
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    starts = offsets[:-1].astype(np.int64)
    lengths = offsets[1:] - starts
    raw = np.frombuffer(column.buffers()[2] or b"", np.uint8)
    last = len(raw) - _WORD
    if last < 0:
        return _hashed(_padded(raw), starts, lengths)
    hashed = _hashed(raw, np.minimum(starts, last), lengths)
    late = np.flatnonzero(starts > last)
    if len(late):
        hashed[late] = _hashed(_padded(raw[last:]), starts[late] - last, lengths[late])
    return hashed


def _padded(raw: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return np.concatenate([raw, np.zeros(_WORD, np.uint8)])


def _hashed(
    raw: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint64]:
    """Mix the lengths with words of the texts; a whole word can be read at each start."""
    words = np.ndarray(shape=(len(raw) - _WORD + 1,), dtype="<u8", buffer=raw.data, strides=(1,))  # they overlap
    hashed = lengths.astype(np.uint64) * _MIX
    before_last = np.maximum(lengths - _WORD, 0)
    mask = _masks()[np.minimum(lengths, _WORD)]
    for index in range(_WORDS):
        hashed ^= words[starts + before_last * index // (_WORDS - 1)] & mask
        hashed *= _MIX
        hashed ^= hashed >> _SHIFT
    return hashed


def _masks() -> npt.NDArray[np.uint64]:
    return np.array([(1 << (8 * length)) - 1 for length in range(9)], dtype=np.uint64)


def combine(first: npt.NDArray[np.uint64], second: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return fingerprints of pairs."""
    mixed: npt.NDArray[np.uint64] = (first ^ (second + _MIX + (first << np.uint64(6)) + (first >> np.uint64(2)))) * _MIX
    return mixed


def content(batch: pa.RecordBatch) -> bytes:
    """Return a checksum of all cells of a batch, made to notice changes, not to resist forgery."""
    buffers = [buffer for column in batch.columns for buffer in column.buffers() if buffer is not None]
    return b"".join(f"{zlib.crc32(buffer)}:{buffer.size};".encode() for buffer in buffers)


def same_rows(
    prints: npt.NDArray[np.uint64], columns: list[pa.ChunkedArray], usable: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Return for each row the number of its set of identical rows, or `UNIQUE`; only `usable` rows take part."""
    same = np.full(len(prints), UNIQUE, dtype=np.int64)
    candidates = _sharing(prints)
    candidates = candidates[usable[candidates]]
    if not len(candidates):
        return same
    codes = _codes(columns, candidates)
    is_repeated = np.bincount(codes) > 1
    numbers = np.cumsum(is_repeated) - 1
    chosen = is_repeated[codes]
    same[candidates[chosen]] = numbers[codes[chosen]]
    return same


def _sharing(prints: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return, in order, the rows whose fingerprint another row has too, and hardly any other.

    Rows are thrown into many bins, each time by other bits of their fingerprints; who lies alone in one is like no
    other. That costs a third of sorting them.
    """
    rows = np.arange(len(prints), dtype=np.int32)
    for _ in range(_THROWS):
        bits = len(rows).bit_length() + _BITS_TO_SPARE
        bins = (prints >> np.uint64(64 - bits)).astype(np.int32)
        accompanied = _accompanied(bins, 1 << bits)
        rows, prints = rows[accompanied], prints[accompanied] * _MIX
    return rows.astype(np.int64)


def _accompanied(bins: npt.NDArray[np.int32], count: int) -> npt.NDArray[np.bool_]:
    """Return which rows share their bin: all but the one that was written into it last tell that it is shared."""
    own = np.arange(len(bins), dtype=np.int32)
    last = np.empty(count, dtype=np.int32)
    last[bins] = own
    shared = np.zeros(count, dtype=bool)
    shared[bins[last[bins] != own]] = True
    return shared[bins]


def _codes(columns: list[pa.ChunkedArray], rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Number the distinct contents of some rows, compared in full."""
    codes = np.zeros(len(rows), dtype=np.int64)
    for column in columns:
        encoded = pc.fill_null(take(column, rows), "").dictionary_encode()
        codes = codes * max(len(encoded.dictionary), 1) + encoded.indices.to_numpy(zero_copy_only=False)
        codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
    return codes


def take(column: pa.ChunkedArray, rows: npt.NDArray[np.int64]) -> pa.StringArray:
    """Return some rows, given in order, of a long column; unlike pyarrow's own, the column is not joined first."""
    ends = np.cumsum([len(chunk) for chunk in column.chunks])
    cuts = np.searchsorted(rows, ends)
    parts, begin, offset = [], 0, 0
    for chunk, cut, end in zip(column.chunks, cuts, ends, strict=True):
        if cut > begin:
            parts.append(chunk.take(pa.array(rows[begin:cut] - offset)))
        begin, offset = int(cut), int(end)
    return pa.concat_arrays(parts) if parts else pa.array([], pa.string())
