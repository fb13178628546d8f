"""Another window, a verb or a file manager changes the project: this window notices when the user comes back to it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ftstudio.core.specs import ColumnRole
from ftstudio.datasets import label_edits
from ftstudio.datasets.store import Dataset
from ftstudio.gui import notifications, run_edits
from ftstudio.gui.main_window import MainWindow
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.trash import delete_run, restore_run
from tests.gui.conftest import recorded_run


@pytest.fixture
def runs(window: MainWindow, tiny_text_project: Path) -> list[RunLayout]:
    """Open a project with two runs; the newer one, which is shown, comes last."""
    made = [recorded_run(tiny_text_project), recorded_run(tiny_text_project)]
    window.open_project(tiny_text_project)
    return made


def said() -> list[str]:
    return [str(message.message) for message in notifications.centre().record]


def come_back(window: MainWindow, qtbot: QtBot) -> None:
    """Go to another window and come back to this one."""
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not window.isActiveWindow())
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


@pytest.mark.parametrize("stage", ["results", "try", "export"])
def test_a_run_deleted_by_hand_is_not_shown_any_more(
    window: MainWindow, runs: list[RunLayout], stage: str, qtbot: QtBot
) -> None:
    kept, shown = runs
    window.go_to(stage)
    assert window.pages[stage].runs.currentData() == shown.id
    shutil.rmtree(shown.root)
    come_back(window, qtbot)

    assert window.pages[stage].runs.currentData() == kept.id
    assert window.pages[stage].runs.count() == 1
    assert [words for words in said() if "is not there any more" in words]


def test_a_run_deleted_and_restored_elsewhere_goes_and_comes_back(window: MainWindow, runs: list[RunLayout]) -> None:
    window.go_to("results")
    layout = ProjectLayout(runs[0].root.parents[1])
    for run in runs:
        delete_run(layout, run.id)
    window.go_to("export")
    assert window.pages["results"].stack.currentIndex() == 0
    restore_run(layout, runs[0].id)
    window.go_to("results")

    assert window.pages["results"].stack.currentIndex() == 1
    assert window.pages["export"].runs.currentData() == runs[0].id


def test_a_run_deleted_here_is_no_surprise(window: MainWindow, runs: list[RunLayout], qtbot: QtBot) -> None:
    window.go_to("results")
    run_edits.delete(window.session, [runs[1].id])
    come_back(window, qtbot)

    assert window.pages["results"].runs.currentData() == runs[0].id
    assert said() == []


def test_labels_changed_elsewhere_are_read_again(window: MainWindow, runs: list[RunLayout], qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.operations.running, timeout=20_000)
    known = window.session.dataset
    assert known is not None
    place = int(known.view.index[0])
    was = known.view.column(ColumnRole.LABEL)[0].as_py()
    other = "negative" if was == "positive" else "positive"
    Dataset.open(known.folder).set_edits([label_edits.relabel(place, other)])
    come_back(window, qtbot)

    assert window.session.dataset is not None
    assert window.session.dataset.edits == (label_edits.relabel(place, other),)
    assert [words for words in said() if "changed outside of this window" in words]


def test_labels_changed_here_are_no_surprise(window: MainWindow, runs: list[RunLayout], qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.operations.running, timeout=20_000)
    session = window.session
    assert session.dataset is not None
    session.relabel(int(session.dataset.view.index[0]), "negative")
    qtbot.waitUntil(lambda: not window.operations.running, timeout=20_000)
    come_back(window, qtbot)

    assert said() == []
    assert session.undo_stack.canUndo()
