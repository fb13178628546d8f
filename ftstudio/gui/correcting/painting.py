"""How boxes under correction are drawn: thin until one is chosen, which shows its handles and its name on a tag."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ftstudio.core.boxes import Box
from ftstudio.gui import theme
from ftstudio.gui.correcting.geometry import HANDLES, place_of
from ftstudio.gui.correcting.pyramid import Pyramid
from ftstudio.gui.correcting.viewport import Viewport

HANDLE = 9.0
SHADE = QColor(0, 0, 0, 150)


def paint_picture(painter: QPainter, pyramid: Pyramid, view: Viewport) -> None:
    """Draw the part of the picture that is seen, from the level that has enough pixels for it."""
    level, seen = pyramid.level_for(view.scale), view.seen()
    across, down = level.width() / view.size[0], level.height() / view.size[1]
    part = QRectF(seen.x() * across, seen.y() * down, seen.width() * across, seen.height() * down)
    target = QRectF(view.to_screen(seen.left(), seen.top()), view.to_screen(seen.right(), seen.bottom()))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, view.scale < 3)
    painter.drawImage(target, level, part)


def paint_boxes(painter: QPainter, boxes: Sequence[Box], selected: int, view: Viewport) -> None:
    """Draw all boxes, the chosen one on top."""
    screen = QRectF(0, 0, *view.view)
    shown = [at for at, box in enumerate(boxes) if box.is_sound and view.frame_of(box).intersects(screen)]
    for at in sorted(shown, key=lambda one: one == selected):
        _paint_box(painter, boxes[at], view, chosen=at == selected)


def _paint_box(painter: QPainter, box: Box, view: Viewport, *, chosen: bool) -> None:
    tokens, frame = theme.current(), view.frame_of(box)
    color = tokens.color("accent" if chosen else "warning")
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(SHADE, 4 if chosen else 3), QPen(color, 2 if chosen else 1.5)):  # seen on any ground
        painter.setPen(pen)
        painter.drawRect(frame)
    paint_tag(painter, box.label, frame, color, view.view[0])
    if chosen:
        painter.setPen(QPen(SHADE, 1))
        painter.setBrush(color)
        for handle in HANDLES:
            place = view.to_screen(*place_of(box, handle))
            painter.drawRect(QRectF(place - QPointF(HANDLE / 2, HANDLE / 2), place + QPointF(HANDLE / 2, HANDLE / 2)))


def paint_tag(painter: QPainter, words: str, frame: QRectF, color: QColor, room: float) -> None:
    """Write the name of a box above it, or inside where there is no room above."""
    metrics = painter.fontMetrics()
    width, height = metrics.horizontalAdvance(words) + theme.S, float(metrics.height())
    top = frame.top() - height if frame.top() >= height else max(0.0, frame.top())
    tag = QRectF(min(max(0.0, frame.left()), max(0.0, room - width)), top, width, height)
    painter.fillRect(tag, color)
    painter.setPen(theme.current().color("surface"))
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, words)
