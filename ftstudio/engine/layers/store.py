"""Stored rows (features, decoded pictures): in memory while they fit, else in one file mapped into memory.

Both are dropped with the run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
import psutil
import torch
from numpy.typing import NDArray
from torch import Tensor

from ftstudio.core.errors import StudioError
from ftstudio.core.paths import cache_folder
from ftstudio.core.quantities import byte_size
from ftstudio.core.text import text
from ftstudio.engine.learning.batching import padded

MEMORY_SHARE = 0.25  # of the memory that is free when the features are made
_TYPES = {
    torch.float32: np.float32,
    torch.float16: np.float16,
    torch.bfloat16: np.uint16,
    torch.uint8: np.uint8,
}


class FeatureStore:
    """Features of many rows. Ragged ones keep only each row's own tokens and are padded when read."""

    def __init__(
        self, flat: NDArray[np.generic], offsets: NDArray[np.int64], shape: tuple[int, ...], dtype: torch.dtype
    ) -> None:
        self._flat, self._offsets, self._shape, self._dtype = flat, offsets, shape, dtype

    @classmethod
    def empty(cls) -> FeatureStore:
        """Return a store of no rows."""
        return cls(np.zeros((0, 1), np.float32), np.zeros(1, np.int64), (1,), torch.float32)

    @classmethod
    def allocate(cls, like: Tensor, lengths: NDArray[np.int64], *, ragged: bool) -> FeatureStore:
        """Make room for features like those of one batch `like`.

        Args:
            like: shape [rows, ...], or [rows, tokens, size] when `ragged`.
            lengths: tokens of every row to come.
            ragged: whether the second axis follows the length of each row.

        Raises:
            StudioError: neither memory nor disk has room.
        """
        shape = tuple(like.shape[2:]) if ragged else tuple(like.shape[1:])
        counts = lengths if ragged else np.ones(len(lengths), dtype=np.int64)
        offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        size = int(np.prod(shape))
        kind = np.dtype(_TYPES[like.dtype])
        needed = int(offsets[-1]) * size * kind.itemsize
        if needed <= psutil.virtual_memory().available * MEMORY_SHARE:
            flat: NDArray[np.generic] = np.empty((int(offsets[-1]), size), dtype=kind)
        else:
            flat = _on_disk((int(offsets[-1]), size), kind, needed)
        return cls(flat, offsets, (-1, *shape) if ragged else shape, like.dtype)

    @property
    def held_bytes(self) -> int:
        """The room that all rows take, in memory or on disk."""
        return int(self._flat.nbytes)

    def write(self, rows: NDArray[np.int64], features: Tensor) -> None:
        """Store the features of `rows`, shape [rows, ...]."""
        values = (features.view(torch.uint16) if self._dtype == torch.bfloat16 else features).numpy()
        for row, value in zip(rows, values, strict=True):
            start, end = self._offsets[row], self._offsets[row + 1]
            self._flat[start:end] = value.reshape(-1, self._flat.shape[1])[: end - start]

    def rows(self, rows: Sequence[int] | NDArray[np.int64]) -> Tensor:
        """Return the features of `rows`, ragged ones padded with zeros, shape [rows, ...]."""
        if self._shape[0] != -1:
            values = self._flat[self._offsets[np.asarray(rows)]]
            return self._typed(values.reshape(len(rows), *self._shape))
        counts = [int(self._offsets[row + 1] - self._offsets[row]) for row in rows]
        block = np.zeros((len(rows), padded(max(counts)), self._flat.shape[1]), dtype=self._flat.dtype)
        for at, (row, count) in enumerate(zip(rows, counts, strict=True)):
            block[at, :count] = self._flat[self._offsets[row] : self._offsets[row] + count]
        return self._typed(block.reshape(len(rows), block.shape[1], *self._shape[1:]))

    def _typed(self, values: NDArray[np.generic]) -> Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(values))
        return tensor.view(torch.bfloat16) if self._dtype == torch.bfloat16 else tensor


def _on_disk(shape: tuple[int, int], kind: np.dtype[Any], needed: int) -> NDArray[np.generic]:
    """Map a nameless file of the cache folder: it vanishes with the process, however that ends."""
    folder = cache_folder()
    if needed > psutil.disk_usage(str(folder)).free // 2:
        raise StudioError(
            text(
                "Storing what was computed once needs {size}, and the disk has too little room.", size=byte_size(needed)
            ),
            text("Free some disk space, or switch off “Compute frozen layers once”."),
            field="cache_features",
        )
    with tempfile.TemporaryFile(dir=folder) as file:
        return np.memmap(file, dtype=kind, mode="w+", shape=shape)
