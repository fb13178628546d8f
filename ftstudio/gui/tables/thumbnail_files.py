"""Small pictures on disk, so that large ones are decoded once and not again in every session: a bounded number."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtGui import QImage, QImageWriter

from ftstudio.project.atomic import temporary_sibling

LARGE = 150_000
"""Bytes of a file from which on its small picture is kept on disk; smaller files are decoded as quickly."""
MOST = 20_000
"""Files kept; at about 10 KB each."""
_QUALITY = 85
_KINDS = {".jpg": b"JPG", ".png": b"PNG"}


class ThumbnailFiles:
    """A folder of small pictures, which may be deleted at any time. Safe in several threads; it raises nothing.

    Files are named after the pictures' own names, which in a project follow from their content, and their sizes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = -1
        self._lock = threading.Lock()

    def read(self, path: Path, edge: int, decode: Callable[[Path, int], QImage]) -> QImage:
        """Return the small picture of `path` as `decode` makes it, from its file where there is one."""
        try:
            size = path.stat().st_size
        except OSError:
            return QImage()
        if size < LARGE:
            return decode(path, edge)
        stem = self.folder / f"{path.stem[:80]}-{size}-{edge}"
        for kept in (stem.with_name(stem.name + suffix) for suffix in _KINDS):
            image = QImage(str(kept)) if kept.exists() else QImage()
            if not image.isNull():
                return image
        image = decode(path, edge)
        if not image.isNull():
            self._write(image, stem.with_name(stem.name + (".png" if image.hasAlphaChannel() else ".jpg")))
        return image

    def _write(self, image: QImage, target: Path) -> None:
        with suppress(OSError), self._lock:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._make_room()
            written = temporary_sibling(target)
            writer = QImageWriter(str(written), _KINDS[target.suffix])
            writer.setQuality(_QUALITY)
            if writer.write(image):
                written.replace(target)

    def _make_room(self) -> None:
        """Delete the oldest half when there are too many."""
        if self._count < 0 or self._count >= MOST:
            found = sorted(self.folder.iterdir(), key=lambda one: one.stat().st_mtime_ns)
            old = found[: len(found) // 2] if len(found) >= MOST else []
            for one in old:
                one.unlink(missing_ok=True)
            self._count = len(found) - len(old)
        self._count += 1
