"""The table widget over `RowsModel`: fixed rows, sensible widths, role chips in the header, copy with Ctrl+C."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView, QWidget

from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.gui import theme
from ftstudio.gui.tables.role_header import RoleHeader
from ftstudio.gui.tables.rows_model import Column, RowsModel

WEIGHTS = {ColumnRole.TEXT: 10, ColumnRole.TEXT_PAIR: 8, ColumnRole.IMAGE: 4}
NARROW, NUMBER = 104, 60


class RowsView(QTableView):
    """Shows `rows`; `role_chosen` comes from the header, `opened` with a row on Enter or a double click."""

    role_chosen = Signal(int, object)
    opened = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = RowsModel(self)
        self.setModel(self.rows)
        self.header = RoleHeader(self)
        self.setHorizontalHeader(self.header)
        self.header.role_chosen.connect(self.role_chosen)
        self.setAccessibleName(name)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setTabKeyNavigation(False)
        vertical = self.verticalHeader()
        vertical.hide()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(theme.ROW - 2)
        self.rows.modelReset.connect(self._share_width)
        self.activated.connect(lambda index: self.opened.emit(index.row()))

    def _share_width(self) -> None:
        """Give texts most of the room, numbers and codes what they need."""
        columns = self.rows.columns
        weights = [_weight(column, self.header.answer) for column in columns]
        chips = [max(NARROW, self.header.least_width(at)) for at in range(len(columns))]
        least = [NUMBER if column.is_number else chips[at] for at, column in enumerate(columns)]
        room = max(0, self.viewport().width() - sum(least))
        for at, weight in enumerate(weights):
            self.setColumnWidth(at, least[at] + room * weight // max(1, sum(weights)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width among the columns."""
        super().resizeEvent(event)
        self._share_width()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the selected rows as tab separated text; everything else moves about."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QApplication.clipboard().setText(self.selected_text())
        else:
            super().keyPressEvent(event)

    def selected_text(self) -> str:
        """Return the selected rows, tabs between cells, a header on top."""
        columns = [column.name for column in self.rows.columns]
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()})
        cells = (
            ("" if (value := self.rows.value(row, name)) is None else str(value) for name in columns) for row in chosen
        )
        return "\n".join(["\t".join(columns), *("\t".join(line) for line in cells)])


def _weight(column: Column, answer: Answer) -> int:
    """Return a column's share of the room that is left when all have what they need."""
    if column.is_number or not column.is_own:
        return 0
    if column.role is ColumnRole.LABEL and answer.writes:
        return WEIGHTS[ColumnRole.TEXT_PAIR]
    return WEIGHTS.get(column.role, 1) if column.role else 1
