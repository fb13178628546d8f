"""What was asked of the chosen runs, side by side: only what differs, or everything."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHeaderView,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ftstudio.core.setting_words import value_in_words
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.widgets.labels import muted
from ftstudio.planning.settings_differences import SettingRow, side_by_side
from ftstudio.project.runs import RunSummary

TITLE_WIDTH = 220
LEAST_WIDTH = 120


class SettingsTable(QWidget):
    """One line a setting, one column a run."""

    def __init__(self) -> None:
        super().__init__()
        self._runs: list[RunSummary] = []
        self.everything = QCheckBox(tr("Show all settings, not only those that differ"))
        self.everything.toggled.connect(lambda _: self._fill())
        self.table = QTableWidget(0, 0)
        self.table.setAccessibleName(tr("Settings side by side"))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(theme.ROW - 2)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setAccessibleName(tr("Runs"))
        self.same = muted(tr("These runs have the same settings, model and data; chance alone tells them apart."))
        self.same.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.same)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(self.everything)
        column.addWidget(self.stack, 1)

    def show_runs(self, runs: Sequence[RunSummary]) -> None:
        """Show the settings of these runs; those of a single one are all shown."""
        self._runs = list(runs)
        self.everything.setVisible(len(runs) > 1)
        self._fill()

    def _fill(self) -> None:
        single = len(self._runs) < 2
        rows = side_by_side(self._runs, everything=single or self.everything.isChecked())
        self.stack.setCurrentIndex(0 if rows or single else 1)
        self.table.setRowCount(len(rows))
        self.table.setColumnCount(1 + len(self._runs))
        self.table.setHorizontalHeaderLabels([tr("Setting"), *(run.name for run in self._runs)])
        for at, row in enumerate(rows):
            self._put(at, 0, tr(row.title))
            for column, words in enumerate(_words(row), start=1):
                self._put(at, column, words, bold=row.differs and not single)
        self._share_width()

    def _put(self, row: int, column: int, words: str, *, bold: bool = False) -> None:
        item = QTableWidgetItem(words)
        item.setToolTip(words)
        if bold and self.everything.isChecked():
            item.setFont(theme.font(weight=QFont.Weight.DemiBold))
        self.table.setItem(row, column, item)

    def _share_width(self) -> None:
        head = self.table.horizontalHeader()
        head.setMinimumSectionSize(LEAST_WIDTH)
        for column in range(self.table.columnCount()):
            fixed = column == 0
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed if fixed else QHeaderView.ResizeMode.Stretch)
            item = self.table.horizontalHeaderItem(column)
            if item is not None:
                item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
                item.setToolTip(item.text())
        if self.table.columnCount():
            head.resizeSection(0, TITLE_WIDTH)


def _words(row: SettingRow) -> list[str]:
    """Write the values of a row as a person reads them; – where a run did not use the setting."""
    if row.field is None:
        return ["–" if value is None else str(value) for value in row.values]
    return ["–" if value is None else value_in_words(row.field, value) for value in row.values]
