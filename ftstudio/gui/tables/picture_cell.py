"""One picture of a grid, painted: the picture in a square, its label below, a frame if it is chosen."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from ftstudio.core.translation import tr
from ftstudio.gui import theme

EDGE = 120
PADDING = 8
CAPTION = 20
SIZE = QSize(EDGE + 2 * PADDING, EDGE + CAPTION + 2 * PADDING)


def paint(painter: QPainter, cell: QRect, picture: QPixmap | None, label: str, *, is_chosen: bool) -> None:
    """Paint a picture (None: not there yet; null: cannot be read) and its label into `cell`."""
    tokens = theme.current()
    if is_chosen:
        painter.setPen(QColor(tokens.accent))
        painter.setBrush(QColor(tokens.sunken))
        painter.drawRoundedRect(cell.adjusted(2, 2, -2, -2), 6, 6)
    frame = QRect(cell.x() + PADDING, cell.y() + PADDING, EDGE, EDGE)
    if picture is not None and not picture.isNull():
        place = QRect(QPoint(), picture.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio))
        place.moveCenter(frame.center())
        painter.drawPixmap(place, picture)
    else:
        painter.fillRect(frame, QColor(tokens.sunken))
    if picture is not None and picture.isNull():
        painter.setPen(QColor(tokens.danger))
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, tr("cannot be read"))
    painter.setPen(QColor(tokens.text))
    caption = QRect(frame.x(), frame.bottom() + 4, EDGE, CAPTION)
    words = painter.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, EDGE)
    painter.drawText(caption, Qt.AlignmentFlag.AlignCenter, words)
