"""Buttons by kind (plain, primary, danger, quiet, link) and the segmented control."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QFont, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from ftstudio.gui import icons, theme

_ICON_COLOURS = {"primary": "on_accent", "danger": "danger", "quiet": "muted", "link": "accent"}


def button(
    text: str, kind: str = "", *, icon: str = "", tip: str = "", clicked: Callable[[], object] | None = None
) -> QPushButton:
    """Return a push button; `kind` is empty, `primary`, `danger`, `quiet` or `link`, `icon` one of ours."""
    made = QPushButton(text)
    made.setAccessibleName(text)
    made.setToolTip(tip)
    if kind:
        made.setProperty("kind", kind)
    if icon:
        _set_icon(made, icon, kind)
        made.setIconSize(QSize(21, 16))
    if kind in ("link", "quiet"):
        made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    if clicked is not None:
        made.clicked.connect(lambda *_: clicked())
    return made


def set_kind(made: QPushButton, kind: str, icon: str) -> None:
    """Give a button that `button` made another kind; its icon takes the colour that can be seen on it."""
    theme.restyle(made, kind=kind)
    _set_icon(made, icon, kind)


def _set_icon(made: QPushButton, name: str, kind: str) -> None:
    made.setIcon(icons.icon(name, _ICON_COLOURS.get(kind, "text")))


def icon_button(name: str, tip: str, *, clicked: Callable[[], object] | None = None) -> QToolButton:
    """Return a quiet button that is only an icon; `tip` is its name for the eye and the screen reader."""
    made = QToolButton()
    made.setIcon(icons.icon(name, "muted"))
    made.setIconSize(QSize(icons.SIZE, icons.SIZE))
    made.setProperty("kind", "help")
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if clicked is not None:
        made.clicked.connect(lambda *_: clicked())
    return made


def action_button(action: QAction, kind: str = "") -> QPushButton:
    """Return a button that is, does and is enabled as an action of the menu."""
    made = button(action.text().replace("&", ""), kind, clicked=action.trigger)
    shortcut = action.shortcut().toString()
    made.setToolTip(f"{made.text()} ({shortcut})" if shortcut else made.text())

    def follow() -> None:
        made.setEnabled(action.isEnabled())
        made.setVisible(action.isVisible())

    action.changed.connect(follow)
    made.setEnabled(action.isEnabled())
    return made


class Segmented(QWidget):
    """A few choices side by side, one of them in force; arrow keys move between them."""

    changed = Signal(str)

    def __init__(self, choices: Mapping[str, str], current: str = "", name: str = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._keys = list(choices)
        for at, (key, text) in enumerate(choices.items()):
            one = button(text, "segment")
            one.setAccessibleName(f"{name}: {text}" if name else text)
            one.setProperty("place", self._place(at, len(choices)))
            one.setCheckable(True)
            one.setMinimumWidth(_bold_width(text))
            one.setChecked(key == current)
            self._group.addButton(one, at)
            row.addWidget(one)
        row.addStretch(1)
        self._group.idClicked.connect(lambda at: self.changed.emit(self._keys[at]))

    def value(self) -> str:
        """Return the key of the choice in force, or an empty string."""
        at = self._group.checkedId()
        return self._keys[at] if at >= 0 else ""

    def choose(self, key: str) -> None:
        """Put a choice in force without emitting `changed`."""
        one = self._group.button(self._keys.index(key))
        one.setChecked(True)

    def rename(self, key: str, text: str) -> None:
        """Call one choice by another name."""
        one = self._group.button(self._keys.index(key))
        one.setText(text)
        one.setAccessibleName(f"{self.accessibleName()}: {text}" if self.accessibleName() else text)
        one.setMinimumWidth(_bold_width(text))

    def set_choice_enabled(self, key: str, enabled: bool) -> None:
        """Allow or forbid one choice."""
        self._group.button(self._keys.index(key)).setEnabled(enabled)

    @staticmethod
    def _place(at: int, count: int) -> str:
        if count == 1:
            return "only"
        return "first" if at == 0 else "last" if at == count - 1 else "middle"


def _bold_width(text: str) -> int:
    """Return the room that a choice needs when it is in force, and bold."""
    return QFontMetrics(theme.font(theme.BODY, QFont.Weight.DemiBold)).horizontalAdvance(text) + 28
