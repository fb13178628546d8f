"""The table of runs: chosen by mouse or keyboard, named in place, starred with Space, deleted with Delete."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.tables.runs_model import NAME, STAR, STATE, RunsModel

Key = Qt.Key
_OWN_KEYS = frozenset({Key.Key_F2, Key.Key_Delete, Key.Key_Backspace, Key.Key_Space})
PADDING, TEXT_PADDING = 26, 30
ICON_ROOM = 24
HIDDEN_FIRST = ("steps", "epochs", "time", "notes", "learning_rate", "method")
"""What a narrow table goes without, the first of them first; all of it stands under the table, too."""
STAR_WIDTH = 36
LEAST_NAME, LEAST_NOTES = 150, 90
SETTLE_MS = 60


class RunsView(QTableView):
    """`chosen` follows the selection once it has settled; the other signals ask for something to be done with it."""

    chosen = Signal()
    opened = Signal(str)
    star_asked = Signal(object)
    delete_asked = Signal()
    edit_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = RunsModel(self)
        self.setModel(self.runs)
        self.setAccessibleName(tr("Runs"))
        self.setAccessibleDescription(tr("Space: star. F2: rename. Delete: to the trash. Enter: look at the result."))
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setTabKeyNavigation(False)
        self._dress_headers()
        self._remembered: list[str] = []
        self._current = ""
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.chosen)
        self.runs.modelAboutToBeReset.connect(self._remember)
        self.runs.modelReset.connect(self._restore)
        self.selectionModel().selectionChanged.connect(lambda *_: self._settle.start())
        self.doubleClicked.connect(self._open)
        # The view still counts as edited when its delegate says that it is over.
        self.itemDelegate().closeEditor.connect(lambda *_: QTimer.singleShot(0, self.edit_ended.emit))

    def _dress_headers(self) -> None:
        vertical, head = self.verticalHeader(), self.horizontalHeader()
        vertical.hide()
        head.setAccessibleName(tr("Columns"))
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(theme.ROW - 2)
        head.setHighlightSections(False)
        head.setMinimumSectionSize(STAR_WIDTH)
        head.setSortIndicator(self.runs.place("started"), Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)

    # Which runs are chosen

    def chosen_ids(self) -> list[str]:
        """Return the ids of the selected runs, from top to bottom."""
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        return [self.runs.shown[row].id for row in rows if row < len(self.runs.shown)]

    def choose(self, run_ids: Sequence[str]) -> None:
        """Select these runs, those that are shown, and make the first of them current."""
        rows = [row for row in (self.runs.row_of(run_id) for run_id in run_ids) if row >= 0]
        selection = QItemSelection()
        for row in rows:
            selection.select(self.runs.index(row, 0), self.runs.index(row, self.runs.columnCount() - 1))
        how = QItemSelectionModel.SelectionFlag
        if rows:
            current = self.runs.index(rows[0], self.runs.place(NAME))
            self.selectionModel().setCurrentIndex(current, how.NoUpdate)
        self.selectionModel().select(selection, how.ClearAndSelect | how.Rows)
        self._settle.start()

    def _remember(self) -> None:
        self._remembered = self.chosen_ids()
        row = self.currentIndex().row()
        self._current = self.runs.shown[row].id if 0 <= row < len(self.runs.shown) else ""

    def _restore(self) -> None:
        self._share_width()
        first = [self._current] if self._current in self._remembered else []
        self.choose([*first, *(run_id for run_id in self._remembered if run_id not in first)])

    # What is asked for

    def rename(self) -> None:
        """Type another name for the current run."""
        row = self.currentIndex().row()
        if row >= 0:
            self.edit(self.runs.index(row, self.runs.place(NAME)))

    @property
    def is_edited(self) -> bool:
        """Whether a name is being typed: showing the runs anew would put the old one back into the field."""
        return self.state() is QAbstractItemView.State.EditingState

    def _open(self, index: QModelIndex) -> None:
        if self.runs.columns[index.column()].key == NAME:
            self.rename()
        elif self.runs.columns[index.column()].key != STAR:
            self.opened.emit(self.runs.shown[index.row()].id)

    def event(self, event: QEvent) -> bool:
        """Take the keys that mean something here before a menu of the window does."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride and event.key() in _OWN_KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the key says with the chosen runs; everything else moves about."""
        key = Key(event.key())
        if self.is_edited:
            super().keyPressEvent(event)  # what ends the typing of a name comes here, too
        elif key == Key.Key_F2:
            self.rename()
        elif key == Key.Key_Space:
            self.star_asked.emit(self.chosen_ids())
        elif key in (Key.Key_Delete, Key.Key_Backspace):
            self.delete_asked.emit()
        elif key in (Key.Key_Return, Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.runs.shown[self.currentIndex().row()].id)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on a star gives or takes it and chooses nothing."""
        index = self.indexAt(event.position().toPoint())
        on_star = index.isValid() and self.runs.columns[index.column()].key == STAR
        if on_star and event.button() is Qt.MouseButton.LeftButton and not event.modifiers():
            self.star_asked.emit([self.runs.shown[index.row()].id])
            return
        super().mousePressEvent(event)

    # Widths

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width among the columns."""
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        """Give every column what its title and a usual cell need, and the rest to names and notes."""
        metrics = QFontMetrics(theme.font())
        needs = [self._need(at, metrics) for at in range(self.runs.columnCount())]
        room = self.viewport().width()
        hidden: set[int] = set()
        for place in map(self.runs.place, HIDDEN_FIRST):
            if sum(needs) - sum(needs[at] for at in hidden) > room:
                hidden.add(place)
        spare = max(0, room - sum(width for at, width in enumerate(needs) if at not in hidden))
        name, notes = self.runs.place(NAME), self.runs.place("notes")
        needs[name] += spare if notes in hidden else spare // 2
        needs[notes] += spare - spare // 2
        for at, width in enumerate(needs):
            self.setColumnHidden(at, at in hidden)
            self.setColumnWidth(at, width)

    def _need(self, at: int, metrics: QFontMetrics) -> int:
        column = self.runs.columns[at]
        if column.key == STAR:
            return STAR_WIDTH
        if column.key in (NAME, "notes"):
            return LEAST_NAME if column.key == NAME else LEAST_NOTES
        usual = {
            STATE: tr("interrupted"),
            "started": "2026-11-28 10:42",
            "method": tr("Top layers"),
            "time": "59 min 59 s",
            "learning_rate": "0.00005",
        }
        widest = max(
            metrics.horizontalAdvance(tr(column.short or column.title)),
            metrics.horizontalAdvance(usual.get(column.key, "0.000")),
        )
        padding = PADDING if column.is_number else TEXT_PADDING
        return widest + padding + (ICON_ROOM if column.key == STATE else 0)
