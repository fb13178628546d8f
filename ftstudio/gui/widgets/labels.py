"""Labels by what they are, never by how they look: title, section, body, muted, caption, big, chip."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from ftstudio.gui import icons, theme


def label(text: str = "", role: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """Return a plain-text label in a role of the theme; `wrap` lets it take several lines."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def title(text: str = "") -> QLabel:
    """Return the title of a page."""
    return label(text, "title")


def section(text: str = "") -> QLabel:
    """Return the heading of a card or group."""
    return label(text, "section")


def muted(text: str = "", *, wrap: bool = True) -> QLabel:
    """Return secondary text."""
    return label(text, "muted", wrap=wrap)


def caption(text: str = "", *, wrap: bool = False) -> QLabel:
    """Return small secondary text: a unit, a date, a hint under a field."""
    return label(text, "caption", wrap=wrap)


def big(text: str = "") -> QLabel:
    """Return the one big number of a page."""
    return label(text, "big")


def chip(text: str, state: str = "") -> QLabel:
    """Return a short pill; `state` is empty, `accent`, `success`, `warning` or `danger`."""
    made = label(text, "chip")
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    if state:
        made.setProperty("state", state)
    return made


def line() -> QFrame:
    """Return a thin horizontal rule."""
    made = QFrame()
    made.setProperty("role", "line")
    made.setFixedHeight(1)
    return made


class IconLabel(QLabel):
    """An icon that is redrawn when the theme changes; decorative, so it has no accessible name of its own."""

    def __init__(self, name: str = "", color_role: str = "muted", size: int = icons.SIZE) -> None:
        super().__init__()
        self._name, self._role, self._size = name, color_role, size
        self.setFixedSize(size, size)
        theme.notifier().changed.connect(self._draw)
        self._draw()

    def show_icon(self, name: str, color_role: str = "muted") -> None:
        """Change the icon and its colour."""
        self._name, self._role = name, color_role
        self._draw()

    def _draw(self) -> None:
        if self._name:
            self.setPixmap(icons.pixmap(self._name, self._role, self._size))


class StatusDot(QWidget):
    """An icon and a word, so that colour never speaks alone: `success`, `warning`, `danger`, `accent`, `muted`."""

    ICONS: ClassVar = {"success": "done", "warning": "warning", "danger": "error", "accent": "active", "muted": "info"}

    def __init__(self, text: str = "", state: str = "muted") -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S - 2)
        self._icon = IconLabel(size=16)
        self._label = label("", wrap=False)
        row.addWidget(self._icon)
        row.addWidget(self._label, 1)
        self.show_state(text, state)

    def show_state(self, text: str, state: str) -> None:
        """Change word and state."""
        self._icon.show_icon(self.ICONS[state], state)
        self._label.setText(text)
        theme.restyle(self._label, role=state)
        self.setAccessibleName(text)


class NumberLabel(QWidget):
    """A right-aligned figure with its unit in muted text and, below or before it, what it means."""

    def __init__(self, caption_text: str, value: str = "", unit: str = "", *, role: str = "strong") -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.XS)
        self._caption, self._value, self._unit = muted(caption_text, wrap=False), label("", role), muted("", wrap=False)
        self._value.setFont(theme.font())
        row.addWidget(self._caption, 1)
        row.addWidget(self._value, 0, Qt.AlignmentFlag.AlignRight)
        row.addWidget(self._unit)
        self.show_value(value, unit)

    def show_value(self, value: str, unit: str = "") -> None:
        """Change the figure and its unit."""
        self._value.setText(value)
        self._unit.setText(unit)
        self._unit.setVisible(bool(unit))
        self.setAccessibleName(f"{self._caption.text()}: {value} {unit}".strip())
