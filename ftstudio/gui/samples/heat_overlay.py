"""A picture with the places that speak for an answer laid over it, as strongly as a slider says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from ftstudio.core.samples import Explanation
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.tables.thumbnails import read_picture
from ftstudio.gui.widgets.labels import caption

LARGE = 1024
WARM, HOT = QColor("#E69F00"), QColor("#D5311E")
USUAL_STRENGTH = 60
UNSEEN = 0.6


class HeatOverlay(QWidget):
    """A picture, whole and upright, as large as there is room; warm where an explanation finds what matters."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = QPixmap()
        self._is_unreadable = False
        self._heat: QImage | None = None
        self._box = (0.0, 0.0, 1.0, 1.0)
        self._strength = USUAL_STRENGTH / 100
        self.setMinimumHeight(120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Picture"))

    def sizeHint(self) -> QSize:
        """Ask for a square."""
        return QSize(220, 220)

    def show_picture(self, path: Path | None) -> None:
        """Show a picture without an overlay; it is read here, at a size that fits a screen. None shows nothing."""
        self._picture = QPixmap.fromImage(read_picture(path, LARGE)) if path is not None else QPixmap()
        self._is_unreadable = path is not None and self._picture.isNull()
        self._heat = None
        self.setAccessibleDescription(path.name if path is not None else "")
        self.update()

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Lay the heat of an explanation over the picture that is shown; None takes it away."""
        self._heat = heat_image(explanation.heat) if explanation is not None and explanation.heat else None
        if explanation is not None:
            self._box = explanation.box
            self.setAccessibleDescription(in_words(explanation))
        self.update()

    def set_strength(self, percent: int) -> None:
        """Show the overlay as strongly as this, from 0 to 100."""
        self._strength = percent / 100
        self.update()

    def frame(self) -> QRect:
        """Return where the picture is drawn."""
        size = self._picture.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        return QRect(left, top, size.width(), size.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw picture and overlay; what the model did not see is dimmed."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._is_unreadable:
            painter.setPen(theme.current().color("danger"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("This picture cannot be read."))
        elif not self._picture.isNull():
            painter.drawPixmap(self.frame(), self._picture)
            if self._heat is not None and self._strength > 0:
                self._paint_heat(painter, QRectF(self.frame()), self._heat)
        painter.end()

    def _paint_heat(self, painter: QPainter, frame: QRectF, heat: QImage) -> None:
        left, top, width, height = self._box
        seen = QRectF(
            frame.x() + left * frame.width(),
            frame.y() + top * frame.height(),
            width * frame.width(),
            height * frame.height(),
        )
        painter.setClipRect(frame)
        dim = QColor(theme.current().color("surface"))
        dim.setAlphaF(UNSEEN * self._strength)
        for unseen in _around(frame, seen):
            painter.fillRect(unseen, dim)
        painter.setOpacity(self._strength)
        painter.drawImage(seen, heat)


def _around(frame: QRectF, seen: QRectF) -> list[QRectF]:
    inner = seen.intersected(frame)
    found = [
        QRectF(frame.left(), frame.top(), frame.width(), inner.top() - frame.top()),
        QRectF(frame.left(), inner.bottom(), frame.width(), frame.bottom() - inner.bottom()),
        QRectF(frame.left(), inner.top(), inner.left() - frame.left(), inner.height()),
        QRectF(inner.right(), inner.top(), frame.right() - inner.right(), inner.height()),
    ]
    return [one for one in found if one.width() >= 1 and one.height() >= 1]


def heat_image(heat: list[list[float]]) -> QImage:
    """Return values from 0 to 1 as a small picture: clear, warm, hot."""
    values = np.clip(np.asarray(heat, dtype=np.float64), 0.0, 1.0)
    warm, hot = (np.array((colour.red(), colour.green(), colour.blue())) for colour in (WARM, HOT))
    pixels = np.empty((*values.shape, 4), dtype=np.uint8)
    pixels[..., :3] = np.round(warm + (hot - warm) * values[..., None])
    pixels[..., 3] = np.round(255 * values**0.8)
    height, width = values.shape
    return QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def in_words(explanation: Explanation) -> str:
    """Say where in the picture an explanation is hottest."""
    heat = np.asarray(explanation.heat, dtype=np.float64)
    if not heat.size or heat.max() <= 0:
        return tr("No place speaks for “{label}”.").format(label=explanation.label)
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    down = [tr("at the top"), tr("in the middle"), tr("at the bottom")][int(3 * (row + 0.5) / heat.shape[0])]
    across = [tr("left"), tr("centre"), tr("right")][int(3 * (column + 0.5) / heat.shape[1])]
    return tr("What speaks most for “{label}” lies {down}, {across}.").format(
        label=explanation.label, down=down, across=across
    )


class HeatLegend(QWidget):
    """What warm means, and how strongly it is shown. `changed(int)` in per cent."""

    changed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        self._words = caption("")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setValue(USUAL_STRENGTH)
        self.slider.setFixedWidth(140)
        self.slider.setAccessibleName(tr("Strength of the overlay"))
        self.slider.valueChanged.connect(self.changed)
        row.addWidget(_Ramp())
        row.addWidget(self._words, 1)
        row.addWidget(caption(tr("Overlay")))
        row.addWidget(self.slider)

    def show_explanation(self, explanation: Explanation) -> None:
        """Name the label."""
        self._words.setText(tr("warm: for “{label}”").format(label=explanation.label))


class _Ramp(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(56, 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), theme.current().color("sunken"))
        painter.drawImage(QRectF(self.rect()), heat_image([[at / 15 for at in range(16)]]))
        painter.end()
