"""A picture with boxes: outlined by whether they are right, wrong or missed, and listed below in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core import boxes
from ftstudio.core.boxes import Spotted
from ftstudio.core.quantities import percent
from ftstudio.core.samples import Explanation, Shown
from ftstudio.core.translation import tr, tr_plural
from ftstudio.datasets.pictures import upright_size
from ftstudio.gui import theme
from ftstudio.gui.samples.heat_overlay import HeatOverlay
from ftstudio.gui.widgets.card import empty
from ftstudio.gui.widgets.labels import StatusDot, caption
from ftstudio.planning.box_answers import EXTRA, MISPLACED, MISSED, RIGHT, WRONG_KIND, Judged

DRAWN = "drawn"
MOST_LISTED = 8
_COLORS = {DRAWN: "accent", RIGHT: "success", WRONG_KIND: "danger", MISPLACED: "danger", EXTRA: "danger"}
_COLORS |= {MISSED: "warning"}
_DASHED = (MISSED, MISPLACED)


class BoxedPicture(HeatOverlay):
    """The picture itself. What is missed or badly placed is dashed, too, so that colour is not all."""

    def __init__(self) -> None:
        super().__init__()
        self._judged: list[Judged] = []
        self._size = (1, 1)

    def show_judged(self, path: Path | None, judged: Sequence[Judged]) -> None:
        """Show a picture and boxes in its pixels, each with what is to be said of it."""
        self.show_picture(path)
        self._size = (path and upright_size(path)) or (1, 1)
        self._judged = list(judged)
        self.setAccessibleDescription(", ".join(in_words(*one) for one in self._judged))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, and the boxes on it."""
        super().paintEvent(event)
        if self._picture.isNull():
            return
        painter = QPainter(self)
        frame = self.frame()
        across, down = frame.width() / self._size[0], frame.height() / self._size[1]
        for state, box in sorted(self._judged, key=lambda one: one[0] == RIGHT):  # what is right on top
            place = QRectF(frame.x() + box.x * across, frame.y() + box.y * down, box.width * across, box.height * down)
            self._paint_box(painter, state, box, place)
        painter.end()

    def _paint_box(self, painter: QPainter, state: str, box: Spotted, place: QRectF) -> None:
        color = theme.current().color(_COLORS[state])
        pen = QPen(color, 2)
        pen.setStyle(Qt.PenStyle.DashLine if state in _DASHED else Qt.PenStyle.SolidLine)
        painter.setPen(pen)
        painter.drawRect(place)
        width = painter.fontMetrics().horizontalAdvance(box.label) + theme.S
        height = painter.fontMetrics().height()
        tag = QRectF(place.x(), max(self.frame().y(), place.y() - height), width, height)
        painter.fillRect(tag, color)
        painter.setPen(theme.current().color("surface"))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, box.label)


class BoxedContent(QWidget):
    """The picture, and below it every box in words."""

    def __init__(self) -> None:
        super().__init__()
        self.picture = BoxedPicture()
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.XS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.picture, 1)
        column.addLayout(self._list)

    def show_sample(self, shown: Shown, folder: Path) -> None:
        """Show the boxes of a row of data, given as its truth."""
        try:
            there = boxes.read(shown.truth) if shown.truth else ()
        except ValueError:
            there = ()
        judged = [(DRAWN, Spotted(**one.model_dump())) for one in there if one.is_sound]
        self.show_judged(folder / shown.picture if shown.picture else None, judged)

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Draw nothing: boxes are not explained."""

    def show_judged(self, path: Path | None, judged: Sequence[Judged]) -> None:
        """Show a picture and boxes in its pixels, each with what is to be said of it."""
        self.picture.show_judged(path, judged)
        empty(self._list)
        for state, box in judged[:MOST_LISTED]:
            self._list.addWidget(StatusDot(in_words(state, box), _COLORS[state]))
        if (more := len(judged) - MOST_LISTED) > 0:
            self._list.addWidget(caption(tr_plural("and one more", "and {count} more", more).format(count=more)))
        if not judged and path is not None:
            self._list.addWidget(caption(tr("Nothing is marked here.")))


def in_words(state: str, box: Spotted) -> str:
    """Say what a box is, and whether it is right."""
    words = {
        DRAWN: "{label}",
        RIGHT: tr("{label}: right, {sure} sure"),
        WRONG_KIND: tr("{label}: something else is there, {sure} sure"),
        MISPLACED: tr("{label}: badly placed, {sure} sure"),
        EXTRA: tr("{label}: nothing of the kind is there, {sure} sure"),
        MISSED: tr("{label}: missed"),
    }
    sure = percent(box.probability, 0)
    if state == DRAWN and box.probability < 1:
        return tr("{label}, {sure} sure").format(label=box.label, sure=sure)
    return words[state].format(label=box.label, sure=sure)
