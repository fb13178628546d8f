"""The browser's list: one card a model, drawn by a delegate so that hundreds scroll smoothly."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ftstudio.core.translation import tr
from ftstudio.gui import icons, theme
from ftstudio.gui.panels.model_entries import Entry

CARD = 84
GAP = 8
Index = QModelIndex | QPersistentModelIndex


class EntriesModel(QAbstractListModel):
    """The entries that are shown. `UserRole` gives the `Entry`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []
        self.in_use = ""

    def show_entries(self, entries: list[Entry], in_use: str) -> None:
        """Show `entries`; the model whose path is `in_use` is marked."""
        self.beginResetModel()
        self.entries, self.in_use = entries, in_use
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        """Return the number of entries."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return an entry, or its words for the screen reader."""
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.name}, {entry.facts}, {entry.verdict}"
        return str(entry.path) if role == Qt.ItemDataRole.ToolTipRole else None


class _CardDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, CARD + GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(Qt.ItemDataRole.UserRole)
        model = index.model()
        in_use = isinstance(model, EntriesModel) and model.in_use == str(entry.path)
        tokens = theme.current()
        rect: QRect = option.rect
        card = rect.adjusted(1, 1, -2, -GAP)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.accent if chosen else tokens.border), 2 if chosen else tokens.border_width))
        painter.setBrush(QColor(tokens.hover if hovered and not chosen else tokens.surface))
        painter.drawRoundedRect(card, theme.RADIUS, theme.RADIUS)
        _paint_words(painter, card.adjusted(theme.M, theme.S, -theme.M, -theme.S), entry, in_use)
        painter.restore()


def _paint_words(painter: QPainter, inner: QRect, entry: Entry, in_use: bool) -> None:
    tokens = theme.current()
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    third = inner.height() // 3
    lines = [QRect(inner.x(), inner.y() + third * at, inner.width(), third) for at in range(3)]
    painter.setFont(theme.font(theme.BODY, QFont.Weight.DemiBold))
    room = lines[0]
    if in_use:
        room = lines[0].adjusted(0, 0, -_paint_chip(painter, lines[0], tr("in use")), 0)
        painter.setFont(theme.font(theme.BODY, QFont.Weight.DemiBold))
    painter.setPen(QColor(tokens.text if entry.record else tokens.muted))
    painter.drawText(
        room, left, painter.fontMetrics().elidedText(entry.name, Qt.TextElideMode.ElideMiddle, room.width())
    )
    painter.setFont(theme.font(theme.SMALL))
    painter.setPen(QColor(tokens.muted))
    facts = painter.fontMetrics().elidedText(entry.facts, Qt.TextElideMode.ElideRight, inner.width())
    painter.drawText(lines[1], left, facts)
    icon, colour = ("check", "success") if entry.usable else ("minus", "muted") if entry.record else ("error", "danger")
    spot = QRect(inner.x(), lines[2].y() + (third - 14) // 2, 14, 14)
    icons.icon(icon, colour).paint(painter, spot)
    words = lines[2].adjusted(20, 0, 0, 0)
    painter.setPen(QColor(getattr(tokens, colour)))
    painter.drawText(
        words, left, painter.fontMetrics().elidedText(entry.verdict, Qt.TextElideMode.ElideRight, words.width())
    )


def _paint_chip(painter: QPainter, line: QRect, words: str) -> int:
    tokens = theme.current()
    painter.setFont(theme.font(theme.SMALL))
    width = painter.fontMetrics().horizontalAdvance(words) + 16
    chip = QRect(line.right() - width + 1, line.center().y() - 8, width, 18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.selected))
    painter.drawRoundedRect(chip, 9, 9)
    painter.setPen(QColor(tokens.accent))
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)
    return width + 8


class ModelList(QListView):
    """The list. `selected(Entry)` on every move, `use_asked(Entry)` on Enter or a double click."""

    selected = Signal(object)
    use_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown = EntriesModel(self)
        self.setModel(self.shown)
        self.setItemDelegate(_CardDelegate(self))
        self.setAccessibleName(tr("Models"))
        self.setProperty("role", "cards")
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentChanged.connect(lambda now, _: self._tell(now))
        self.activated.connect(lambda index: self.use_asked.emit(index.data(Qt.ItemDataRole.UserRole)))

    def show_entries(self, entries: list[Entry], in_use: str) -> None:
        """Show `entries` and keep the selection where it was, else on the model in use, else on the first."""
        before = self.current()
        self.shown.show_entries(entries, in_use)
        paths = [str(entry.path) for entry in entries]
        wanted = [str(before.path)] if before else []
        at = next((paths.index(path) for path in [*wanted, in_use] if path in paths), 0)
        self.setCurrentIndex(self.shown.index(at) if entries else QModelIndex())
        if not entries:
            self.selected.emit(None)

    def current(self) -> Entry | None:
        """Return the selected entry."""
        entry: Entry | None = self.currentIndex().data(Qt.ItemDataRole.UserRole)
        return entry

    def _tell(self, index: QModelIndex) -> None:
        self.selected.emit(index.data(Qt.ItemDataRole.UserRole))
