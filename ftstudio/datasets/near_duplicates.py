"""Texts of one part of the data that are nearly the same in another: a word changed, other case or punctuation.

Texts are compared by the sets of their character shingles (Broder 1997): by one-permutation MinHash signatures (Li,
Owen and Zhang 2012, empty bins filled by rotation, Shrivastava and Li 2014) in bands for candidates, then exactly.
Short questions that share a beginning (“what is x”, “what is y”) are not duplicates: too few shingles are shared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ftstudio.datasets.matches import (
    Codes,
    Keys,
    Matches,
    Numbers,
    best_partners,
    crosses,
    distinct,
    in_several_parts,
    nothing,
    sharing_a_bucket,
)

ALIKE = 0.8
WIDTH = 4
_BINS, _BANDS = 256, 32  # bands of 8: texts at 0.8 share one in 99.7 of 100 cases, at 0.3 in 2 of 1000
_BIN_BITS = np.uint64(64 - 8)
_EMPTY = np.uint32(0xFFFFFFFF)
_PRIME, _MIX = np.uint64(0x100000001B3), np.uint64(0x9E3779B97F4A7C15)
_AT_ONCE, _TEXTS_AT_ONCE = 2_000_000, 10_000  # characters and texts whose shingles are in memory together
_PAIRS_AT_ONCE = 4_096
_OWNER_BITS, _OWNERS = np.uint64(13), np.uint64(2 * 4_096 - 1)  # of a hash, lent to the number of a text or a pair
_NO_WORD = r"[^\p{L}\p{M}\p{N}]+"
_PAD = " " * (WIDTH - 1)  # so that the first and the last character weigh as much as the others

Tick = Callable[[int, int], None]


def _silent(done: int, total: int) -> None:
    """Report to nobody."""


def find(texts: pa.ChunkedArray, parts: Codes, alike: float = ALIKE, tick: Tick = _silent) -> Matches:
    """Return the pairs of texts in different parts that are the same or nearly so.

    Args:
        texts: one text a row, none null.
        parts: the code of each row's part, 0 to 2; a lower one is earlier.
        alike: the least share of shingles in common (exact Jaccard similarity), 0 to 1.
        tick: told (done, total) in characters; may raise to cancel.
    """
    if not len(texts) or not bool(crosses(np.bitwise_or.reduce(1 << np.unique(parts).astype(np.int64), keepdims=True))):
        return nothing()
    encoded = plain(texts).combine_chunks().dictionary_encode()
    units = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    bits = in_several_parts(units, parts)
    keys = _band_keys(encoded.dictionary, tick)
    candidates = sharing_a_bucket(keys, lambda left, right: crosses(bits[left] | bits[right]))
    similarity = jaccard(encoded.dictionary, candidates)
    kept = similarity >= alike
    itself = np.flatnonzero(crosses(bits))
    pairs = np.concatenate((np.stack((itself, itself), axis=1), candidates[kept]))
    return best_partners(units, parts, pairs, np.concatenate((np.ones(len(itself)), similarity[kept])))


def plain(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return texts in lower case with single spaces for whatever is no letter, mark or number.

    A text of nothing but other characters stays as it is, but for its case.
    """
    lower = pc.utf8_lower(pc.utf8_normalize(texts, form="NFKC"))
    words = pc.utf8_trim_whitespace(pc.replace_substring_regex(lower, _NO_WORD, " "))
    return pc.if_else(pc.equal(words, ""), lower, words)


def jaccard(texts: pa.StringArray, pairs: Numbers) -> npt.NDArray[np.float64]:
    """Return the exact similarity of some pairs of texts, shape [pairs, 2]: shared shingles of all shingles."""
    lengths = pc.utf8_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)
    ends = np.cumsum(lengths[pairs].sum(axis=1))
    result, start = np.zeros(len(pairs)), 0
    while start < len(pairs):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, min(start + _PAIRS_AT_ONCE, int(np.searchsorted(ends, before + _AT_ONCE))))
        result[start:stop] = _jaccard(texts, pairs[start:stop])
        start = stop
    return result


def _jaccard(texts: pa.StringArray, pairs: Numbers) -> npt.NDArray[np.float64]:
    """Compare at most `_PAIRS_AT_ONCE` pairs: each pair's shingles are tagged with it and sorted; twins are shared."""
    rows = distinct(pairs.ravel())
    hashes, owners = _shingles(texts.take(pa.array(rows)).to_pylist())
    tagged = distinct((hashes >> _OWNER_BITS << _OWNER_BITS) | owners.astype(np.uint64))
    owners = (tagged & _OWNERS).astype(np.int64)
    tagged = (tagged >> _OWNER_BITS)[np.argsort(owners.astype(np.uint16), kind="stable")]
    sizes = np.bincount(owners, minlength=len(rows))
    places = np.searchsorted(rows, pairs)
    count = sizes[places]
    begins = (np.cumsum(sizes) - sizes)[places].ravel()
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count.ravel(), count.ravel())
    pair = np.repeat(np.arange(len(pairs)), count.sum(axis=1))
    keys = (tagged[np.repeat(begins, count.ravel()) + within] << _OWNER_BITS) | pair.astype(np.uint64)
    keys.sort()
    twins = keys[1:][keys[1:] == keys[:-1]] & _OWNERS
    shared = np.bincount(twins.astype(np.int64), minlength=len(pairs))
    similarity: npt.NDArray[np.float64] = shared / (count.sum(axis=1) - shared)
    return similarity


def _band_keys(texts: pa.StringArray, tick: Tick) -> Iterator[Keys]:
    """Yield for each band a key per text; texts with many shingles in common have equal ones in some band."""
    keys = np.empty((_BANDS, len(texts)), dtype=np.uint64)
    lengths = np.cumsum(pc.utf8_length(texts).to_numpy(zero_copy_only=False).astype(np.int64) + 1)
    start = 0
    while start < len(texts):
        before = int(lengths[start - 1]) if start else 0
        stop = max(start + 1, min(start + _TEXTS_AT_ONCE, int(np.searchsorted(lengths, before + _AT_ONCE))))
        hashes, rows = _shingles(texts[start:stop].to_pylist())
        keys[:, start:stop] = _banded(_signatures(hashes, rows, stop - start))
        start = stop
        tick(int(lengths[stop - 1]), int(lengths[-1]))
    yield from keys


def _shingles(texts: Sequence[str]) -> tuple[Keys, Numbers]:
    """Return the hashes of all shingles of some texts, and for each the number of its text."""
    padded = [f"{_PAD}{value}{_PAD}" for value in texts]
    characters = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    sizes = np.array([len(value) for value in padded], dtype=np.int64)
    hashes = np.zeros(len(characters) - WIDTH + 1, dtype=np.uint64)
    for at in range(WIDTH):
        hashes = hashes * _PRIME + characters[at : at + len(hashes)]
    hashes = (hashes ^ (hashes >> np.uint64(31))) * _MIX
    hashes = (hashes ^ (hashes >> np.uint64(29))) * _MIX
    rows = np.repeat(np.arange(len(texts)), sizes)[: len(hashes)]
    inside = np.arange(len(hashes)) + WIDTH <= np.cumsum(sizes)[rows]
    return hashes[inside], rows[inside]


def _signatures(hashes: Keys, rows: Numbers, count: int) -> npt.NDArray[np.uint32]:
    """Return the smallest hash of each text in each bin, shape [texts, bins]; an empty bin borrows from the next."""
    flat = np.full(count * _BINS, _EMPTY, dtype=np.uint32)
    bins = (hashes >> _BIN_BITS).astype(np.int64)
    np.minimum.at(flat, rows * _BINS + bins, (hashes & np.uint64(0x7FFFFFFF)).astype(np.uint32))
    signatures = flat.reshape(count, _BINS)
    places = np.where(np.tile(signatures, 2) != _EMPTY, np.arange(2 * _BINS, dtype=np.int32), np.int32(1 << 30))
    following = np.minimum.accumulate(places[:, ::-1], axis=1)[:, ::-1][:, :_BINS]
    distance = (following - np.arange(_BINS, dtype=np.int32)).astype(np.uint32)
    lent: npt.NDArray[np.uint32] = np.take_along_axis(signatures, following % _BINS, axis=1)
    return lent + distance * np.uint32(0x9E3779B1)


def _banded(signatures: npt.NDArray[np.uint32]) -> Keys:
    """Return one key for each band of bins, shape [bands, texts]."""
    parts = signatures.reshape(len(signatures), _BANDS, _BINS // _BANDS).astype(np.uint64)
    keys = np.zeros(parts.shape[:2], dtype=np.uint64)
    for at in range(parts.shape[2]):
        keys = (keys ^ parts[:, :, at]) * _MIX
        keys ^= keys >> np.uint64(29)
    return keys.T
