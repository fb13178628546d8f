"""The runs as a table for Qt: sorted and filtered here, named in place, each cell written by its column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from ftstudio.core.states import RunState
from ftstudio.core.translation import tr
from ftstudio.gui import icons, theme
from ftstudio.project.run_columns import RunColumn, columns, matching, ordered, written

if TYPE_CHECKING:
    from ftstudio.project.runs import RunSummary

Index = QModelIndex | QPersistentModelIndex
STAR, NAME, STATE, BEST = "star", "name", "state", "best"
STATE_ICONS = {
    RunState.PENDING: ("clock", "muted"),
    RunState.RUNNING: ("active", "accent"),
    RunState.PAUSED: ("pause", "accent"),
    RunState.FINISHED: ("done", "success"),
    RunState.STOPPED: ("stop", "muted"),
    RunState.INTERRUPTED: ("warning", "warning"),
    RunState.FAILED: ("error", "danger"),
}


class RunsModel(QAbstractTableModel):
    """The runs that fit the filter, in the order asked for. `renamed` carries a run's id and the name typed."""

    renamed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[RunSummary] = []
        self.shown: list[RunSummary] = []
        self._fits: Callable[[Sequence[RunSummary]], list[RunSummary]] = matching
        self.columns: list[RunColumn] = columns(lambda run: False)
        self._column, self._falling = self.place("started"), True
        self.may_write = False

    def place(self, key: str) -> int:
        """Return where the column `key` stands."""
        return next(at for at, column in enumerate(self.columns) if column.key == key)

    def show_runs(self, runs: Sequence[RunSummary], shown: list[RunColumn]) -> None:
        """Show these runs; the order and the filter stay."""
        self._all, self.columns = list(runs), shown
        self._arrange()

    def set_filter(self, words: str, states: Sequence[str], *, starred: bool) -> None:
        """Show only runs in one of `states` that have a star, if asked for, and every one of `words` in them."""
        self._fits = lambda runs: matching(runs, words, states, starred=starred)
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        if 0 <= column < len(self.columns):
            self._column, self._falling = column, order is Qt.SortOrder.DescendingOrder
            self._arrange()

    def _arrange(self) -> None:
        column = self.columns[self._column]
        arranged = ordered(self._fits(self._all), column, falling=self._falling)
        same_places = [run.id for run in arranged] == [run.id for run in self.shown]
        if same_places:
            self.shown = arranged
            if arranged:
                self.dataChanged.emit(self.index(0, 0), self.index(len(arranged) - 1, len(self.columns) - 1))
            return
        self.beginResetModel()
        self.shown = arranged
        self.endResetModel()

    def row_of(self, run_id: str) -> int:
        """Return the row of a run, -1 if it is not shown."""
        return next((at for at, run in enumerate(self.shown) if run.id == run_id), -1)

    # What Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Names can be edited in place, where the project may be changed."""
        flags = super().flags(index)
        if index.isValid() and self.may_write and self.columns[index.column()].key == NAME:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid() or index.row() >= len(self.shown):
            return None
        column, run = self.columns[index.column()], self.shown[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return _icon(column.key, run)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column) | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.EditRole:
            return run.name
        if role == Qt.ItemDataRole.FontRole:
            return theme.font() if column.is_number or column.key == "started" else None
        if role == Qt.ItemDataRole.DisplayRole:
            return "" if column.key == STAR else written(column, run)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return _tip(column, run)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take a name that was typed."""
        if not index.isValid() or role != Qt.ItemDataRole.EditRole:
            return False
        run = self.shown[index.row()]
        if str(value).strip() != run.name:
            self.renamed.emit(run.id, str(value).strip())
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the titles of the columns."""
        if orientation == Qt.Orientation.Vertical or section >= len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column) | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.DecorationRole and column.key == STAR:
            return icons.icon("star", "muted")
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return tr(column.title)
        if role != Qt.ItemDataRole.DisplayRole or column.key == STAR:
            return None
        return tr(column.short or column.title)


def _side(column: RunColumn) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft


def _icon(key: str, run: RunSummary) -> Any:
    if key == STAR:
        return icons.icon("star-filled", "warning") if run.notes.star else icons.icon("star", "edge")
    if key == STATE:
        return icons.icon(*STATE_ICONS[run.status.state])
    return None


def _tip(column: RunColumn, run: RunSummary) -> str:
    if column.key == STAR:
        return tr("starred") if run.notes.star else tr("no star")
    if column.key == STATE and run.status.message is not None:
        return " ".join(part.render() for part in (run.status.message, run.status.hint) if part is not None)
    if column.key == BEST and run.status.best is not None:
        best = run.status.best
        return tr("best {metric} {value} at step {step}").format(
            metric=best.metric, value=written(column, run), step=best.step
        )
    if column.key == "notes":
        return run.notes.notes
    return written(column, run)
