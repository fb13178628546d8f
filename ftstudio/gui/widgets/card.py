"""Cards: a quiet surface with a thin border; a clickable one acts as a button for mouse, keys and screen readers."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from ftstudio.gui import theme
from ftstudio.gui.widgets.labels import section


class Card(QFrame):
    """A surface that holds one thing. Add to `body`; `heading` holds the title and whatever stands right of it."""

    def __init__(self, title: str = "", *, role: str = "card", margin: int = theme.L) -> None:
        super().__init__()
        self.setProperty("role", role)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(margin, margin, margin, margin)
        outer.setSpacing(theme.M)
        self.heading = QHBoxLayout()
        self.heading.setSpacing(theme.S)
        self.title_label = section(title)
        if title:
            self.heading.addWidget(self.title_label)
            self.heading.addStretch(1)
            outer.addLayout(self.heading)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.S)
        outer.addLayout(self.body, 1)

    def add(self, *widgets: QWidget) -> None:
        """Add widgets below each other."""
        for widget in widgets:
            self.body.addWidget(widget)


class ClickCard(Card):
    """A card that can be pressed (mouse, Enter, Space) and shown as selected."""

    clicked = Signal()

    def __init__(self, name: str, title: str = "") -> None:
        super().__init__(title)
        self.setProperty("clickable", True)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._pressed = False

    def set_selected(self, selected: bool) -> None:
        """Show whether this card is the chosen one."""
        theme.restyle(self, state="selected" if selected else "")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where the press began."""
        self._pressed = event.button() is Qt.MouseButton.LeftButton

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Count a press that ends inside as a click."""
        if self._pressed and self.rect().contains(event.position().toPoint()):
            self._pressed = False
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter and Space press the card."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)


def empty(layout: QLayout) -> None:
    """Remove and delete everything in a layout, inner layouts included."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        elif inner is not None:
            empty(inner)
