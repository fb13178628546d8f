"""Copying the pictures that rows name into the project, each checked, several at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ftstudio.core.errors import CancelledError
from ftstudio.core.messages import Progress
from ftstudio.core.text import text
from ftstudio.datasets import writing
from ftstudio.datasets.layout import IMAGES
from ftstudio.datasets.parallel import ordered_map
from ftstudio.datasets.pictures import Flaw, Stored, store


@dataclass(frozen=True)
class StoredPictures:
    """Per row: whether its picture can be used, and its set of identical pictures (-1 unique)."""

    is_good: npt.NDArray[np.bool_]
    same: npt.NDArray[np.int64]


class PictureImport:
    """Collects the paths while rows stream by, then copies and checks the pictures."""

    def __init__(self, folder: Path, progress: Callable[[Progress], None], cancelled: Callable[[], bool]) -> None:
        self._folder, self._progress, self._cancelled = folder, progress, cancelled
        self._wanted: list[Path | None] = []

    def plan(self, names: pa.StringArray, source: Path) -> None:
        """Note the pictures of some rows; names are relative to the folder or to the table's folder."""
        base = source if source.is_dir() else source.parent
        self._wanted += [
            base / name.strip().replace("\\", "/") if name and name.strip() else None for name in names.to_pylist()
        ]

    def finish(self) -> StoredPictures:
        """Copy all pictures, write what was found to `images.arrow` and return it. Raises `CancelledError`."""
        stored: list[Stored] = []
        for one in ordered_map(self._store, self._wanted, ahead=16):
            stored.append(one)
            if self._cancelled():
                raise CancelledError
            if len(stored) % 20 == 0 or len(stored) == len(self._wanted):
                self._progress(Progress(phase=text("Copying pictures"), done=len(stored), total=len(self._wanted)))
        writing.write_table(self._folder / IMAGES, _table(stored))
        return StoredPictures(np.array([one.flaw is Flaw.NONE for one in stored], dtype=bool), _same(stored))

    def _store(self, path: Path | None) -> Stored:
        return Stored(flaw=Flaw.MISSING) if path is None else store(path, self._folder)


def _table(stored: list[Stored]) -> pa.Table:
    return pa.table(
        {
            "path": pa.array([one.path for one in stored], pa.string()),
            "width": pa.array([one.width for one in stored], pa.int32()),
            "height": pa.array([one.height for one in stored], pa.int32()),
            "flaw": pa.array([one.flaw.value for one in stored], pa.string()),
        }
    )


def _same(stored: list[Stored]) -> npt.NDArray[np.int64]:
    digests = np.array([one.digest for one in stored], dtype=object).astype(str)
    if not len(digests):
        return np.zeros(0, np.int64)
    _, inverse, counts = np.unique(digests, return_inverse=True, return_counts=True)
    repeated = (counts[inverse] > 1) & (digests != "")
    return np.where(repeated, inverse, -1).astype(np.int64)
