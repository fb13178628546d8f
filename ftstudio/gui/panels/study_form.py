"""The options of a study as a small form, made from the fields of its options."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core.options import Options, fields
from ftstudio.core.settings import SettingField
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.forms.editors import Editor, editor_for
from ftstudio.gui.widgets.feedback import FormRow

WIDEST = 460


class StudyForm(QWidget):
    """One row an option; `values` are what the user has chosen, to be checked by the study itself."""

    def __init__(self, options: type[Options]) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        self.editors: dict[str, Editor] = {}
        self.rows: dict[str, FormRow] = {}
        for field in fields(options):
            self.editors[field.key] = self._add(field, column)

    def _add(self, field: SettingField, column: QVBoxLayout) -> Editor:
        editor = editor_for(field, self)
        editor.show_value(field.default)
        self.rows[field.key] = FormRow(tr(field.title), editor, help_text=tr(field.help), unit=tr(field.unit))
        self.rows[field.key].setMaximumWidth(WIDEST)
        editor.committed.connect(lambda: self.rows[field.key].say(""))
        line = QHBoxLayout()  # reckons the height of wrapped words with the widest a row may be; a column does not
        line.addWidget(self.rows[field.key], 1)
        line.addStretch()
        column.addLayout(line)
        return editor

    def values(self) -> dict[str, Any]:
        """Return the options by key, those left empty left out."""
        chosen = {key: editor.value() for key, editor in self.editors.items()}
        return {key: value for key, value in chosen.items() if value is not None}

    def complain(self, key: str, problem: str) -> bool:
        """Show what is wrong beside the option `key`; returns whether there is such an option."""
        for row in self.rows.values():
            row.say("")
        if key in self.rows:
            self.rows[key].complain(problem)
        return key in self.rows
