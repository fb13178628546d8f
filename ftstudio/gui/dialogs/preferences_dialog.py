"""Preferences: theme, language, staying awake. Each takes effect at once; nothing to confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QVBoxLayout

from ftstudio.core import translation
from ftstudio.core.translation import tr
from ftstudio.gui import preferences, theme
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.feedback import FormRow

if TYPE_CHECKING:
    from ftstudio.gui.main_window import MainWindow


class PreferencesDialog(QDialog):
    """Open beside the window; closes with Escape."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Preferences"))
        self.setMinimumWidth(520)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.XL, theme.XL, theme.XL, theme.XL)
        column.setSpacing(theme.M)
        themes = {key: tr(title) for key, title in theme.TITLES.items()}
        self.theme_box = self._box(themes, window.preferences.theme)
        languages = {"": tr(theme.TITLES[theme.SYSTEM]), **translation.LANGUAGES}
        self.language_box = self._box(languages, window.preferences.language)
        self.awake = QCheckBox(tr("Keep the computer awake while training"))
        self.awake.setChecked(window.preferences.keep_awake)
        self.theme_box.currentIndexChanged.connect(lambda _: window.set_theme(self.theme_box.currentData()))
        language = self.language_box
        language.currentIndexChanged.connect(lambda _: self._remember(language=language.currentData()))
        self.awake.toggled.connect(lambda on: self._remember(keep_awake=on))
        column.addWidget(FormRow(tr("Theme"), self.theme_box))
        column.addWidget(FormRow(tr("Language"), self.language_box, hint=tr("Takes effect at the next start.")))
        column.addWidget(self.awake)
        column.addWidget(button(tr("Close"), clicked=self.close), 0, Qt.AlignmentFlag.AlignRight)

    @staticmethod
    def _box(choices: dict[str, str], current: str) -> QComboBox:
        made = QComboBox()
        for key, title in choices.items():
            made.addItem(title, key)
        made.setCurrentIndex(max(0, made.findData(current)))
        return made

    def _remember(self, **changes: object) -> None:
        for key, value in changes.items():
            setattr(self._window.preferences, key, value)
        preferences.save(self._window.preferences)


def show(window: MainWindow) -> PreferencesDialog:
    """Open the preferences."""
    dialog = PreferencesDialog(window)
    dialog.show()
    return dialog
