"""The imported rows: a table for texts, a grid for pictures, with filters by split, label and words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.row_words import name_rows
from ftstudio.core.specs import Answer, ColumnRole, Modality
from ftstudio.core.states import Split
from ftstudio.core.translation import number, tr, tr_plural
from ftstudio.datasets.store import Dataset
from ftstudio.gui import theme
from ftstudio.gui.forms.editors import QuietCombo
from ftstudio.gui.tables.dataset_rows import SPLIT_TITLES, DatasetRows, columns_of, shown
from ftstudio.gui.tables.grid import PictureGrid
from ftstudio.gui.tables.rows_view import RowsView
from ftstudio.gui.tables.thumbnail_files import ThumbnailFiles
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import caption
from ftstudio.project.layout import ProjectLayout

SEARCH_DELAY_MS = 200


class DataBrowser(QWidget):
    """Shows a `Dataset`. `role_chosen(str, object)` when a column's role is changed, `opened(Shown)` for one row."""

    role_chosen = Signal(str, object)
    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._only: Sequence[int] | None = None
        self._rows: DatasetRows | None = None
        self.table, self.grid = RowsView(tr("Rows of the data")), PictureGrid()
        self._views = QStackedWidget()
        self._views.addWidget(self.table)
        self._views.addWidget(self.grid)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEARCH_DELAY_MS)
        self._timer.timeout.connect(self.refresh)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(self._filters())
        column.addWidget(self._views, 1)
        self.table.role_chosen.connect(self._role_chosen)
        self.table.opened.connect(self._open)
        self.grid.opened.connect(self._open)
        self.table.selectionModel().currentChanged.connect(lambda now, _: self._open(now.row()))
        self.grid.selectionModel().currentChanged.connect(lambda now, _: self._open(now.row()))

    def _filters(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        self.split, self.label = QuietCombo(), QuietCombo()
        self.split.setAccessibleName(tr("Part"))
        self.label.setAccessibleName(tr("Label"))
        self.label.setMaximumWidth(180)
        self.split.addItem(tr("All parts"), None)
        for split in Split:
            self.split.addItem(tr(SPLIT_TITLES[split]), split)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search"))
        self.search.setAccessibleName(tr("Search the rows"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(240)
        self.chip = button("", icon="close", clicked=self.show_all, tip=tr("Show all rows again"))
        self.chip.hide()
        self.search.setMinimumWidth(80)
        self.counted = caption("")
        for widget in (self.split, self.label, self.search, self.chip):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.counted)
        self.split.activated.connect(lambda _: self.refresh())
        self.label.activated.connect(lambda _: self.refresh())
        self.search.textChanged.connect(lambda _: self._timer.start())
        return row

    def show_dataset(self, dataset: Dataset | None, roles: Sequence[ColumnRole] = ()) -> None:
        """Show a data set, or nothing; filters that still make sense stay. Columns can be given any of `roles`."""
        self._dataset = dataset
        if dataset is None:
            return
        chosen = self.label.currentData()
        self.label.clear()
        answer = dataset.answer
        self.label.addItem(tr("All kinds") if answer in (Answer.SPANS, Answer.BOXES) else tr("All labels"), None)
        self.label.setVisible(answer.has_named_labels)
        for label in sorted(dataset.label_counts(None)):
            self.label.addItem(label, label)
        self.label.setCurrentIndex(max(0, self.label.findData(chosen)))
        is_pictures = dataset.manifest.modality is Modality.IMAGE
        self._views.setCurrentWidget(self.grid if is_pictures else self.table)
        self.search.setVisible(not is_pictures)
        self.table.header.offer(roles, answer)
        self.refresh()

    def show_rows(self, rows: Sequence[int], what: str) -> None:
        """Show only some rows (numbers in the source), select them, and say what they are."""
        for box in (self.split, self.label):
            box.setCurrentIndex(0)
        self.search.clear()
        self._timer.stop()
        self._only = rows
        self.chip.setText(self.fontMetrics().elidedText(what, Qt.TextElideMode.ElideRight, 220))
        self.chip.setAccessibleName(name_rows(tr("Shown: {what}. Show all rows again")).format(what=what))
        self.chip.setToolTip(name_rows(tr("Show all rows again")))
        self.chip.setVisible(True)
        self.refresh()
        view = self._views.currentWidget()
        if isinstance(view, RowsView | PictureGrid) and len(rows):
            view.setFocus()
            view.selectAll()
            index = view.model().index(0, 0)
            view.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

    def show_all(self) -> None:
        """Take away the restriction to some rows."""
        self._only = None
        self.chip.hide()
        self.refresh()

    def refresh(self) -> None:
        """Find the rows that fit the filters and show them."""
        if self._dataset is None:
            return
        split, label = self.split.currentData(), self.label.currentData()
        places = self._dataset.find(split, label, self.search.text().strip(), self._only)
        self._rows = DatasetRows(self._dataset, np.asarray(places))
        if self._views.currentWidget() is self.grid:
            data = self._dataset.folder
            small = ThumbnailFiles(ProjectLayout(data.parent).cache / "thumbnails")
            self.grid.pictures.show_rows(self._rows, data, small)
        else:
            self.table.rows.show_rows(self._rows, columns_of(self._dataset))
        count = len(self._rows)
        self.counted.setText(name_rows(tr_plural("{count} row", "{count} rows", count)).format(count=number(count)))

    def places(self) -> list[int]:
        """Return the places in the stored table of the usable rows that are shown."""
        rows = self._rows
        if rows is None or self._dataset is None:
            return []
        usable = self._dataset.view.index[self._dataset.view.in_split(None)]
        return [int(place) for place in rows.places[np.isin(rows.places, usable)]]

    def current_place(self) -> int | None:
        """Return the place of the row that is chosen."""
        view = self._views.currentWidget()
        row = view.currentIndex().row() if isinstance(view, RowsView | PictureGrid) else -1
        return int(self._rows.places[row]) if self._rows is not None and 0 <= row < len(self._rows) else None

    def _role_chosen(self, column: int, role: ColumnRole | None) -> None:
        self.role_chosen.emit(self.table.rows.columns[column].name, role)

    def _open(self, row: int) -> None:
        if row < 0 or self._rows is None or self._dataset is None or row >= len(self._rows):
            return
        model = self.grid.pictures if self._views.currentWidget() is self.grid else self.table.rows
        self.opened.emit(shown(model.row_values(row), self._dataset.roles))
