"""How the model shall write: how daring, how long; and the buttons that let it write and stop it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core import options
from ftstudio.core.manner import LIKELIEST, Manner
from ftstudio.core.specs import Answer
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.forms.editors import NumberEditor
from ftstudio.gui.widgets.buttons import button, icon_button
from ftstudio.gui.widgets.labels import caption

_SHOWN = {Answer.TEXT: ("temperature", "top_p", "length"), Answer.REWRITE: ("beams", "length_penalty", "length")}
_WIDTH = 72


class MannerRow(QWidget):
    """Shown for models that write. `asked` is emitted to begin, `stopped` to end, `renewed` for a new conversation."""

    asked = Signal()
    stopped = Signal()
    renewed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.editors: dict[str, NumberEditor] = {}
        self._stacks: dict[str, QWidget] = {}
        fields = QHBoxLayout(self)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.setSpacing(theme.M)
        for field in options.fields(Manner):
            if any(field.key in keys for keys in _SHOWN.values()):
                editor = NumberEditor(field)
                editor.setFixedWidth(_WIDTH)
                editor.show_value(getattr(LIKELIEST, field.key))
                editor.setAccessibleName(tr(field.title))
                editor.setToolTip(tr(field.help))
                self.editors[field.key] = editor
                holder = self._stacks[field.key] = QWidget()
                stack = QVBoxLayout(holder)
                stack.setContentsMargins(0, 0, 0, 0)
                stack.setSpacing(theme.XS)
                stack.addWidget(caption(tr(field.title)))
                stack.addWidget(editor)
                fields.addWidget(holder)
        fields.addStretch(1)
        self.write = button(tr("Write"), "primary", clicked=self.asked.emit)
        self.stop = button(tr("Stop"), clicked=self.stopped.emit)
        self.renew = icon_button("refresh", tr("New conversation"), clicked=self.renewed.emit)
        self.renew.hide()
        for one in (self.renew, self.stop, self.write):
            fields.addWidget(one, 0, Qt.AlignmentFlag.AlignBottom)
        self.show_working(False)
        self.show_kind(Answer.TEXT)

    def show_kind(self, answer: Answer, longest: int | None = None) -> None:
        """Show what matters for a kind of answer; `longest` is how many tokens are written at most, at first."""
        for key, holder in self._stacks.items():
            holder.setVisible(key in _SHOWN.get(answer, ()))
        self.editors["length"].show_value(longest or LIKELIEST.length)

    def show_working(self, working: bool) -> None:
        """Offer to stop what is being written."""
        self.stop.setEnabled(working)

    def value(self) -> dict[str, Any]:
        """Return the manner as a question carries it; what cannot be is for the worker to say."""
        return {key: one.value() for key, one in self.editors.items() if not self._stacks[key].isHidden()}
