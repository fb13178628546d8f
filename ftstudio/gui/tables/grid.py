"""Pictures with their labels as a grid, smooth with 100 000 of them: cells of one size, pictures decoded when seen."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ftstudio.core.translation import tr
from ftstudio.gui.tables import picture_cell
from ftstudio.gui.tables.paging import NO_ROWS, Paged, Rows
from ftstudio.gui.tables.thumbnail_files import ThumbnailFiles
from ftstudio.gui.tables.thumbnails import Thumbnails

Index = QModelIndex | QPersistentModelIndex


class PicturesModel(QAbstractListModel):
    """Pictures with `#image` (a path below the data folder) and `#label`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = NO_ROWS
        self._folder = Path()
        self.thumbnails = Thumbnails(picture_cell.EDGE, self)

    def show_rows(self, rows: Rows, folder: Path, files: ThumbnailFiles | None = None) -> None:
        """Show the pictures of `rows`, whose paths are relative to `folder`; `files` keep small ones on disk."""
        self.thumbnails.forget_wishes()
        self.thumbnails.files = files
        self.beginResetModel()
        self._rows, self._folder = Paged(rows), folder
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        """Return the number of pictures."""
        return 0 if parent.isValid() else len(self._rows)

    def path(self, row: int) -> Path:
        """Return where the picture of a row lies."""
        return self._folder / str(self._rows[row].get("#image") or "")

    def row_values(self, row: int) -> dict[str, Any]:
        """Return all values of a row by column name."""
        return self._rows[row]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a picture's label, tool tip, or the picture itself."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DecorationRole:
            return self.kept(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.label(index.row())
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{self.label(index.row())}\n{self.path(index.row()).name}"
        return None

    def key(self, row: int) -> str:
        """Return what the small picture of a row is known by."""
        return str(self.path(row))

    def kept(self, row: int) -> QPixmap | None:
        """Return the small picture of a row, a null one if it cannot be read, None where it is not there yet."""
        return self.thumbnails.kept(self.key(row))

    def label(self, row: int) -> str:
        """Return a row's label as people read it."""
        return str(self._rows[row].get("#words") or self._rows[row].get("#label") or tr("no label"))


class PictureGrid(QListView):
    """The grid itself; `pictures` is its model. `opened(int)` on Enter or a double click.

    It paints all cells in one go and not through a delegate: each call from Qt to Python waits for the threads that
    decode, and a screen has a hundred cells. Nothing is read while it paints; what is on the screen is wished for
    afterwards, and what has been scrolled past no more.
    """

    opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = PicturesModel(self)
        self._seen: dict[str, int] = {}
        self._wishing = QTimer(self)
        self._wishing.setSingleShot(True)
        self._wishing.timeout.connect(self._wish)
        self.setModel(self.pictures)
        self.setItemDelegate(_CellSize(self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(tr("Pictures"))
        self.activated.connect(lambda index: self.opened.emit(index.row()))
        self.pictures.thumbnails.ready.connect(self._show_picture)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures in what is to be painted, with their labels."""
        self._wishing.start()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        chosen = self.selectionModel()
        for row in self._rows_in(event.rect()):
            index = self.pictures.index(row)
            cell = self.visualRect(index)
            if event.region().intersects(cell):
                picture_cell.paint(
                    painter,
                    cell,
                    self.pictures.kept(row),
                    self.pictures.label(row),
                    is_chosen=chosen.isSelected(index),
                )
        painter.end()

    def _rows_in(self, area: QRect) -> range:
        """Return the rows of which a part may lie in `area` of the viewport."""
        first = bisect_left(range(self.pictures.rowCount()), area.top(), key=self._bottom)
        last = bisect_right(range(self.pictures.rowCount()), area.bottom(), key=self._top)
        return range(first, last)

    def _bottom(self, row: int) -> int:
        return self.visualRect(self.pictures.index(row)).bottom()

    def _top(self, row: int) -> int:
        return self.visualRect(self.pictures.index(row)).top()

    def _wish(self) -> None:
        """Ask for the pictures on the screen, those above first."""
        self._seen = {self.pictures.key(row): row for row in self._rows_in(self.viewport().rect())}
        self.pictures.thumbnails.want(list(self._seen))

    def _show_picture(self, key: str) -> None:
        row = self._seen.get(key, -1)
        if 0 <= row < self.pictures.rowCount():
            self.update(self.pictures.index(row))


class _CellSize(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return picture_cell.SIZE
