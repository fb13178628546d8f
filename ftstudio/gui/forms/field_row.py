"""One setting in a form: its name, control and unit, why it has its value, and what is wrong with it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from ftstudio.core.problems import Problem
from ftstudio.core.row_words import name_rows
from ftstudio.core.settings import SettingField
from ftstudio.core.text import Text
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.forms import numbers
from ftstudio.gui.forms.editors import ChoiceEditor, editor_for
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.feedback import HelpButton
from ftstudio.gui.widgets.labels import caption, label, muted

TITLE_WIDTH = 176


class FieldRow(QWidget):
    """A setting's row. `edited` on every keystroke, `committed` when meant, `reset` to go back to the preset."""

    edited = Signal(str)
    committed = Signal(str)
    reset = Signal(str)

    def __init__(self, field: SettingField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.changed = False
        self.setObjectName(f"setting-{field.key}")
        self.editor = editor_for(field, self)
        self.editor.setAccessibleName(tr(field.title))
        self.editor.setAccessibleDescription(tr(field.help))
        self.editor.edited.connect(lambda: self.edited.emit(field.key))
        self.editor.committed.connect(lambda: self.committed.emit(field.key))
        self._build()

    def _build(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.M, theme.XS, 0, theme.XS)
        grid.setHorizontalSpacing(theme.S)
        grid.setVerticalSpacing(2)
        self._title = label(tr(self.field.title), wrap=True)
        self._title.setBuddy(self.editor)
        self._title.setFixedWidth(TITLE_WIDTH)
        self.reset_button = button(tr("Reset"), "link", clicked=lambda: self.reset.emit(self.field.key))
        self.reset_button.setAccessibleName(tr("Reset {title} to the preset").format(title=tr(self.field.title)))
        self.help_button = HelpButton(tr(self.field.title), tr(self.field.help))
        grid.addWidget(self._title, 0, 0)
        grid.addLayout(self._control(), 0, 1)
        grid.addWidget(self.help_button, 0, 2, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(1, 1)
        self.explanation, self.note = caption(wrap=True), caption(wrap=True)
        self.problem = label("", "danger", wrap=True)
        grid.addWidget(self.explanation, 1, 1, 1, 2)
        grid.addWidget(self.note, 2, 1, 1, 2)
        grid.addWidget(self.problem, 3, 1, 1, 2)
        for widget in (self.explanation, self.problem, self.reset_button, self.note):
            widget.hide()

    def _control(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.editor, 1 if isinstance(self.editor, ChoiceEditor) else 0)
        if self.field.unit:
            line.addWidget(muted(name_rows(tr(self.field.unit)), wrap=False))
        if not isinstance(self.editor, ChoiceEditor):
            line.addStretch(1)
        line.addWidget(self.reset_button)
        return line

    def show_value(self, value: Any, reason: Text | None, recommended: Any, changed: bool) -> None:
        """Show the value in force, and either why the preset chose it or what the preset would choose."""
        self.editor.show_value(value)
        self.changed = changed
        note = reason.render() if reason else ""
        if changed:
            note = tr("Changed by you. The preset has {value}.").format(value=self.written(recommended))
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.reset_button.setVisible(changed)
        theme.restyle(self._title, role="strong" if changed else "")
        self.update()

    def explain(self, words: str) -> None:
        """Say below the control what its present value means, in a sentence or two."""
        self.explanation.setText(words)
        self.explanation.setVisible(bool(words))

    def show_problem(self, problem: Problem | None) -> None:
        """Show what is wrong with the value beside it, or nothing."""
        words = "" if problem is None else " ".join(str(part) for part in (problem.message, problem.hint) if part)
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        self.note.setVisible(bool(self.note.text()) and not words)
        theme.restyle(self.editor, state="error" if words else "")
        self.editor.setAccessibleDescription(words or tr(self.field.help))

    def written(self, value: Any) -> str:
        """Return `value` as this row would show it."""
        if value is None:
            return tr("automatic")
        if isinstance(value, bool):
            return tr("On") if value else tr("Off")
        if self.field.choices:
            return "“" + tr(self.field.choices.get(value, str(value))).partition(":")[0] + "”"
        return numbers.write(value)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Mark a changed row with a thin bar in the accent colour (its note says the same in words)."""
        super().paintEvent(event)
        if self.changed:
            painter = QPainter(self)
            painter.fillRect(0, 6, 3, self.height() - 12, theme.current().color("accent"))
            painter.end()
