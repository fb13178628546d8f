"""A group that folds: a heading one clicks (or presses Space on) to show or hide what is below."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ftstudio.gui import icons

NARROWEST = 80
BESIDE_TITLE = 24


class _Heading(QToolButton):
    """A title that is cut with an ellipsis where it does not fit, and then has the whole of it as its tip."""

    def minimumSizeHint(self) -> QSize:
        """Ask for no more width than the first letters need."""
        return QSize(min(NARROWEST, super().minimumSizeHint().width()), super().minimumSizeHint().height())

    def shown_title(self) -> str:
        """Return as much of the title as there is room for."""
        room = self.width() - self.iconSize().width() - BESIDE_TITLE
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Offer the whole title where it is cut."""
        super().resizeEvent(event)
        self.setToolTip(self.text() if self.shown_title() != self.text() else "")

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw the button with what fits of its title."""
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text = self.shown_title()
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)


class Fold(QWidget):
    """A heading and a body that it shows or hides. `toggled` tells the new state."""

    toggled = Signal(bool)

    def __init__(self, title: str, *, opened: bool = True, quiet: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = _Heading()
        self.heading.setText(title)
        self.heading.setAccessibleName(title)
        self.heading.setCheckable(True)
        self.heading.setChecked(opened)
        self.heading.setProperty("kind", "fold-quiet" if quiet else "fold")
        self.heading.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.heading.setMinimumHeight(32)
        self.heading.toggled.connect(self._show)
        self.body = QWidget()
        self.contents = QVBoxLayout(self.body)
        self.contents.setContentsMargins(0, 0, 0, 8)
        self.contents.setSpacing(4)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.heading)
        outer.addWidget(self.body)
        self._show(opened)

    @property
    def opened(self) -> bool:
        """Whether the body is shown."""
        return self.heading.isChecked()

    def set_opened(self, opened: bool) -> None:
        """Show or hide the body."""
        self.heading.setChecked(opened)

    def _show(self, opened: bool) -> None:
        self.heading.setIcon(icons.icon("chevron-down" if opened else "chevron-right", "muted"))
        self.body.setVisible(opened)
        self.toggled.emit(opened)
