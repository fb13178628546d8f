"""A table of a million rows for Qt, read in pages: only what is on the screen is touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ftstudio.core.specs import ColumnRole
from ftstudio.core.translation import number, tr
from ftstudio.gui.tables.paging import NO_ROWS, Paged, Rows
from ftstudio.gui.tables.roles import role_title

LONGEST_CELL = 400
LONGEST_TIP = 2000
IS_OWN = Qt.ItemDataRole.UserRole + 1

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Column:
    """One column as shown: `name` in the row, `title` for the header, and the role it plays, if any.

    A column that is not the user's own (`#row`, `#split`) cannot be given a role.
    """

    name: str
    title: str
    role: ColumnRole | None = None
    is_number: bool = False

    @property
    def is_own(self) -> bool:
        """Whether it is a column of the user's data."""
        return not self.name.startswith("#")


class RowsModel(QAbstractTableModel):
    """Rows as a table. Cells are shown on one line; the tool tip has the whole text."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = NO_ROWS
        self._columns: list[Column] = []

    def show_rows(self, rows: Rows, columns: list[Column]) -> None:
        """Show `columns` of `rows`; nothing is read until a row is painted."""
        self.beginResetModel()
        self._rows, self._columns = Paged(rows), columns
        self.endResetModel()

    @property
    def columns(self) -> list[Column]:
        """The columns shown, from left to right."""
        return self._columns

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column())
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        value = self.value(index.row(), self._columns[index.column()].name)
        return _tip(value) if role == Qt.ItemDataRole.ToolTipRole else _line(value)

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        is_number = self._columns[column].is_number
        side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title; `UserRole` gives its `ColumnRole` for the chip in the header."""
        if orientation == Qt.Orientation.Vertical:
            return None
        column = self._columns[section] if section < len(self._columns) else Column("", "")
        if role == Qt.ItemDataRole.UserRole:
            return column.role
        if role == IS_OWN:
            return column.is_own
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
        if role == Qt.ItemDataRole.AccessibleTextRole and column.role:
            return f"{column.title}, {role_title(column.role)}"
        return column.title if role == Qt.ItemDataRole.DisplayRole else None

    def value(self, row: int, name: str) -> Any:
        """Return the value of one cell."""
        return self._rows[row].get(name)

    def row_values(self, row: int) -> dict[str, Any]:
        """Return all values of a row by column name."""
        return self._rows[row]


def _line(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    return " ".join(_words(value, LONGEST_CELL).split())


def _tip(value: Any) -> str:
    return tr("empty") if value is None or value == "" else _words(value, LONGEST_TIP)


def _words(value: Any, longest: int) -> str:
    words = ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
    return words if len(words) <= longest else words[:longest] + "…"
