"""The window as a person uses it: keys, menus, projects, drops, closing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer
from ftstudio.core.states import RunState, StageState
from ftstudio.core.text import text
from ftstudio.gui import actions, notifications, preferences
from ftstudio.gui.commands import CONDITIONS, Commands
from ftstudio.gui.dialogs import closing
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.home import HomePage
from ftstudio.gui.pages.results import ResultsPage
from ftstudio.gui.panels.data_report import DataReport
from ftstudio.gui.results import finding
from ftstudio.gui.widgets.feedback import Banner
from tests.gui.conftest import recorded_run
from tests.gui.pages.conftest import unnamed


def test_every_action_has_a_shortcut_of_its_own_and_something_to_do(window: MainWindow) -> None:
    shortcuts = [action.shortcut().toString() for action in window.actions_by_key.values()]

    assert all(shortcuts)
    assert len(set(shortcuts)) == len(shortcuts)
    assert [spec.key for spec in actions.ACTIONS if not hasattr(Commands, spec.key)] == []
    assert {spec.needs for spec in actions.ACTIONS} <= set(CONDITIONS)


def test_every_menu_entry_is_reachable_and_shows_its_shortcut(window: MainWindow) -> None:
    entries = [action for menu in window.menus for action in menu.actions() if not action.isSeparator()]

    assert len(entries) == len(window.actions_by_key)
    assert all(entry.text() and entry.isShortcutVisibleInContextMenu() for entry in entries)


@pytest.mark.parametrize("stage", ["home", "model", "data", "settings", "train", "runs", "results", "export"])
def test_every_control_of_every_page_has_a_name(opened: MainWindow, stage: str) -> None:
    opened.go_to(stage)
    QApplication.processEvents()

    assert unnamed(opened.pages[stage]) == []
    assert all(button.accessibleName() for button in opened.rail.buttons.values())


def test_keys_go_to_the_stages(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    for at, key in enumerate(window.stages, start=1):
        window.actions_by_key[f"go_to:{key}"].trigger()
        assert window.stage == key
        assert window.actions_by_key[f"go_to:{key}"].shortcut().toString() == f"Ctrl+{at % 10}"
        assert window.rail.buttons[key].isChecked()


def test_a_project_is_begun_by_name_and_task(window: MainWindow, qtbot: QtBot, isolated_home: Path) -> None:
    window.actions_by_key["new_project"].trigger()
    home = window.pages["home"]
    assert isinstance(home, HomePage)
    panel = home.new_project
    assert not panel.create_button.isEnabled()

    qtbot.keyClicks(panel.name, "Letters")
    qtbot.keyClick(panel.name, Qt.Key.Key_Return)
    assert window.session.project is None
    assert "Choose what the model shall learn" in panel.next_words.text()
    qtbot.mouseClick(panel.cards["text-classification"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.create_button, Qt.MouseButton.LeftButton)

    assert (isolated_home / "projects" / "Letters" / "project.ftstudio").is_file()
    assert window.session.task is not None and window.session.task.key == "text-classification"
    assert window.stage == "model"
    assert window.windowTitle() == "Letters – Fine-Tuning Studio"


def test_recent_projects_are_cards_that_open(
    window: MainWindow, qtbot: QtBot, tiny_text_project: Path, isolated_home: Path
) -> None:
    from ftstudio.gui.panels.project_cards import ProjectCard
    from ftstudio.project import recents

    recorded_run(tiny_text_project)
    recents.touch(tiny_text_project)
    home = window.pages["home"]
    assert isinstance(home, HomePage)
    home.refresh()
    qtbot.waitUntil(lambda: bool(home.findChildren(ProjectCard)))
    card = home.findChildren(ProjectCard)[0]

    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Return)

    assert window.session.project is not None
    assert window.session.project.layout.root == tiny_text_project.resolve()
    assert window.stage == "results"


def test_undo_and_redo_of_an_edit_are_on_disk_at_once(opened: MainWindow, tiny_text_project: Path) -> None:
    def name() -> str:
        return str(json.loads((tiny_text_project / "project.ftstudio").read_text(encoding="utf-8"))["name"])

    before = name()
    opened.session.set_name("Another")
    changed = name()
    opened.actions_by_key["undo"].trigger()
    undone = name()
    opened.actions_by_key["redo"].trigger()

    assert (changed, undone, name()) == ("Another", before, "Another")


def test_a_damaged_project_is_told_and_changes_nothing(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "project.ftstudio").write_text("{", encoding="utf-8")

    window.open_project(tmp_path)

    assert notifications.centre().record[-1].severity == "danger"
    assert window.session.project is None
    assert (tmp_path / "project.ftstudio").read_text(encoding="utf-8") == "{"


def test_dropping_a_project_opens_it(window: MainWindow, tiny_text_project: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tiny_text_project))])
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

    window.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, button, keys))

    assert window.session.project is not None


def test_an_interrupted_run_is_offered_for_resume(window: MainWindow, tiny_text_project: Path) -> None:
    run = recorded_run(tiny_text_project, state=RunState.INTERRUPTED)

    window.open_project(tiny_text_project)

    offer = notifications.centre().record[-1]
    assert "interrupted at step 396" in offer.message
    assert [words for words, _ in offer.actions] == ["Resume"]
    assert window.session.interrupted() is not None and window.session.interrupted().id == run.id  # type: ignore[union-attr]
    assert window.stage == "train"


def test_size_and_theme_are_remembered_and_damage_is_forgiven(window: MainWindow) -> None:
    window.set_theme("dark")
    assert preferences.load().theme == "dark"

    preferences.file().write_text('{"theme": 7}', encoding="utf-8")
    assert preferences.load() == preferences.Preferences()


@pytest.mark.parametrize(
    ("answer", "hidden", "stopped"),
    [
        (closing.Answer.CANCEL, False, False),
        (closing.Answer.KEEP, True, False),
        (closing.Answer.STOP, True, True),
    ],
)
def test_closing_while_training_asks_once(
    opened: MainWindow,
    replay_running: None,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    answer: closing.Answer,
    hidden: bool,
    stopped: bool,
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(closing, "ask", lambda parent: asked.append(parent) or answer)
    opened.session.start_training()
    qtbot.waitUntil(lambda: opened.session.trainer.step > 0, timeout=20_000)

    opened.close()

    assert len(asked) == 1
    assert opened.isHidden() is hidden
    assert opened.session.trainer.is_stopping is stopped


class Windows(QObject):
    """Notes whatever is shown as a window of its own: it flickers, and takes the keyboard away."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(f"{type(watched).__name__}: {getattr(watched, 'text', str)()}")
        return False


def test_no_part_of_a_page_is_ever_a_window_of_its_own(
    opened: MainWindow, tiny_text_project: Path, qtbot: QtBot
) -> None:
    recorded_run(tiny_text_project)
    opened.session.refresh_runs()
    windows, application = Windows(), QApplication.instance()
    assert application is not None
    application.installEventFilter(windows)
    for stage in opened.stages:
        opened.go_to(stage)
    results = opened.pages["results"]
    assert isinstance(results, ResultsPage)
    for tab in finding.find(Answer.LABEL):
        results.show_view(tab.key)
    fix = Fix(key="drop", label=text("Drop"))
    report = opened.pages["data"].findChildren(DataReport)[0]
    report.show_problems([Problem(severity=Severity.NOTE, code="x", message=text("X"), rows=(1,), fix=fix)])
    made = Banner("A sentence", hint="and a hint")
    qtbot.waitUntil(lambda: not opened.operations.running, timeout=20_000)
    application.removeEventFilter(windows)
    made.deleteLater()

    assert windows.seen == []


def test_the_rail_ticks_runs_and_exports_that_are_there(opened: MainWindow, tiny_text_project: Path) -> None:
    rail, exports = opened.rail.buttons, tiny_text_project / "exports"
    assert rail["runs"].state is StageState.EMPTY

    recorded_run(tiny_text_project)
    (exports / "model.failed-check").mkdir(parents=True)
    opened.session.refresh_runs()
    assert rail["runs"].state is StageState.DONE
    assert rail["export"].state is StageState.READY, "an export that failed its check is not called done"

    (exports / "model").mkdir()
    opened.session.stage_states_changed.emit()
    assert rail["export"].state is StageState.DONE


def test_the_rail_folds_and_tells_states(opened: MainWindow) -> None:
    button = opened.rail.buttons["data"]
    assert button.state is StageState.DONE
    assert button.accessibleName() == "Data: done"

    opened.actions_by_key["fold_rail"].trigger()

    assert opened.rail.width() == 56 or opened.rail.maximumWidth() == 56
    assert opened.preferences.rail_folded
