"""The runs of a project in the window: sorted, found, named, starred, noted, deleted and brought back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from ftstudio.core.states import RunState
from ftstudio.gui import notifications, run_edits
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.runs import RunsPage
from ftstudio.project import runs as stored
from ftstudio.project import trash
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.run_notes import RunNotes, write_notes
from tests.gui.conftest import recorded_run
from tests.gui.pages.conftest import unnamed

Open = Callable[..., RunsPage]


@pytest.fixture
def page_of(opened: MainWindow, tiny_text_project: Path, qtbot: QtBot) -> Open:
    """Return a function that puts runs with these names into the project and shows its page of runs."""

    def make(*names: str) -> RunsPage:
        for name in names:
            write_notes(recorded_run(tiny_text_project), RunNotes(name=name))
        opened.session.refresh_runs()
        opened.go_to("runs")
        page = opened.pages["runs"]
        assert isinstance(page, RunsPage)
        qtbot.wait(100)
        return page

    return make


def names(page: RunsPage) -> list[str]:
    return [run.name for run in page.table.runs.shown]


def choose(page: RunsPage, qtbot: QtBot, *wanted: str) -> None:
    page.table.choose([run.id for run in page.table.runs.shown if run.name in wanted])
    qtbot.wait(100)


def press(page: RunsPage, qtbot: QtBot, key: Qt.Key) -> None:
    page.table.setFocus()
    qtbot.keyClick(page.table, key)


def test_without_runs_the_page_says_what_to_do(page_of: Open, opened: MainWindow, qtbot: QtBot) -> None:
    page = page_of()

    assert page.stack.currentIndex() == 0
    assert not page.delete_button.isVisible()


def test_runs_are_listed_newest_first_and_one_is_chosen(page_of: Open) -> None:
    page = page_of("a", "b", "c")

    assert names(page) == ["c", "b", "a"]
    assert [run.name for run in page.chosen()] == ["c"]
    assert page.subtitle_label.text() == "3 runs"
    assert unnamed(page) == []


def test_any_column_sorts_and_the_chosen_runs_stay_chosen(page_of: Open, qtbot: QtBot) -> None:
    page = page_of("b", "c", "a")
    choose(page, qtbot, "b", "c")

    page.table.sortByColumn(page.table.runs.place("name"), Qt.SortOrder.AscendingOrder)

    assert names(page) == ["a", "b", "c"]
    assert {run.name for run in page.chosen()} == {"b", "c"}
    for column in range(page.table.runs.columnCount()):
        page.table.sortByColumn(column, Qt.SortOrder.DescendingOrder)
        assert sorted(names(page)) == ["a", "b", "c"]


def test_words_states_and_stars_filter(page_of: Open, qtbot: QtBot, tiny_text_project: Path) -> None:
    recorded_run(tiny_text_project, state=RunState.FAILED)
    page = page_of("first try", "second try", "other")

    page.filters.search.setText("TRY first")
    assert names(page) == ["first try"]
    assert page.subtitle_label.text() == "1 of 4 runs"
    page.filters.search.setText("nothing like it")
    assert page.tables.currentIndex() == 1
    page.filters.clear()
    page.filters.choice.choose("broken")
    page.filters.changed.emit()
    assert [run.status.state for run in page.table.runs.shown] == [RunState.FAILED]
    page.filters.clear()
    choose(page, qtbot, "other")
    press(page, qtbot, Qt.Key.Key_Space)
    page.filters.star.setChecked(True)
    assert names(page) == ["other"]


def test_what_a_search_finds_is_chosen_when_nothing_chosen_is_left(page_of: Open, qtbot: QtBot) -> None:
    page = page_of("first try", "second try")

    page.filters.search.setText("nothing like it")
    page.filters.search.setText("first")

    assert [run.name for run in page.chosen()] == ["first try"]


def test_f2_names_the_run_and_not_the_project(page_of: Open, opened: MainWindow, qtbot: QtBot) -> None:
    page = page_of("a")
    run = page.chosen()[0]
    asked_for = run.layout.request.read_bytes()

    press(page, qtbot, Qt.Key.Key_F2)
    field = page.table.findChild(QLineEdit)
    assert field is not None
    field.setText("  better  ")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(page) == ["better"])

    assert run.layout.request.read_bytes() == asked_for
    opened.session.undo()
    assert names(page) == ["a"]
    opened.session.redo()
    assert names(page) == ["better"]


def test_a_star_is_given_and_taken_by_key_and_by_mouse(page_of: Open, opened: MainWindow, qtbot: QtBot) -> None:
    page = page_of("a", "b")
    choose(page, qtbot, "a", "b")

    press(page, qtbot, Qt.Key.Key_Space)
    assert [run.notes.star for run in opened.session.runs] == [True, True]
    opened.session.undo()
    assert [run.notes.star for run in opened.session.runs] == [False, False]
    star = page.table.visualRect(page.table.runs.index(1, 0)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=star)

    assert [run.notes.star for run in opened.session.runs] == [False, True]
    assert {run.name for run in page.chosen()} == {"a", "b"}, "a press on a star chooses nothing"


def test_notes_are_saved_when_the_field_is_left(page_of: Open, opened: MainWindow, qtbot: QtBot) -> None:
    page = page_of("a", "b")
    page._write_notes()

    page.details.notes.field.setPlainText("tried more epochs\nno better")
    QApplication.sendEvent(page.details.notes.field, QFocusEvent(QEvent.Type.FocusOut))

    run = next(run for run in opened.session.runs if run.name == "b")
    assert run.notes.notes == "tried more epochs\nno better"
    opened.session.undo()
    assert page.details.notes.field.toPlainText() == ""


def test_notes_name_the_run_as_it_is_called_now(page_of: Open, opened: MainWindow, qtbot: QtBot) -> None:
    page = page_of("a")

    run_edits.rename(opened.session, page.chosen()[0].id, "better")

    qtbot.waitUntil(lambda: "“better”" in page.details.notes.hint.text(), timeout=2_000)


def test_notes_typed_for_one_run_never_go_to_another(page_of: Open, opened: MainWindow, qtbot: QtBot) -> None:
    page = page_of("a", "b")
    page._write_notes()
    page.details.notes.field.setPlainText("about b")

    choose(page, qtbot, "a")

    assert {run.name: run.notes.notes for run in opened.session.runs} == {"a": "", "b": "about b"}
    assert page.details.notes.field.toPlainText() == ""


def test_deleted_runs_go_to_the_trash_and_come_back(page_of: Open, opened: MainWindow, qtbot: QtBot) -> None:
    page = page_of("a", "b", "c")
    choose(page, qtbot, "b", "c")

    press(page, qtbot, Qt.Key.Key_Delete)
    assert names(page) == ["a"]
    assert page.trash_button.isVisible()
    assert "2" in page.trash_button.text()
    opened.session.undo()
    assert names(page) == ["c", "b", "a"]
    opened.session.redo()
    assert names(page) == ["a"]
    page.show_trash()
    page.trash.list.selectAll()
    page.trash.restore()
    assert sorted(names(page)) == ["a", "b", "c"]
    assert page.stack.currentIndex() == 1, "an empty trash shows the runs again"


def test_the_last_run_deleted_leaves_an_empty_page(page_of: Open, opened: MainWindow, qtbot: QtBot) -> None:
    page = page_of("a")

    press(page, qtbot, Qt.Key.Key_Delete)

    assert page.stack.currentIndex() == 0
    assert page.trash_button.isVisible()


def test_a_run_at_work_stays(page_of: Open, opened: MainWindow, qtbot: QtBot, tiny_text_project: Path) -> None:
    page = page_of("done")
    run = stored.create_run(ProjectLayout(tiny_text_project), opened.session.runs[0].request)  # type: ignore[arg-type]
    opened.session.refresh_runs()
    page.table.selectAll()
    notifications.centre().record.clear()

    page.delete()

    assert [one.id for one in opened.session.runs] == [run.id]
    assert "at work" in notifications.centre().record[-1].message
    opened.session.undo()
    assert len(opened.session.runs) == 2


def test_undo_after_the_trash_was_emptied_says_so_and_is_forgotten(
    page_of: Open, opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of("a", "b")
    press(page, qtbot, Qt.Key.Key_Delete)
    monkeypatch.setattr("ftstudio.gui.panels.trash_view.confirmed", lambda *_: True)
    page.show_trash()
    page.trash.empty()
    assert page.trash.list.count() == 0
    notifications.centre().record.clear()

    opened.session.undo()

    assert "not in the trash" in notifications.centre().record[-1].message
    assert names(page) == ["a"]
    assert not opened.session.undo_stack.canRedo()


def test_the_trash_is_emptied_only_when_it_is_meant(
    page_of: Open, opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tiny_text_project: Path
) -> None:
    page = page_of("a", "b")
    press(page, qtbot, Qt.Key.Key_Delete)
    monkeypatch.setattr("ftstudio.gui.panels.trash_view.confirmed", lambda *_: False)

    page.show_trash()
    page.trash.empty()

    assert trash.count_trash(ProjectLayout(tiny_text_project)) == 1


def test_a_project_open_to_look_at_is_not_changed(
    page_of: Open, opened: MainWindow, qtbot: QtBot, tiny_text_project: Path
) -> None:
    page = page_of("a")
    opened.open_project(tiny_text_project, write=False)
    opened.go_to("runs")
    qtbot.wait(100)
    before = {path: path.stat().st_mtime_ns for path in tiny_text_project.glob("runs/*/*")}

    for key in (Qt.Key.Key_Space, Qt.Key.Key_Delete, Qt.Key.Key_F2):
        press(page, qtbot, key)

    assert names(page) == ["a"]
    assert page.table.findChild(QLineEdit) is None
    assert not page.delete_button.isEnabled()
    assert {path: path.stat().st_mtime_ns for path in tiny_text_project.glob("runs/*/*")} == before


def test_a_broken_run_is_listed_with_its_reason(page_of: Open, opened: MainWindow, tiny_text_project: Path) -> None:
    recorded_run(tiny_text_project).request.write_text("{", encoding="utf-8")
    page = page_of("good")

    model = page.table.runs
    row = next(at for at, run in enumerate(model.shown) if run.status.state is RunState.FAILED)
    tip = model.data(model.index(row, model.place("state")), Qt.ItemDataRole.ToolTipRole)

    assert "request.json" in tip


def test_the_table_is_exported_as_it_is_shown(page_of: Open, tmp_path: Path) -> None:
    page = page_of("a", "=HYPERLINK(1)", "c")
    page.filters.search.setText("hyper")

    page.write_csv(tmp_path / "runs.csv")

    head, line = (tmp_path / "runs.csv").read_text(encoding="utf-8").splitlines()
    assert head.startswith("run,star,name,state")
    assert ",'=HYPERLINK(1),finished," in line


def test_enter_looks_at_the_result(page_of: Open, opened: MainWindow, qtbot: QtBot) -> None:
    page = page_of("a", "b")
    choose(page, qtbot, "a")

    press(page, qtbot, Qt.Key.Key_Return)

    shown = opened.session.run()
    assert opened.stage == "results"
    assert shown is not None and shown.name == "a"


@pytest.mark.parametrize(("key", "written"), [("learning_rate", "0.0005"), ("best", "0.808"), ("test", "0.824")])
def test_figures_are_not_cut(page_of: Open, key: str, written: str) -> None:
    page = page_of("first")
    cell = 2 * 8 + 2 * 3  # what the style keeps free at both sides of a cell
    at = page.table.runs.place(key)
    assert page.table.columnWidth(at) >= page.table.fontMetrics().horizontalAdvance(written) + cell
