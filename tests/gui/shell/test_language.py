"""The window speaks the language that was chosen, and Qt's own dialogs do too."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from ftstudio.core import translation
from ftstudio.gui import app, preferences
from ftstudio.gui.dialogs.preferences_dialog import PreferencesDialog
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.preferences import Preferences


@pytest.fixture
def start(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a test dress the application, and undress it afterwards."""
    monkeypatch.delenv("FTSTUDIO_LANGUAGE", raising=False)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    yield
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()


def _cancel(qtbot: QtBot) -> str:
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(box)
    return box.button(QDialogButtonBox.StandardButton.Cancel).text().replace("&", "")


@pytest.mark.usefixtures("start")
def test_the_chosen_language_is_spoken_by_the_program_and_by_qt(qtbot: QtBot) -> None:
    app.make_application(Preferences(language="pt_BR"))

    assert translation.language() == "pt_BR"
    assert _cancel(qtbot) == "Cancelar"


@pytest.mark.usefixtures("start")
def test_without_a_choice_the_language_of_the_command_stays(qtbot: QtBot) -> None:
    translation.use("pt_BR")
    app.make_application(Preferences())

    assert _cancel(qtbot) == "Cancelar"


@pytest.mark.usefixtures("start")
def test_the_environment_has_the_last_word(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTSTUDIO_LANGUAGE", "en")
    app.make_application(Preferences(language="pt_BR"))

    assert translation.language() == "en"
    assert _cancel(qtbot) == "Cancel"


def test_the_language_is_remembered(window: MainWindow) -> None:
    dialog = PreferencesDialog(window)
    offered = [dialog.language_box.itemData(at) for at in range(dialog.language_box.count())]

    assert offered == ["", *translation.LANGUAGES]
    assert dialog.language_box.currentData() == ""
    dialog.language_box.setCurrentIndex(offered.index("pt_BR"))
    assert preferences.load().language == "pt_BR"
    dialog.close()
