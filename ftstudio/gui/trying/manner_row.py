"""How the model shall write: how daring, how long; and the buttons that let it write and stop it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core import options
from ftstudio.core.manner import LIKELIEST, Manner
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.forms.editors import NumberEditor
from ftstudio.gui.widgets.buttons import button, icon_button
from ftstudio.gui.widgets.labels import caption

_SHOWN = ("temperature", "top_p", "length")
_WIDTH = 72


class MannerRow(QWidget):
    """Shown for models that write. `asked` is emitted to begin, `stopped` to end, `renewed` for a new conversation."""

    asked = Signal()
    stopped = Signal()
    renewed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.editors: dict[str, NumberEditor] = {}
        fields = QHBoxLayout(self)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.setSpacing(theme.M)
        for field in options.fields(Manner):
            if field.key in _SHOWN:
                editor = NumberEditor(field)
                editor.setFixedWidth(_WIDTH)
                editor.show_value(getattr(LIKELIEST, field.key))
                editor.setAccessibleName(tr(field.title))
                editor.setToolTip(tr(field.help))
                self.editors[field.key] = editor
                stack = QVBoxLayout()
                stack.setSpacing(theme.XS)
                stack.addWidget(caption(tr(field.title)))
                stack.addWidget(editor)
                fields.addLayout(stack)
        fields.addStretch(1)
        self.write = button(tr("Write"), "primary", clicked=self.asked.emit)
        self.stop = button(tr("Stop"), clicked=self.stopped.emit)
        self.renew = icon_button("refresh", tr("New conversation"), clicked=self.renewed.emit)
        self.renew.hide()
        for one in (self.renew, self.stop, self.write):
            fields.addWidget(one, 0, Qt.AlignmentFlag.AlignBottom)
        self.show_working(False)

    def show_working(self, working: bool) -> None:
        """Offer to stop what is being written."""
        self.stop.setEnabled(working)

    def value(self) -> dict[str, Any]:
        """Return the manner as a question carries it; what cannot be is for the worker to say."""
        return {key: editor.value() for key, editor in self.editors.items()}
