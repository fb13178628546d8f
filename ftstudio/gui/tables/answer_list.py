"""The list of answers: one mark, text or small picture, truth and answer a row; smooth with any number of rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ftstudio.core.quantities import percent
from ftstudio.core.row_words import name_rows
from ftstudio.core.translation import number, tr
from ftstudio.gui import icons, theme
from ftstudio.gui.tables.answer_rows import AnswerRows
from ftstudio.gui.tables.paging import NO_ROWS, Paged
from ftstudio.gui.tables.thumbnails import Thumbnails

HEIGHT, EDGE, MARK = 52, 40, 16
LONGEST = 200

Index = QModelIndex | QPersistentModelIndex
MOVES = {Qt.Key.Key_J: Qt.Key.Key_Down, Qt.Key.Key_K: Qt.Key.Key_Up}


class AnswersModel(QAbstractListModel):
    """Rows of `AnswerRows`; nothing is read until a row is painted."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows, self._folder, self._count = NO_ROWS, Path(), 0
        self.thumbnails = Thumbnails(EDGE * 2, self)

    def show_rows(self, rows: AnswerRows | None, folder: Path) -> None:
        """Show answers whose pictures lie below `folder`; None shows nothing."""
        self.thumbnails.forget_wishes()
        self.beginResetModel()
        self._rows, self._folder = NO_ROWS if rows is None else Paged(rows), folder
        self._count = len(self._rows)  # a list asks for it once a row
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        """Return the number of answers."""
        return 0 if parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the words of a row, all it holds (`UserRole`), or its small picture."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role == Qt.ItemDataRole.DecorationRole:
            return self.thumbnails.get(self._folder / row["picture"]) if row["picture"] else None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{verdict(row)}. {one_line(row)}"
        return None


def one_line(row: dict[str, Any]) -> str:
    """Return the beginning of a row's text on one line, or the number of a picture's row."""
    if row["picture"]:
        return name_rows(tr("Row {number}")).format(number=number(row["row"]))
    return " ".join(str(row["text"])[:LONGEST].split())


def verdict(row: dict[str, Any]) -> str:
    """Say what is true and what the model said of a row."""
    share = percent(row["confidence"])
    if not row["known"]:
        return tr("{truth}, not known; best guess {label}, {share}").format(
            truth=row["truth"] or tr("no label"), label=row["prediction"], share=share
        )
    if row["right"]:
        return tr("{label}, right, {share}").format(label=row["prediction"], share=share)
    truth = row["truth"] or tr("no label")
    return tr("{truth} taken for {label}, {share}").format(truth=truth, label=row["prediction"], share=share)


class _AnswerDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, tokens = index.data(Qt.ItemDataRole.UserRole), theme.current()
        cell: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(cell, QColor(tokens.selected))
            painter.fillRect(QRect(cell.x(), cell.y(), 3, cell.height()), QColor(tokens.accent))
        left = cell.x() + theme.M
        mark = ("done", "success") if row["right"] else ("error", "danger")
        painter.drawPixmap(left, cell.y() + (HEIGHT - MARK) // 2, MARK, MARK, icons.pixmap(*mark, MARK))
        left += MARK + theme.S
        if row["picture"]:
            frame = QRect(left, cell.y() + (HEIGHT - EDGE) // 2, EDGE, EDGE)
            self._paint_picture(painter, frame, index.data(Qt.ItemDataRole.DecorationRole))
            left += EDGE + theme.S
        self._paint_words(painter, QRect(left, cell.y(), cell.right() - left - theme.S, HEIGHT), row)
        painter.restore()

    def _paint_picture(self, painter: QPainter, frame: QRect, picture: QPixmap | None) -> None:
        if picture is None or picture.isNull():
            painter.fillRect(frame, theme.current().color("sunken"))
            return
        size = picture.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(frame.topLeft(), size)
        place.moveCenter(frame.center())
        painter.drawPixmap(place, picture)

    def _paint_words(self, painter: QPainter, room: QRect, row: dict[str, Any]) -> None:
        tokens = theme.current()
        lines = ((theme.BODY, tokens.text, one_line(row)), (theme.SMALL, tokens.muted, verdict(row)))
        height = HEIGHT // 2 - 6
        for at, (size, colour, words) in enumerate(lines):
            font = theme.font(size)
            painter.setFont(font)
            painter.setPen(QColor(colour))
            place = QRect(room.x(), room.y() + 6 + at * height, room.width(), height)
            elided = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, elided)


class AnswerList(QListView):
    """The list itself. Arrow keys, J and K, Home and End go from row to row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.answers = AnswersModel(self)
        self.setModel(self.answers)
        self.setItemDelegate(_AnswerDelegate(self))
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.SinglePass)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Samples"))
        self.answers.thumbnails.ready.connect(lambda _: self.viewport().update())
        theme.notifier().changed.connect(self.viewport().update)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let J and K be arrow keys; letters do not search, because there may be many rows to read."""
        if event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            key = MOVES.get(Qt.Key(event.key()))
            if key is not None:
                self.step(1 if key == Qt.Key.Key_Down else -1)
                return
            if event.text().strip():
                event.ignore()
                return
        super().keyPressEvent(event)

    def step(self, by: int) -> None:
        """Go some rows on, or back."""
        row = min(max(0, self.currentIndex().row() + by), self.answers.rowCount() - 1)
        if row >= 0:
            self.setCurrentIndex(self.answers.index(row))
