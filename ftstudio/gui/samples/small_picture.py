"""A small picture with the boxes in it, outlined."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QLabel

from ftstudio.gui import theme

_AROUND = QColor(0, 0, 0, 140)
"""Below each line, so that it shows on pictures of its own colour, too."""


class SmallPicture(QLabel):
    """A square picture file at a size; `boxes` are label, left, top, right and bottom in shares of it."""

    def __init__(self, path: str, side: int, boxes: Sequence[Sequence[Any]] = ()) -> None:
        super().__init__()
        self.boxes = list(boxes)
        ratio = self.devicePixelRatioF()
        picture = QPixmap()
        picture.loadFromData(Path(path).read_bytes())  # never from Qt's cache: the files may keep their names
        whole, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        picture = picture.scaled(round(side * ratio), round(side * ratio), whole, smooth)
        picture.setDevicePixelRatio(ratio)
        self.setPixmap(picture)
        self.setFixedSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, and the boxes on it."""
        super().paintEvent(event)
        painter = QPainter(self)
        for color, width in ((_AROUND, 3), (theme.current().color("accent"), 1.5)):
            painter.setPen(QPen(color, width))
            for _, left, top, right, bottom in self.boxes:
                painter.drawRect(self._place(left, top, right, bottom))
        painter.end()

    def _place(self, left: float, top: float, right: float, bottom: float) -> QRectF:
        """Return where a box is, its line wholly in the picture."""
        across, down = self.width() - 2, self.height() - 2
        return QRectF(1 + left * across, 1 + top * down, (right - left) * across, (bottom - top) * down)
