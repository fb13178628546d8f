"""A project that another window has: it can be looked at, nothing can change it, and why is said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from ftstudio.core.states import RunState
from ftstudio.gui import notifications
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.data import DataPage
from ftstudio.gui.pages.model import ModelPage
from ftstudio.gui.pages.settings import SettingsPage
from ftstudio.gui.pages.train import TrainPage
from ftstudio.gui.status_line import StatusLine
from ftstudio.gui.widgets.feedback import Banner
from tests.gui.conftest import recorded_run

HOLD = """
import sys
from pathlib import Path
from ftstudio.project.store import open_project
project = open_project(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""
WRITING = ("save_project", "rename_project", "import_data", "start_training", "resume_run", "undo")


@pytest.fixture
def locked(tiny_text_project: Path) -> Iterator[Path]:
    """Return a project with an interrupted run that another process holds."""
    recorded_run(tiny_text_project, state=RunState.INTERRUPTED)
    command = [sys.executable, "-c", HOLD, str(tiny_text_project)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        yield tiny_text_project
        other.kill()


def line_of(window: MainWindow) -> StatusLine:
    line = window.statusBar()
    assert isinstance(line, StatusLine)
    return line


@pytest.fixture
def looking(window: MainWindow, locked: Path, qtbot: QtBot) -> MainWindow:
    """Return the window after the offer to look was taken."""
    window.open_project(locked)
    banner = next(one for one in window.toasts.findChildren(Banner) if "Another window" in one.text_label.text())
    look = next(one for one in banner.findChildren(QPushButton) if one.text() == "Open to look, without changing")
    qtbot.mouseClick(look, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.facts is not None, timeout=20_000)
    return window


def test_a_project_that_another_window_has_is_not_opened_unasked(window: MainWindow, locked: Path) -> None:
    window.open_project(locked)

    assert window.session.project is None
    assert "Another window has this project open" in notifications.centre().record[-1].message


def test_looking_is_seen_and_what_would_write_says_why_not(looking: MainWindow) -> None:
    assert looking.session.only_looking
    assert line_of(looking).looking.isVisible() and line_of(looking).write_button.isVisible()
    assert "to look at only" in looking.windowTitle()
    for key in WRITING:
        action = looking.actions_by_key[key]
        assert not action.isEnabled() and "to look at only" in action.toolTip(), key
    assert looking.actions_by_key["show_folder"].isEnabled()


def test_no_page_changes_what_is_only_looked_at(looking: MainWindow, locked: Path, qtbot: QtBot) -> None:
    for stage in ("train", "model", "data", "settings"):
        looking.go_to(stage)
    train, model, data, settings = (looking.pages[stage] for stage in ("train", "model", "data", "settings"))
    assert isinstance(train, TrainPage) and isinstance(model, ModelPage) and isinstance(data, DataPage)
    assert isinstance(settings, SettingsPage)
    assert not settings.form.isEnabled() and not settings.presets.isEnabled()
    before = (locked / "project.ftstudio").read_bytes()

    for widget in (train.start_button, model.details.use_button, data.view.replace_button, data.drop):
        widget.setEnabled(True)
        assert not widget.isEnabled() and "to look at only" in widget.toolTip()
    assert train.resume_button.isHidden()
    looking.session.start_training()
    looking.session.set_name("Another")
    data.look([locked])

    assert not looking.session.trainer.is_active
    assert looking.session.file is not None and looking.session.file.name != "Another"
    assert (locked / "project.ftstudio").read_bytes() == before


def test_once_the_other_window_is_closed_it_opens_for_changing(looking: MainWindow, locked: Path, qtbot: QtBot) -> None:
    looking.go_to("train")
    page = looking.pages["train"]
    assert isinstance(page, TrainPage)
    (locked / ".lock").unlink()

    qtbot.mouseClick(line_of(looking).write_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: looking.session.facts is not None, timeout=20_000)

    assert looking.session.can_write
    assert not line_of(looking).looking.isVisible()
    assert page.start_button.isEnabled() and page.start_button.toolTip() == "Ctrl+R"
    assert looking.actions_by_key["rename_project"].isEnabled()
