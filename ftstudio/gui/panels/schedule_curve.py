"""The learning rate over the whole run as one small curve, so that warm-up and decay can be seen before training."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ftstudio.core.quantities import percent
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.translation import N_, tr
from ftstudio.gui import theme
from ftstudio.gui.forms import numbers

POINTS = 120
SHAPES: dict[str, Callable[[float], float]] = {
    "linear": lambda progress: 1.0 - progress,
    "cosine": lambda progress: 0.5 * (1.0 + math.cos(math.pi * progress)),
    "constant": lambda progress: 1.0,
}
IN_WORDS = {
    "linear": N_("Rises to {rate} over the first {share}, then falls evenly to zero."),
    "cosine": N_("Rises to {rate} over the first {share}, then falls to zero along a cosine."),
    "constant": N_("Rises to {rate} over the first {share} and stays there."),
}


def rate_at(progress: float, schedule: str, warmup: float) -> float:
    """Return the share of the peak rate at `progress` (0 to 1) of a run."""
    if warmup > 0 and progress < warmup:
        return progress / warmup
    rest = (progress - warmup) / (1.0 - warmup) if warmup < 1 else 1.0
    return SHAPES[schedule](rest)


class ScheduleCurve(QWidget):
    """Draws the schedule of given settings over `steps` steps (0: unknown)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = TrainingSettings()
        self._steps = 0
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(tr("Learning rate over the run"))

    def sizeHint(self) -> QSize:
        """Ask for a small strip."""
        return QSize(200, 96)

    def heightForWidth(self, arg__1: int) -> int:
        """Grow with the width, within reason."""
        return min(260, max(88, arg__1 // 4))

    def show_settings(self, settings: TrainingSettings, steps: int) -> None:
        """Show the schedule of these settings."""
        self._settings, self._steps = settings, steps
        self.setAccessibleDescription(
            tr(IN_WORDS[settings.schedule]).format(
                rate=numbers.write(settings.learning_rate), share=percent(settings.warmup)
            )
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the curve, its peak and how many steps it spans."""
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(theme.SMALL))
        line = painter.fontMetrics().height()
        top, bottom = line + 8.0, self.height() - line - 6.0
        painter.setPen(QPen(QColor(tokens.border), 1))
        painter.drawLine(QPointF(0, bottom), QPointF(self.width(), bottom))
        painter.setPen(QColor(tokens.muted))
        steps = tr("{steps} steps").format(steps=f"{self._steps:,}") if self._steps else tr("end")
        foot = self.rect().adjusted(0, int(bottom) + 4, 0, 0)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, "0")
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, steps)
        self._paint_curve(painter, top, bottom)
        painter.end()

    def _paint_curve(self, painter: QPainter, top: float, bottom: float) -> None:
        tokens = theme.current()
        settings = self._settings
        heights = [rate_at(at / POINTS, settings.schedule, settings.warmup) for at in range(POINTS + 1)]
        wide = self.width() - 4.0
        curve = [QPointF(2 + wide * at / POINTS, bottom - (bottom - top) * high) for at, high in enumerate(heights)]
        area = QColor(tokens.accent)
        area.setAlphaF(0.12)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(area)
        painter.drawPolygon(QPolygonF([QPointF(2, bottom), *curve, QPointF(2 + wide, bottom)]))
        painter.setPen(QPen(QColor(tokens.accent), 2))
        painter.drawPolyline(QPolygonF(curve))
        peak = curve[heights.index(max(heights))]
        painter.setPen(QColor(tokens.text))
        words = numbers.write(settings.learning_rate)
        left = min(max(0.0, peak.x() - 6), self.width() - painter.fontMetrics().horizontalAdvance(words) - 2.0)
        painter.drawText(QPointF(left, top - 5), words)
