"""A small read-only table of names and figures: figures right-aligned and sortable, the first column takes the rest."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableWidget, QTableWidgetItem

from ftstudio.core.translation import tr
from ftstudio.gui import theme

PADDING = 20


class _Item(QTableWidgetItem):
    """A cell that is written as text and sorted by its value."""

    def __init__(self, text: str, value: object) -> None:
        super().__init__(text)
        self._value = value
        self.setToolTip(text)
        figure = isinstance(value, int | float)
        side = Qt.AlignmentFlag.AlignRight if figure else Qt.AlignmentFlag.AlignLeft
        self.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        if figure:
            self.setFont(theme.font())

    def __lt__(self, other: QTableWidgetItem) -> bool:
        mine, theirs = self._value, getattr(other, "_value", None)
        if isinstance(mine, int | float) and isinstance(theirs, int | float):
            return mine < theirs
        return self.text() < other.text()


class NumberTable(QTableWidget):
    """Rows of (text, value) cells under headers; `name` is what a screen reader calls it."""

    def __init__(self, name: str, headers: Sequence[str], *, sortable: bool = True) -> None:
        super().__init__(0, len(headers))
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)  # a row has room for one line: wrapping would hide the words after the first break
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.ROW)
        self.setHorizontalHeaderLabels(list(headers))
        head = self.horizontalHeader()
        head.setAccessibleName(tr("Columns"))
        head.setHighlightSections(False)
        head.setMinimumSectionSize(24)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        metrics = QFontMetrics(theme.font())
        for at, header in enumerate(headers[1:], start=1):
            head.resizeSection(at, max(metrics.horizontalAdvance(header), metrics.horizontalAdvance("0.000")) + PADDING)
        for at in range(len(headers)):
            side = Qt.AlignmentFlag.AlignRight if at else Qt.AlignmentFlag.AlignLeft
            item = self.horizontalHeaderItem(at)
            if item is not None:
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        head.setSortIndicatorClearable(True)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._sortable = sortable
        self.setProperty("plain", True)

    def show_rows(self, rows: Sequence[Sequence[tuple[str, object]]]) -> None:
        """Replace everything."""
        self.setSortingEnabled(False)
        self.setRowCount(len(rows))
        for at, cells in enumerate(rows):
            for column, (text, value) in enumerate(cells):
                item = _Item(text, value)
                if column == 0:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(at, column, item)
        self.setSortingEnabled(self._sortable)
        self.horizontalHeader().setSortIndicatorShown(False)

    def widen_columns(self) -> None:
        """Give every column but the first the room its cells and its header need."""
        metrics = QFontMetrics(theme.font())
        for column in range(1, self.columnCount()):
            items = (self.horizontalHeaderItem(column), *(self.item(at, column) for at in range(self.rowCount())))
            cells = [item.text() for item in items if item is not None]
            widest = max((metrics.horizontalAdvance(text) for text in cells), default=0) + PADDING
            self.horizontalHeader().resizeSection(column, max(widest, self.columnWidth(column)))

    def fit_height(self) -> None:
        """Take exactly the room that the rows need."""
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + self.rowCount() * theme.ROW + 4)
