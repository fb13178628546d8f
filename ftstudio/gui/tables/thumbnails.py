"""Small pictures decoded in the background: newest wish first, old wishes dropped, a bounded number kept.

Scrolling fast through 100 000 pictures asks for thousands of them; only those still wanted when a thread is free
are decoded, so the ones on the screen come first. Those of large pictures can be kept on disk (`ThumbnailFiles`).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageOps
from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from ftstudio.datasets.pictures import FORMATS, MOST_PIXELS
from ftstudio.gui.tables.thumbnail_files import ThumbnailFiles

KEPT = 800
WISHES = 200
THREADS = 2
_PAINTED = {True: QImage.Format.Format_ARGB32_Premultiplied, False: QImage.Format.Format_RGB32}
"""How pictures are held that are painted, with and without alpha: making one otherwise would take the window's time."""


class Thumbnails(QObject):
    """A cache of pictures at most `edge` pixels wide and high. `ready(str)` names a path that has come."""

    ready = Signal(str)
    _decoded = Signal(str, QImage)

    def __init__(self, edge: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.edge = edge
        self.files: ThumbnailFiles | None = None
        self._kept: OrderedDict[str, QPixmap] = OrderedDict()
        self._wishes: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()
        self._working = 0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self._start = QTimer(self)  # a thread takes long to start: not while something is being painted
        self._start.setSingleShot(True)
        self._start.timeout.connect(self._start_working)
        self._decoded.connect(self._keep)

    def get(self, path: Path | str) -> QPixmap | None:
        """Return the small picture of `path`, a null one if it cannot be read, or None while it is being made."""
        key = str(path)
        found = self.kept(key)
        if found is None:
            with self._lock:
                self._wish(key)
            self._start.start()
        return found

    def kept(self, key: str) -> QPixmap | None:
        """Return the small picture of a path if it is there; this wishes for nothing and takes no time."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def want(self, keys: Sequence[str]) -> None:
        """Wish for these paths, the first one most, and for nothing else any more."""
        missing = [key for key in keys if key not in self._kept]
        with self._lock:
            self._wishes.clear()
            for key in reversed(missing[:WISHES]):
                self._wish(key)
        if missing:
            self._start.start()

    def forget_wishes(self) -> None:
        """Cancel everything that is not being decoded yet."""
        with self._lock:
            self._wishes.clear()

    def close(self) -> None:
        """Cancel and wait for the threads, so that none outlives the window."""
        self._start.stop()
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

    def read(self, key: str) -> QImage:
        """Return the small picture of a path, from its file where there is one (called by the threads)."""
        files = self.files
        image = read_picture(Path(key), self.edge) if files is None else files.read(Path(key), self.edge, read_picture)
        return image.convertToFormat(_PAINTED[image.hasAlphaChannel()])

    def _wish(self, key: str) -> None:
        self._wishes.pop(key, None)
        self._wishes[key] = None
        while len(self._wishes) > WISHES:
            self._wishes.popitem(last=False)

    def _start_working(self) -> None:
        with self._lock:
            more = min(THREADS - self._working, len(self._wishes))
            self._working += more
        for _ in range(more):
            self._pool.start(_Decoder(self))

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
            self._owner.deliver(key, self._owner.read(key))


def read_picture(path: Path, edge: int) -> QImage:
    """Read a picture upright, at most `edge` pixels wide and high; a null image if it cannot be read."""
    try:
        if not path.is_file():  # a pipe would be waited for for ever
            return QImage()
        with Image.open(path, formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return QImage()
            picture.draft("RGB", (edge * 2, edge * 2))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((edge, edge))
            see_through = "A" in upright.getbands() or "transparency" in upright.info
            raw = upright.convert("RGBA" if see_through else "RGBX")
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
        return QImage()
    kind = QImage.Format.Format_RGBA8888 if see_through else QImage.Format.Format_RGBX8888
    return QImage(raw.tobytes(), raw.width, raw.height, 4 * raw.width, kind).copy()
