"""What the colours of a chart's lines mean: a swatch and a name each, in one row above the picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
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

    def show_names(self, names: Sequence[tuple[str, QColor]]) -> None:
        """Show each name with its colour."""
        empty(self._row)
        for name, colour in names[:MOST]:
            self._row.addWidget(_Swatch(colour))
            self._row.addWidget(caption(name))
        self._row.addStretch(1)
        self.setVisible(bool(names))


class _Swatch(QWidget):
    def __init__(self, colour: QColor) -> None:
        super().__init__()
        self._colour = colour
        self.setFixedSize(QSize(14, 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._colour)
        painter.end()
