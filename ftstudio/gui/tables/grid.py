"""Pictures with their labels as a grid, smooth with 100 000 of them: fixed cells, pictures decoded when seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.tables.paging import NO_ROWS, Paged, Rows
from ftstudio.gui.tables.thumbnails import Thumbnails

EDGE = 120
PADDING = 8
CAPTION = 20

Index = QModelIndex | QPersistentModelIndex


class PicturesModel(QAbstractListModel):
    """Pictures with `#image` (a path below the data folder) and `#label`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = NO_ROWS
        self._folder = Path()
        self.thumbnails = Thumbnails(EDGE, self)

    def show_rows(self, rows: Rows, folder: Path) -> None:
        """Show the pictures of `rows`, whose paths are relative to `folder`."""
        self.thumbnails.forget_wishes()
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
            return self.thumbnails.get(self.path(index.row()))
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._label(index.row())
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{self._label(index.row())}\n{self.path(index.row()).name}"
        return None

    def _label(self, row: int) -> str:
        return str(self._rows[row].get("#words") or self._rows[row].get("#label") or tr("no label"))


class _PictureDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(EDGE + 2 * PADDING, EDGE + CAPTION + 2 * PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = theme.current()
        cell: QRect = option.rect.adjusted(2, 2, -2, -2)
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(QColor(tokens.accent))
            painter.setBrush(QColor(tokens.sunken))
            painter.drawRoundedRect(cell, 6, 6)
        frame = QRect(cell.x() + PADDING - 2, cell.y() + PADDING - 2, EDGE, EDGE)
        self._paint_picture(painter, frame, index.data(Qt.ItemDataRole.DecorationRole))
        painter.setPen(QColor(tokens.text))
        caption = QRect(frame.x(), frame.bottom() + 4, EDGE, CAPTION)
        words = painter.fontMetrics().elidedText(str(index.data() or ""), Qt.TextElideMode.ElideRight, EDGE)
        painter.drawText(caption, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()

    def _paint_picture(self, painter: QPainter, frame: QRect, picture: QPixmap | None) -> None:
        tokens = theme.current()
        if picture is not None and not picture.isNull():
            place = QRect(QPoint(), picture.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio))
            place.moveCenter(frame.center())
            painter.drawPixmap(place, picture)
            return
        painter.fillRect(frame, QColor(tokens.sunken))
        painter.setPen(QColor(tokens.muted if picture is None else tokens.danger))
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, "" if picture is None else tr("cannot be read"))


class PictureGrid(QListView):
    """The grid itself; `pictures` is its model. `opened(int)` on Enter or a double click."""

    opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = PicturesModel(self)
        self.setModel(self.pictures)
        self.setItemDelegate(_PictureDelegate(self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(tr("Pictures"))
        self.activated.connect(lambda index: self.opened.emit(index.row()))
        self.pictures.thumbnails.ready.connect(lambda _: self.viewport().update())
