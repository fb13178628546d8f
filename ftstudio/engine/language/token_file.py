"""Token ids of many rows one after the other: in memory while they are few, else in a file that is read as needed.

A corpus of a gigabyte has some 250 million tokens. The file has no name, so it goes with the process.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

IN_MEMORY = 1 << 23  # tokens: 40 MB
Ids = NDArray[np.int32]
Learned = NDArray[np.bool_]


class TokenFile:
    """Takes ids and which of them are learned, row by row, and gives them back as two flat arrays.

    `folder` is where the file lies, if there must be one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: tuple[list[NDArray[Any]], list[Learned]] = ([], [])
        self._count = 0
        self._files: tuple[IO[bytes], IO[bytes]] | None = None

    def add(self, ids: NDArray[Any], learned: Learned) -> None:
        """Take the tokens of the next row, both of shape [tokens]."""
        self._waiting[0].append(ids.astype(np.int32, copy=False))
        self._waiting[1].append(learned)
        self._count += len(ids)
        if self._count > IN_MEMORY:
            self._write()

    def arrays(self) -> tuple[Ids, Learned]:
        """Return all tokens one after the other, and which are learned, both of shape [tokens]."""
        if self._files is None:
            return _joined(self._waiting[0], np.int32), _joined(self._waiting[1], np.bool_)
        self._write()
        for file in self._files:
            file.flush()
        ids, learned = self._files
        return np.memmap(ids, np.int32, "r"), np.memmap(learned, np.bool_, "r")

    def _opened(self) -> IO[bytes]:
        return tempfile.TemporaryFile(dir=self._folder)

    def _write(self) -> None:
        if self._files is None:
            self._files = (self._opened(), self._opened())
        for file, parts in zip(self._files, self._waiting, strict=True):
            for part in parts:
                file.write(part.tobytes())
            parts.clear()
        self._count = 0


def _joined(parts: list[Any], kind: Any) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, kind)
