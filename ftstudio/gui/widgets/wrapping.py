"""A row of buttons that becomes a column where there is no room for it, so that it never widens its page."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from ftstudio.gui import theme


class WrappingRow(QWidget):
    """Holds widgets side by side, from the left, or below each other when it is narrower than all of them."""

    def __init__(self, indent: int = 0) -> None:
        super().__init__()
        self._indent = indent
        self._held: list[QWidget] = []
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(indent, theme.XS, 0, 0)
        self._layout.setSpacing(theme.S)
        self._layout.setSizeConstraint(QBoxLayout.SizeConstraint.SetNoConstraint)
        self._layout.setAlignment(Qt.AlignmentFlag.AlignLeft)

    def add(self, widget: QWidget) -> None:
        """Add a widget at the end."""
        self._held.append(widget)
        self._layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)

    def minimumSizeHint(self) -> QSize:
        """Ask for the width of the widest only."""
        widest = max((one.sizeHint().width() for one in self._held), default=0)
        return QSize(self._indent + widest, self._layout.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the direction that fits."""
        super().resizeEvent(event)
        needed = self._indent + sum(one.sizeHint().width() for one in self._held) + theme.S * (len(self._held) - 1)
        fits = needed <= self.width()
        self._layout.setDirection(QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom)
