"""A table header whose columns carry their role as a chip; a click (or Space) opens the menu that changes it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QWidget

from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.tables.roles import role_help, role_title
from ftstudio.gui.tables.rows_model import IS_OWN

HEIGHT = 52


class RoleHeader(QHeaderView):
    """Column titles above role chips. `role_chosen(int, object)` gives the column and its new role or None."""

    role_chosen = Signal(int, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._offered: tuple[ColumnRole, ...] = ()
        self._answer = Answer.LABEL
        self._pressed = -1
        self.setSectionsClickable(False)
        self.setHighlightSections(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Columns and their roles"))
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)

    def offer(self, roles: Sequence[ColumnRole], answer: Answer = Answer.LABEL) -> None:
        """Let the user choose among `roles`, named for labels of this kind; none makes the header plain."""
        self._offered, self._answer = tuple(roles), answer
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if roles else Qt.CursorShape.ArrowCursor)
        self.viewport().update()

    def sizeHint(self) -> QSize:
        """Leave room for a title and a chip below it."""
        return QSize(super().sizeHint().width(), HEIGHT)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803 (Qt's name)
        """Draw one column's title and chip."""
        if not rect.isValid():
            return
        tokens = theme.current()
        role = self._role(logicalIndex)
        painter.save()
        painter.fillRect(rect, QColor(tokens.surface))
        painter.setPen(QColor(tokens.border))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        inner = rect.adjusted(theme.S + 3, 6, -theme.S - 3, -6)
        painter.setFont(
            theme.font(theme.SMALL, painter.font().Weight.DemiBold if role else painter.font().Weight.Normal)
        )
        painter.setPen(QColor(tokens.text if role else tokens.muted))
        title = str(self.model().headerData(logicalIndex, Qt.Orientation.Horizontal) or "")
        title = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, inner.width())
        side = self.model().headerData(logicalIndex, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        painter.drawText(inner, (side or Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignTop, title)
        if role or (self._offered and self._is_own(logicalIndex)):
            self._paint_chip(painter, inner, role)
        painter.restore()

    def _paint_chip(self, painter: QPainter, inner: QRect, role: ColumnRole | None) -> None:
        tokens = theme.current()
        painter.setFont(theme.font(theme.SMALL))
        words = self._words(role)
        words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, inner.width() - 12)
        width = min(inner.width(), painter.fontMetrics().horizontalAdvance(words) + 16)
        chip = QRect(inner.left(), inner.bottom() - 19, width, 20)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.selected if role else tokens.sunken))
        painter.drawRoundedRect(chip, 10, 10)
        painter.setPen(QColor(tokens.accent if role else tokens.muted))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)

    def _words(self, role: ColumnRole | None) -> str:
        return (role_title(role, self._answer) if role else tr("not used")) + ("  ▾" if self._offered else "")

    def least_width(self, column: int) -> int:
        """Return the pixels that a column needs for its chip to be read whole."""
        role = self._role(column)
        if not role and not (self._offered and self._is_own(column)):
            return 0
        return QFontMetrics(theme.font(theme.SMALL)).horizontalAdvance(self._words(role)) + 16 + 2 * (theme.S + 3)

    @property
    def answer(self) -> Answer:
        """Which kind of label the columns are named for."""
        return self._answer

    def _role(self, column: int) -> ColumnRole | None:
        role = self.model().headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.UserRole)
        return role if isinstance(role, ColumnRole) else None

    def _is_own(self, column: int) -> bool:
        return bool(self.model().headerData(column, Qt.Orientation.Horizontal, IS_OWN))

    def mousePressEvent(self, e: QMouseEvent) -> None:
        """Remember which column was pressed; dragging an edge still resizes."""
        self._pressed = self.logicalIndexAt(e.position().toPoint())
        super().mousePressEvent(e)

    def mouseReleaseEvent(self, e: QMouseEvent) -> None:
        """Open the menu for a click inside one column."""
        super().mouseReleaseEvent(e)
        column = self.logicalIndexAt(e.position().toPoint())
        resizing = self.cursor().shape() is Qt.CursorShape.SplitHCursor
        if column >= 0 and column == self._pressed and not resizing:
            self.open_menu(column)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the menu of the table's current column with Space, Enter or the menu key."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Menu):
            view = self.parent()
            at = view.currentIndex().column() if isinstance(view, QAbstractItemView) else 0
            self.open_menu(max(0, at))
        else:
            super().keyPressEvent(event)

    def open_menu(self, column: int) -> None:
        """Open the menu of roles under a column."""
        if self._offered and self._is_own(column):
            menu = self.menu(column)
            menu.popup(self.viewport().mapToGlobal(QPoint(self.sectionViewportPosition(column), self.height())))

    def menu(self, column: int) -> QMenu:
        """Return the menu of roles for a column."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        present = self._role(column)
        for role in (*self._offered, None):
            action = menu.addAction(role_title(role, self._answer) if role else tr("Not used"))
            action.setToolTip(role_help(role, self._answer) if role else "")
            action.setCheckable(True)
            action.setChecked(role == present)
            action.triggered.connect(lambda _=False, chosen=role: self.role_chosen.emit(column, chosen))
        return menu
