"""The settings of a run as facts beside its charts: read-only, in groups, the advanced ones folded."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from ftstudio.core.setting_words import value_in_words
from ftstudio.core.settings import GROUPS, SettingField, fields
from ftstudio.core.translation import tr
from ftstudio.core.tuning_methods import matters
from ftstudio.gui import theme
from ftstudio.gui.forms.fold import Fold
from ftstudio.gui.widgets.card import Card, empty
from ftstudio.gui.widgets.labels import label, muted
from ftstudio.gui.widgets.page import scrolled

WIDTH = 248
OPENED = ("tune", "schedule")


class SettingsFacts(Card):
    """What a run uses."""

    def __init__(self) -> None:
        super().__init__(tr("Settings"))
        self.setFixedWidth(WIDTH)
        holder = QWidget()
        self._column = QVBoxLayout(holder)
        self._column.setContentsMargins(0, 0, theme.S, 0)
        self._column.setSpacing(theme.XS)
        self.body.addWidget(scrolled(holder))
        self._shown: dict[str, Any] | None = None

    def show_settings(self, values: dict[str, Any], modality: str, answer: str = "") -> None:
        """List the values (key to value) that matter for tasks of a modality and kind of answer."""
        if values == self._shown:
            return
        self._shown = dict(values)
        empty(self._column)
        known = [field for field in fields() if field.key in values and field.concerns(modality, answer)]
        for group, title in GROUPS.items():
            mine = [field for field in known if field.group == group and _matters(field, values)]
            if mine:
                fold = Fold(tr(title), opened=group in OPENED, quiet=True)
                fold.contents.addWidget(_facts(mine, values))
                self._column.addWidget(fold)
        self._column.addStretch(1)


def _matters(field: SettingField, values: dict[str, Any]) -> bool:
    return values[field.key] is not None and matters(field.key, str(values.get("tuning_method", "")))


def _facts(shown: list[SettingField], values: dict[str, Any]) -> QWidget:
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setVerticalSpacing(theme.XS)
    grid.setHorizontalSpacing(theme.S)
    for row, field in enumerate(shown):
        value = label(value_in_words(field, values[field.key]), wrap=True)  # what does not fit would be cut off
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        grid.addWidget(muted(tr(field.title)), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(value, row, 1)
    for column in (0, 1):
        grid.setColumnStretch(column, 1)
    return holder
