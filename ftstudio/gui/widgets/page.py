"""The frame of a page: margins, title row with its buttons, a body that scrolls only when it must."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ftstudio.gui import theme
from ftstudio.gui.widgets.labels import muted, title


class PageFrame(QWidget):
    """Base of pages: `header` (a row with the title), `body` (a column below it)."""

    def __init__(self, heading: str, subtitle: str = "") -> None:
        super().__init__()
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.XL, theme.L, theme.XL, theme.XL)
        outer.setSpacing(theme.L)
        self.header = QHBoxLayout()
        self.header.setSpacing(theme.S)
        self.title_label, self.subtitle_label = title(heading), muted(subtitle, wrap=False)
        self.header.addWidget(self.title_label)
        self.header.addWidget(self.subtitle_label)
        self.header.addStretch(1)
        outer.addLayout(self.header)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.L)
        outer.addLayout(self.body, 1)


def scrolled(content: QWidget) -> QScrollArea:
    """Return an area that scrolls `content` up and down and takes its width."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    content.setProperty("role", "scrolled")
    content.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
    area.setWidget(content)
    return area


def column(*widgets: QWidget, spacing: int = theme.L) -> QWidget:
    """Return a widget that holds others below each other, with the rest left empty."""
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return holder
