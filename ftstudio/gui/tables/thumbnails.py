"""Small pictures decoded in the background: newest wish first, old wishes dropped, a bounded number kept.

Scrolling fast through 100 000 pictures asks for thousands of them; only those still wanted when a thread is free
are decoded, so the ones on the screen come first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from PIL import Image, ImageOps
from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal
from PySide6.QtGui import QImage, QPixmap

KEPT = 800
WISHES = 200
THREADS = 2
LARGEST = 100_000_000


class Thumbnails(QObject):
    """A cache of pictures at most `edge` pixels wide and high. `ready(str)` names a path that has come."""

    ready = Signal(str)
    _decoded = Signal(str, QImage)

    def __init__(self, edge: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.edge = edge
        self._kept: OrderedDict[str, QPixmap] = OrderedDict()
        self._wishes: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()
        self._working = 0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self._decoded.connect(self._keep)

    def get(self, path: Path) -> QPixmap | None:
        """Return the small picture of `path`, a null one if it cannot be read, or None while it is being made."""
        key = str(path)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        with self._lock:
            self._wishes.pop(key, None)
            self._wishes[key] = None
            while len(self._wishes) > WISHES:
                self._wishes.popitem(last=False)
            start = self._working < THREADS
            self._working += start
        if start:
            self._pool.start(_Decoder(self))
        return None

    def forget_wishes(self) -> None:
        """Cancel everything that is not being decoded yet."""
        with self._lock:
            self._wishes.clear()

    def close(self) -> None:
        """Cancel and wait for the threads, so that none outlives the window."""
        self.forget_wishes()
        self._pool.waitForDone(5000)

    def take_wish(self) -> str | None:
        """Return the newest wish, or None when there is none left (called by the threads)."""
        with self._lock:
            if self._wishes:
                return self._wishes.popitem(last=True)[0]
            self._working -= 1
            return None

    def deliver(self, key: str, image: QImage) -> None:
        """Hand over a decoded picture from any thread."""
        self._decoded.emit(key, image)

    def _keep(self, key: str, image: QImage) -> None:
        self._kept[key] = QPixmap.fromImage(image)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.ready.emit(key)


class _Decoder(QRunnable):
    def __init__(self, owner: Thumbnails) -> None:
        super().__init__()
        self._owner = owner

    def run(self) -> None:
        while (key := self._owner.take_wish()) is not None:
            self._owner.deliver(key, read_picture(Path(key), self._owner.edge))


def read_picture(path: Path, edge: int) -> QImage:
    """Read a picture upright, at most `edge` pixels wide and high; a null image if it cannot be read."""
    try:
        if not path.is_file():  # a pipe would be waited for for ever
            return QImage()
        with Image.open(path) as picture:
            if picture.width * picture.height > LARGEST:
                return QImage()
            picture.draft("RGB", (edge * 2, edge * 2))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((edge, edge))
            raw = upright.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return QImage()
    image = QImage(raw.tobytes(), raw.width, raw.height, 4 * raw.width, QImage.Format.Format_RGBA8888)
    return image.copy()
