"""A grid of equal cards: as many columns as fit, each as wide as the room allows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from ftstudio.gui import theme


class FlowGrid(QWidget):
    """Lays its cards out anew when its width changes."""

    def __init__(self, least_width: int = 260, most_width: int = 460) -> None:
        super().__init__()
        self._least, self._most = least_width, most_width
        self._cards: list[QWidget] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.L)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)

    def add(self, card: QWidget) -> None:
        """Add a card at the end."""
        card.setMaximumWidth(self._most)
        self._cards.append(card)
        self._columns = 0
        self._arrange()

    def put_in_order(self, cards: Sequence[QWidget]) -> None:
        """Show the cards, all of those added, in another order, which the tab key follows."""
        if list(cards) == self._cards:
            return
        self._cards = list(cards)
        self._columns = 0
        self._arrange()
        for one, other in pairwise(self._cards):
            QWidget.setTabOrder(one, other)

    def cards(self) -> list[QWidget]:
        """Return the cards in order."""
        return list(self._cards)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange anew if another number of columns fits."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = max(1, (self.width() + theme.L) // (self._least + theme.L))
        if columns == self._columns:
            return
        for at in range(self._grid.columnCount()):
            self._grid.setColumnStretch(at, 0)
        self._columns = columns
        for at, card in enumerate(self._cards):
            self._grid.addWidget(card, at // columns, at % columns)
        for at in range(columns):
            self._grid.setColumnStretch(at, 1)
        for at in range(self._grid.rowCount()):
            self._grid.setRowStretch(at, 0)
        self._grid.setRowStretch(len(self._cards) // columns + 1, 1)
