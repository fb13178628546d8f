"""What the colours of a chart's lines mean: a swatch and a name each, in one row above the picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ftstudio.gui import theme
from ftstudio.gui.widgets.card import empty
from ftstudio.gui.widgets.labels import caption

MOST = 8


class Legend(QWidget):
    """Shows up to `MOST` names; without any it takes no room."""

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, theme.XS)
        self._row.setSpacing(theme.S)
        self.hide()

    def show_names(self, names: Sequence[tuple[str, QColor]], dashes: Sequence[Qt.PenStyle] = ()) -> None:
        """Show each name with its colour, and with its dash where lines have one each."""
        empty(self._row)
        for at, (name, colour) in enumerate(names[:MOST]):
            self._row.addWidget(_Swatch(colour, dashes[at] if at < len(dashes) else Qt.PenStyle.SolidLine))
            self._row.addWidget(caption(name))
        self._row.addStretch(1)
        self.setVisible(bool(names))


class _Swatch(QWidget):
    def __init__(self, colour: QColor, dash: Qt.PenStyle) -> None:
        super().__init__()
        self._pen = QPen(colour, 3, dash)
        self._pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        self.setFixedSize(QSize(14 if dash is Qt.PenStyle.SolidLine else 28, 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._pen)
        painter.drawLine(0, 2, self.width(), 2)
        painter.end()
