"""The left column of the model browser: search, fits, size, place, and the user's own model folders."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QFileDialog, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.panels.model_entries import PLACES, SIZES, ModelFilter
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import caption


class ModelFilters(QWidget):
    """Emits `changed()` when the filter changed, `folder_added(Path)` and `rescan_asked()`."""

    changed = Signal()
    folder_added = Signal(object)
    rescan_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search models"))
        self.search.setAccessibleName(tr("Search models"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _: self.changed.emit())
        column.addWidget(self.search)
        self.fitting = QCheckBox(tr("Only what fits the task"))
        self.fitting.setChecked(True)
        self.fitting.toggled.connect(lambda _: self.changed.emit())
        column.addSpacing(theme.S)
        column.addWidget(self.fitting)
        self._sizes = self._choices(column, tr("Size"), SIZES)
        self._places = self._choices(column, tr("Where it lies"), PLACES)
        column.addStretch(1)
        self.add_button = button(tr("Add folder…"), icon="plus", clicked=self.choose_folder)
        self.rescan_button = button(tr("Look again"), "quiet", icon="refresh", clicked=self.rescan_asked.emit)
        column.addWidget(self.add_button)
        column.addWidget(self.rescan_button)

    def _choices(self, column: QVBoxLayout, title: str, choices: dict[str, str]) -> QButtonGroup:
        column.addSpacing(theme.M)
        column.addWidget(caption(title))
        group = QButtonGroup(self)
        for key, words in choices.items():
            one = QRadioButton(tr(words))
            one.setAccessibleName(f"{title}: {tr(words)}")
            one.setProperty("key", key)
            one.setChecked(not key)
            group.addButton(one)
            column.addWidget(one)
        group.buttonToggled.connect(lambda _, on: self.changed.emit() if on else None)
        return group

    def chosen(self) -> ModelFilter:
        """Return the filter as it stands."""
        return ModelFilter(
            words=self.search.text(),
            only_fitting=self.fitting.isChecked(),
            size=_key(self._sizes),
            place=_key(self._places),
        )

    def choose_folder(self) -> None:
        """Let the user name a folder with models."""
        folder = QFileDialog.getExistingDirectory(self, tr("Choose a folder with models"))
        if folder:
            self.folder_added.emit(Path(folder))


def _key(group: QButtonGroup) -> str:
    chosen = group.checkedButton()
    return str(chosen.property("key")) if chosen is not None else ""
