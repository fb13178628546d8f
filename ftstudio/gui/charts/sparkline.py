"""A tiny curve without axes, for cards: how a run went at a glance."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ftstudio.gui import theme


class Sparkline(QWidget):
    """Draws values from left to right, scaled to fit, with a dot at the last one."""

    def __init__(self, values: Sequence[float] = (), role: str = "accent") -> None:
        super().__init__()
        self._values = [value for value in values if value == value]
        self._role = role
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(32)

    def show_values(self, values: Sequence[float]) -> None:
        """Draw other values."""
        self._values = [value for value in values if value == value]
        self.update()

    def sizeHint(self) -> QSize:
        """Return a small default size."""
        return QSize(120, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the curve."""
        if len(self._values) < 2:
            return
        points = self._points(QRectF(self.rect()).adjusted(2, 4, -5, -4))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = theme.current().color(self._role)
        painter.setPen(QPen(colour, 1.6))
        painter.drawPolyline(QPolygonF(points))
        painter.setBrush(colour)
        painter.drawEllipse(points[-1], 2.4, 2.4)
        painter.end()

    def _points(self, area: QRectF) -> list[QPointF]:
        low, high = min(self._values), max(self._values)
        span = (high - low) or 1.0
        step = area.width() / (len(self._values) - 1)
        return [
            QPointF(area.left() + at * step, area.bottom() - (value - low) / span * area.height())
            for at, value in enumerate(self._values)
        ]
