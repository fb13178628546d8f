"""A group that folds: a heading one clicks (or presses Space on) to show or hide what is below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ftstudio.gui import icons


class Fold(QWidget):
    """A heading and a body that it shows or hides. `toggled` tells the new state."""

    toggled = Signal(bool)

    def __init__(self, title: str, *, opened: bool = True, quiet: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = QToolButton()
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
