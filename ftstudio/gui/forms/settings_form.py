"""The form of a run's settings, made from `core.settings.fields()`: a new setting appears here by itself.

The project always holds settings that can be used: a value that cannot be stays a draft in the form, with its
problem beside it, until it is mended or reset. What the user changed is emitted whole, for one undo step each.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core.problems import Problem
from ftstudio.core.settings import GROUPS, Overrides, SettingField, TrainingSettings, fields, settings_problems
from ftstudio.core.text import Text
from ftstudio.core.translation import tr, tr_plural
from ftstudio.gui.forms.field_row import FieldRow
from ftstudio.gui.forms.fold import Fold
from ftstudio.gui.forms.relevance import is_relevant
from ftstudio.gui.widgets.labels import label

OPEN_AT_FIRST = frozenset({"tune", "schedule", "regularise"})


class SettingsForm(QWidget):
    """All settings in folded groups.

    `changed(Overrides, str)` carries the user's new choice and the title of what was changed;
    `problems_changed(list)` everything that is wrong at the moment.
    """

    changed = Signal(object, str)
    problems_changed = Signal(list)

    def __init__(self, choices: Mapping[str, dict[str, str]] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overrides = Overrides()
        self._recommended: dict[str, Any] = TrainingSettings().model_dump()
        self._reasons: dict[str, Text] = {}
        self._task_kind = ("", "")
        self._drafts: dict[str, Any] = {}
        self._strangers = label("", "danger", wrap=True)
        self._strangers.hide()
        self.rows: dict[str, FieldRow] = {}
        self.groups: dict[str, Fold] = {}
        self.advanced: dict[str, Fold] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._strangers)
        offered = choices or {}
        shown = [dataclasses.replace(field, choices=offered.get(field.key, field.choices)) for field in fields()]
        for key, title in GROUPS.items():
            layout.addWidget(self._group(key, title, [field for field in shown if field.group == key]))
        layout.addStretch(1)

    def _group(self, key: str, title: str, members: list[SettingField]) -> Fold:
        fold = Fold(tr(title), opened=key in OPEN_AT_FIRST)
        more = Fold(tr("Advanced"), opened=False, quiet=True)
        for field in members:
            row = FieldRow(field)
            row.edited.connect(self._edited)
            row.committed.connect(self._committed)
            row.reset.connect(self._reset)
            self.rows[field.key] = row
            (more if field.advanced else fold).contents.addWidget(row)
        fold.contents.addWidget(more)
        self.groups[key], self.advanced[key] = fold, more
        return fold

    def put_below(self, key: str, widget: QWidget) -> None:
        """Put `widget` below the row of the setting `key`."""
        row = self.rows[key]
        place = (self.advanced if row.field.advanced else self.groups)[row.field.group].contents
        place.insertWidget(place.indexOf(row) + 1, widget)

    def show_settings(
        self,
        recommended: Mapping[str, Any],
        reasons: Mapping[str, Text],
        overrides: Overrides,
        modality: str,
        answer: str = "",
    ) -> None:
        """Show a preset's values with their reasons and the user's changes, for a task of `modality` and `answer`."""
        if overrides.preset != self._overrides.preset:
            self._drafts.clear()
        self._recommended = {**TrainingSettings().model_dump(), **recommended}
        self._reasons, self._overrides, self._task_kind = dict(reasons), overrides, (modality, answer)
        self._refresh()

    def effective(self) -> dict[str, Any]:
        """Return the values in force: the preset's, then the user's. Drafts that cannot be used are not in it."""
        return {**self._recommended, **self._overrides.values}

    def problems(self) -> list[Problem]:
        """Return everything that is wrong with what stands in the form."""
        return settings_problems({**self._overrides.values, **self._drafts})

    def _refresh(self) -> None:
        values = self.effective()
        for key, row in self.rows.items():
            changed = key in self._overrides.values or key in self._drafts
            value = self._drafts.get(key, values[key])
            row.show_value(value, self._reasons.get(key), self._recommended[key], changed)
        self._show_relevant()
        self._show_problems()

    def _show_relevant(self) -> None:
        values = self.effective()
        for row in self.rows.values():
            row.setVisible(is_relevant(row.field, values, *self._task_kind))
        for group, fold in self.groups.items():
            members = [row for row in self.rows.values() if row.field.group == group and not row.isHidden()]
            fold.setVisible(bool(members))
            self._show_advanced(group, [row for row in members if row.field.advanced])

    def _show_advanced(self, group: str, members: list[FieldRow]) -> None:
        fold = self.advanced[group]
        changed = sum(row.changed for row in members)
        fold.setVisible(bool(members))
        title = tr("Advanced")
        if changed:
            title = tr_plural("Advanced · {count} changed", "Advanced · {count} changed", changed).format(count=changed)
        fold.heading.setText(title)

    def _show_problems(self) -> None:
        problems = self.problems()
        found = {problem.where.field: problem for problem in problems}
        for key, row in self.rows.items():
            row.show_problem(found.get(key))
            if key in found and not row.isHidden():
                self._unfold(row)
        strange = [str(problem.message) for key, problem in found.items() if key not in self.rows]
        self._strangers.setText("\n".join(strange))
        self._strangers.setVisible(bool(strange))
        self.problems_changed.emit(problems)

    def _unfold(self, row: FieldRow) -> None:
        self.groups[row.field.group].set_opened(True)
        if row.field.advanced:
            self.advanced[row.field.group].set_opened(True)

    def _edited(self, key: str) -> None:
        value = self.rows[key].editor.value()
        self._drafts.pop(key, None)
        if settings_problems({key: value}):
            self._drafts[key] = value
        self._show_problems()

    def _committed(self, key: str) -> None:
        if key in self._drafts:
            return
        value = self.rows[key].editor.value()
        if value == self.effective()[key]:
            return
        values = {known: given for known, given in self._overrides.values.items() if known != key}
        if value != self._recommended[key]:
            values[key] = value
        self._emit(values, key)

    def _reset(self, key: str) -> None:
        self._drafts.pop(key, None)
        if key in self._overrides.values:
            self._emit({known: given for known, given in self._overrides.values.items() if known != key}, key)
        else:
            self._refresh()

    def reset_all(self) -> None:
        """Go back to the preset everywhere."""
        self._drafts.clear()
        if self._overrides.values:
            self._emit({}, "")
        else:
            self._refresh()

    def _emit(self, values: dict[str, Any], key: str) -> None:
        self._overrides = Overrides(preset=self._overrides.preset, values=values)
        self._refresh()
        self.changed.emit(self._overrides, tr(self.rows[key].field.title) if key else tr("Reset all settings"))
