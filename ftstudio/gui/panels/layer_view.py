"""The tree of the layer map: how it is drawn, and every way to change what learns by mouse and keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QColor, QContextMenuEvent, QIcon, QKeyEvent, QKeySequence, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from ftstudio.core.translation import tr
from ftstudio.gui import icons, theme
from ftstudio.gui.panels.layer_model import KIND, MEMORY, NAME, NODE, PARAMETERS, SHARE, STATE, LayerModel
from ftstudio.gui.panels.layer_nodes import MODULE, Node

Index = QModelIndex | QPersistentModelIndex
STATE_ICONS = {"frozen": ("lock", "muted"), "learning": ("active", "accent"), "adapter": ("plus", "accent")}
BAR, INSET, ICON, FIGURE = 8, 8, 16, 56


class LayerDelegate(QStyledItemDelegate):
    """Draws the memory as a bar with its figure, and the state as an icon with its word."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Give the state its icon, and words their weight."""
        super().initStyleOption(option, index)
        node: Node = index.data(NODE)
        if index.column() == NAME:
            option.textElideMode = Qt.TextElideMode.ElideLeft  # the numbers at the end tell blocks apart
        if index.column() == STATE:
            name, role = STATE_ICONS.get(node.state, ("minus", "accent"))
            option.icon = QIcon(icons.pixmap(name, role, ICON))
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
        if index.column() == KIND or (index.column() == NAME and node.kind == MODULE):
            option.palette.setColor(option.palette.ColorRole.Text, QColor(theme.current().muted))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Ask for rows that are easy to hit."""
        return QSize(super().sizeHint(option, index).width(), theme.TARGET)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a cell."""
        super().paint(painter, option, index)
        if index.column() != MEMORY:
            return
        tokens, node = theme.current(), index.data(NODE)
        place = QRectF(option.rect)
        left, room = place.left() + FIGURE, place.width() - FIGURE - INSET
        bar = QRectF(left, place.center().y() - BAR / 2, max(2.0, room * index.data(SHARE)), BAR)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.edge if node.state == "frozen" else tokens.accent))
        radius = min(BAR, bar.width()) / 2
        painter.drawRoundedRect(bar, radius, radius)
        painter.restore()


class LayerView(QTreeView):
    """Emits `toggled(parts, learn)`: names of parts, and whether they shall learn from now on (True) or rest.

    A click on the state, Space, or the context menu change what is selected; Shift and Ctrl select as in any list.
    """

    toggled = Signal(list, bool)
    chosen = Signal(list)

    def __init__(self, model: LayerModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layers = model
        self.setModel(model)
        self.setItemDelegate(LayerDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setExpandsOnDoubleClick(True)
        self.setIndentation(18)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Layer map"))
        self.setAccessibleDescription(
            tr("The parts of the model from output to input. Space changes whether the selected parts learn.")
        )
        self._lay_out_columns()

    def _lay_out_columns(self) -> None:
        head = self.header()
        head.setAccessibleName(tr("Columns of the layer map"))
        head.setStretchLastSection(False)
        head.setSectionsMovable(False)
        head.setMinimumSectionSize(40)
        for column, width in ((KIND, 104), (PARAMETERS, 88), (MEMORY, 100), (STATE, 148)):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            head.resizeSection(column, width)
        head.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)

    def selected_parts(self) -> list[str]:
        """Return the names of the parts in the selected rows, each once."""
        names: dict[str, None] = {}
        for index in self.selectionModel().selectedRows():
            names |= dict.fromkeys(index.data(NODE).parts)
        return list(names)

    def learning_parts(self) -> list[str]:
        """Return the names of the parts that learn now, from output to input."""
        nodes = [index.data(NODE) for index in self.layers.part_rows()]
        return [node.name for node in nodes if node.state != "frozen"]

    def all_parts(self) -> list[str]:
        """Return the names of all parts, from output to input."""
        return [index.data(NODE).name for index in self.layers.part_rows()]

    def toggle(self, parts: list[str]) -> None:
        """Let `parts` learn if one of them rests, else let them rest."""
        if parts:
            self.toggled.emit(parts, not set(parts) <= set(self.learning_parts()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select as in any list; on the state change the row, too, or with Shift and Ctrl all that is then selected."""
        index = self.indexAt(event.position().toPoint())
        super().mousePressEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and index.isValid() and index.column() == STATE:
            self.toggle(self.selected_parts() if event.modifiers() else list(index.data(NODE).parts))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Count the second press on the state as a press of its own."""
        if self.indexAt(event.position().toPoint()).column() == STATE:
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Space change what is selected, and Ctrl+A select every part."""
        if event.key() == Qt.Key.Key_Space and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            self.toggle(self.selected_parts())
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self._select_all_parts()
        else:
            super().keyPressEvent(event)

    def _select_all_parts(self) -> None:
        rows = QItemSelection()
        stages = [self.layers.index(at, NAME) for at in range(self.layers.rowCount())]
        for index in [*stages, *self.layers.part_rows()]:
            rows.select(index, index.siblingAtColumn(STATE))
        self.selectionModel().select(rows, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def viewportEvent(self, event: QEvent) -> bool:
        """Show a hand over the states: they can be clicked."""
        if event.type() is QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            over = self.indexAt(event.position().toPoint())
            hand = over.isValid() and over.column() == STATE
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)
        return super().viewportEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the selected parts (also by the menu key)."""
        menu = self.make_menu()
        if menu is not None:
            place = self.visualRect(self.currentIndex()).bottomLeft()
            by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
            menu.exec(self.viewport().mapToGlobal(place) if by_key else event.globalPos())
            menu.deleteLater()

    def make_menu(self) -> QMenu | None:
        """Return the context menu for the selected parts; None where none is selected."""
        selected, everything = self.selected_parts(), self.all_parts()
        if not selected:
            return None
        places = [everything.index(name) for name in selected]
        above, below = everything[: max(places) + 1], everything[min(places) :]
        menu = QMenu(self)
        self._add(menu, tr("Let it learn"), lambda: self.toggled.emit(selected, True))
        self._add(menu, tr("Let it rest"), lambda: self.toggled.emit(selected, False))
        menu.addSeparator()
        self._add(menu, tr("This and all above learn, the rest is frozen"), lambda: self.chosen.emit(above))
        self._add(menu, tr("Freeze this and all below"), lambda: self.toggled.emit(below, False))
        self._add(menu, tr("Let this and all below learn"), lambda: self.toggled.emit(below, True))
        menu.addSeparator()
        self._add(menu, tr("Everything learns"), lambda: self.chosen.emit(everything))
        self._add(menu, tr("Select all"), self._select_all_parts)
        return menu

    def _add(self, menu: QMenu, words: str, do: Callable[[], object]) -> QAction:
        action = menu.addAction(words)
        action.triggered.connect(lambda *_: do())
        return action
