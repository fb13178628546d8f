"""The report from the menu: as page or PDF, with rows of the data only when they are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from ftstudio.gui import notifications
from ftstudio.gui.dialogs.report_dialog import ReportDialog
from ftstudio.gui.main_window import MainWindow
from tests.gui.conftest import recorded_run


@pytest.fixture
def dialog(window: MainWindow, tiny_text_project: Path, qtbot: QtBot) -> ReportDialog:
    recorded_run(tiny_text_project)
    window.open_project(tiny_text_project)
    qtbot.waitUntil(lambda: window.session.facts is not None, timeout=20_000)
    assert window.actions_by_key["write_report"].isEnabled()
    window.commands.perform("write_report")
    return next(one for one in window.findChildren(ReportDialog))


@pytest.mark.parametrize(("name", "begins"), [("r.html", b"<!DOCTYPE html>"), ("r.pdf", b"%PDF-")])
def test_a_report_is_saved(
    dialog: ReportDialog, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, name: str, begins: bytes
) -> None:
    target = tmp_path / name
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    assert dialog.samples.currentData() == 0
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(target.is_file, timeout=30_000)

    assert target.read_bytes().startswith(begins)
    qtbot.waitUntil(lambda: any(name in one.message for one in notifications.centre().record), timeout=10_000)


def test_the_results_offer_it_too(dialog: ReportDialog, window: MainWindow, qtbot: QtBot) -> None:
    dialog.close()
    window.go_to("results")
    qtbot.mouseClick(window.pages["results"].report, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]

    qtbot.waitUntil(lambda: any(one.isVisible() for one in window.findChildren(ReportDialog)))


def test_an_ending_is_added_and_nothing_replaced_unasked(
    dialog: ReportDialog, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "r.html").write_text("mine", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "r"), "HTML (*.html)"))
    dialog.save()
    qtbot.waitUntil(lambda: any("exists already" in one.message for one in notifications.centre().record))

    assert (tmp_path / "r.html").read_text(encoding="utf-8") == "mine"
