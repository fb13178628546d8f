"""The project's table while its rows come in: written at once, and put on the disk while more are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from ftstudio.datasets.writing import Sync

SYNC_BYTES = 32 << 20


class GrowingTable:
    """An Arrow file of string columns to which batches are added; whole only when it is closed.

    `sync` is asked to put it on the disk every `SYNC_BYTES`, so that hardly anything is left to wait for at the end.
    """

    def __init__(self, path: Path, columns: Sequence[str], sync: Sync) -> None:
        self.columns = list(columns)
        self._path, self._sync, self._synced = path, sync, 0
        self._sink = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_file(self._sink, pa.schema([(name, pa.string()) for name in columns]))

    def add(self, batch: pa.RecordBatch) -> None:
        """Write some rows; raises OSError."""
        self._writer.write_batch(batch)
        if self._sink.tell() - self._synced >= SYNC_BYTES:
            self._synced = self._sink.tell()
            self._sync(self._path)

    def close(self) -> None:
        """Finish the file; closing twice is harmless. Raises OSError."""
        if not self._sink.closed:
            self._writer.close()
            self._sink.close()
