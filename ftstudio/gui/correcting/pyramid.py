"""A large picture in several sizes, each half of the one before, so that it is drawn at once from near and far."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from ftstudio.datasets.pictures import upright_size
from ftstudio.gui.tables.thumbnails import read_picture

LARGEST_EDGE = 8192  # pixels: what is larger is looked at somewhat coarser
SMALLEST_EDGE = 512


@dataclass(frozen=True)
class Pyramid:
    """`levels` from the largest down (none: the picture cannot be read); `size` of the upright picture in pixels."""

    levels: tuple[QImage, ...]
    size: tuple[int, int]

    def level_for(self, scale: float) -> QImage:
        """Return the smallest level that has a pixel for each on the screen; `scale` is screen pixels a pixel."""
        wanted = self.size[0] * scale
        return next((one for one in reversed(self.levels) if one.width() >= wanted), self.levels[0])


def read_pyramid(path: Path) -> Pyramid:
    """Read a picture and make its levels; for 12 megapixels a good tenth of a second, so not on the window's thread."""
    largest = read_picture(path, LARGEST_EDGE)
    if largest.isNull():
        return Pyramid((), (1, 1))
    levels = [largest.convertToFormat(QImage.Format.Format_RGB32)]
    while max(levels[-1].width(), levels[-1].height()) > SMALLEST_EDGE:
        half = levels[-1].size() / 2
        levels.append(levels[-1].scaled(half, Qt.AspectRatioMode.IgnoreAspectRatio, _SMOOTH))
    return Pyramid(tuple(levels), upright_size(path) or (largest.width(), largest.height()))


_SMOOTH = Qt.TransformationMode.SmoothTransformation
