"""What a page says when there is nothing to show, something to say, or something to explain."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.widgets.buttons import button, icon_button
from ftstudio.gui.widgets.labels import IconLabel, label, muted

MOST_STRETCH = 100  # beside stretches of 1: the words take their widest first
_BANNER_ICONS = {"note": "info", "success": "done", "warning": "warning", "danger": "error"}
_BANNER_COLOURS = {"note": "accent", "success": "success", "warning": "warning", "danger": "danger"}


HINT_WIDTH = 440


class EmptyState(QWidget):
    """Says why a place is empty and what to do next, with the button that does it. `width` is that of its words."""

    def __init__(self, icon: str, heading: str, hint: str, *actions: QWidget, width: int = HINT_WIDTH) -> None:
        super().__init__()
        self._width = width
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.XL, theme.XL, theme.XL, theme.XL)
        column.setSpacing(theme.S)
        column.addStretch(1)
        self._heading, self._hint = label(heading, "section", wrap=width < HINT_WIDTH), muted(hint)
        self._fit_words()
        for one in (self._heading, self._hint):
            one.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(IconLabel(icon, "muted", 40), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addLayout(_in_the_middle(self._heading))
        column.addLayout(_in_the_middle(self._hint))
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addStretch(1)
        for action in actions:
            row.addWidget(action)
        row.addStretch(1)
        column.addSpacing(theme.S)
        column.addLayout(row)
        column.addStretch(1)
        self.setAccessibleName(f"{heading} {hint}")

    def say(self, heading: str, hint: str) -> None:
        """Change the words."""
        self._heading.setText(heading)
        self._hint.setText(hint)
        self._fit_words()
        self.setAccessibleName(f"{heading} {hint}")

    def _fit_words(self) -> None:
        """Give the words as many lines as they need: a centred label is otherwise cut at the height of two."""
        for words in (self._hint, *([self._heading] if self._heading.wordWrap() else [])):
            words.setFixedWidth(self._width)
            words.setMinimumHeight(max(0, words.heightForWidth(self._width)))


def _in_the_middle(words: QWidget) -> QHBoxLayout:
    """Return a row that asks wrapped words for their height at the width they really get, so that no line is lost."""
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(words, MOST_STRETCH)
    row.addStretch(1)
    return row


class Banner(QFrame):
    """A sentence with an icon and buttons: `note`, `success`, `warning` or `danger`.

    The buttons stand beside the words, or below them where a banner is `narrow`.
    """

    def __init__(
        self,
        text: str,
        state: str = "note",
        hint: str = "",
        *,
        closable: bool = False,
        narrow: bool = False,
        icon: str = "",
    ) -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self.setProperty("state", state)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        row.setSpacing(theme.M)
        row.addWidget(IconLabel(icon or _BANNER_ICONS[state], _BANNER_COLOURS[state]), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.text_label, self.hint_label = label(text, wrap=True, selectable=True), muted(hint)
        words.addWidget(self.text_label)
        words.addWidget(self.hint_label)
        row.addLayout(words, 1)
        if not hint:  # what is shown before it has a place is a window of its own for a moment
            self.hint_label.hide()
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.S)
        if narrow:
            self._buttons.setAlignment(Qt.AlignmentFlag.AlignLeft)
            self._buttons.setContentsMargins(0, theme.XS, 0, 0)
            words.addLayout(self._buttons)
        else:
            row.addLayout(self._buttons)
        if closable:
            row.addWidget(icon_button("close", tr("Dismiss"), clicked=self.hide), 0, Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(f"{text} {hint}".strip())

    def add_button(self, text: str, clicked: Callable[[], object], kind: str = "") -> None:
        """Offer something to do about it."""
        self._buttons.addWidget(button(text, kind, clicked=clicked))


class HelpButton(QToolButton):
    """A “?” that opens two sentences right below itself; closes with Escape or a click elsewhere."""

    def __init__(self, about: str, help_text: str) -> None:
        super().__init__()
        self.setText("?")
        self.setProperty("kind", "help")
        self.setAccessibleName(tr("Help: {about}").format(about=about))
        self.setToolTip(help_text)
        self._about, self._help = about, help_text
        self._popup: QFrame | None = None
        self.clicked.connect(self.open_help)

    def open_help(self) -> None:
        """Show the explanation."""
        popup = QFrame(self, Qt.WindowType.Popup)
        popup.setProperty("role", "card")
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(popup)
        column.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        column.addWidget(label(self._about, "strong"))
        words = label(self._help, wrap=True)
        words.setFixedWidth(320)
        column.addWidget(words)
        popup.move(self.mapToGlobal(QPoint(0, self.height() + 4)))
        popup.show()
        self._popup = popup


class FormRow(QWidget):
    """One field of a form: name, field, unit, “?”, and below it a hint or what is wrong."""

    NAME_WIDTH = 190

    def __init__(self, name: str, field: QWidget, *, help_text: str = "", unit: str = "", hint: str = "") -> None:
        super().__init__()
        self.field = field
        if not field.accessibleName():
            field.setAccessibleName(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        self.name_label = label(name, wrap=True)
        self.name_label.setFixedWidth(self.NAME_WIDTH)
        self.name_label.setBuddy(field)
        row.addWidget(self.name_label)
        is_narrow = field.maximumWidth() == field.minimumWidth()
        row.addWidget(field, 0 if is_narrow else 1)
        if unit:
            row.addWidget(muted(unit, wrap=False))
        if is_narrow:
            row.addStretch(1)
        if help_text:
            row.addWidget(HelpButton(name, help_text))
        column.addLayout(row)
        self._message = label("", "caption", wrap=True)
        self._message.setContentsMargins(self.NAME_WIDTH + theme.S, 0, 0, 0)
        column.addWidget(self._message)
        self.say(hint)

    def say(self, hint: str) -> None:
        """Show a hint (the reason for the default) below the field; empty hides it."""
        self._show(hint, "caption", "")

    def complain(self, problem: str) -> None:
        """Show what is wrong with the field's value."""
        self._show(problem, "danger", "error")

    def _show(self, words: str, role: str, state: str) -> None:
        self._message.setText(words)
        self._message.setVisible(bool(words))
        theme.restyle(self._message, role=role)
        theme.restyle(self.field, state=state)


def banner_slot() -> tuple[QWidget, QVBoxLayout]:
    """Return a widget that holds banners below each other and takes no room while it has none."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.S)
    return holder, column
