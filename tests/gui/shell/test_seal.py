"""The window shows no test figure of a run before somebody opens it, and then says how often that was done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ftstudio.core.advice import Advice, Table
from ftstudio.core.errors import StudioError
from ftstudio.core.text import text
from ftstudio.gui import notifications
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.seal import open_test, study_of
from ftstudio.project import seal
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.studies import StudyReport
from tests.gui.conftest import recorded_run

TEST_SCORE = "90.3"
VALIDATION_SCORE = "92.4"


@pytest.fixture
def finished(opened: MainWindow, tiny_text_project: Path) -> MainWindow:
    """Return the window with a finished run."""
    recorded_run(tiny_text_project)
    opened.session.refresh_runs()
    return opened


def words(page: QWidget) -> str:
    """Return everything written on a page: labels and the cells of tables."""
    written = [one.text() for one in page.findChildren(QLabel) if one.isVisibleTo(page)]
    for view in page.findChildren(QAbstractItemView):
        model = view.model()
        if model is not None:
            cells = [model.index(row, at) for row in range(model.rowCount()) for at in range(model.columnCount())]
            written += [str(cell.data() or "") for cell in cells]
    return " ".join(written)


def opener(page: QWidget) -> QPushButton:
    return next(one for one in page.findChildren(QPushButton) if one.text() == "Open the test result")


def test_no_page_tells_the_test_score_before_it_is_opened(finished: MainWindow, tiny_text_project: Path) -> None:
    for stage in finished.stages:
        finished.go_to(stage)
        assert not re.search(rf"{TEST_SCORE}|0\.903", words(finished.pages[stage])), stage
    assert VALIDATION_SCORE in words(finished.pages["results"])
    assert seal.looks(ProjectLayout(tiny_text_project)) == ()


def test_opening_shows_the_test_result_and_is_counted_and_dated(
    finished: MainWindow, tiny_text_project: Path, qtbot: QtBot
) -> None:
    finished.go_to("results")
    page = finished.pages["results"]
    assert "The test rows are sealed." in words(page)

    qtbot.mouseClick(opener(page), Qt.MouseButton.LeftButton)

    (look,) = seal.looks(ProjectLayout(tiny_text_project))
    assert (look.kind, look.run) == ("window", finished.session.runs[0].id)
    assert TEST_SCORE in words(page)
    qtbot.waitUntil(lambda: f"The test rows were looked at once, on {look.when[:10]}." in words(page))


def test_opening_one_run_leaves_the_others_sealed(finished: MainWindow, tiny_text_project: Path, qtbot: QtBot) -> None:
    finished.go_to("results")
    page = finished.pages["results"]
    qtbot.mouseClick(opener(page), Qt.MouseButton.LeftButton)

    recorded_run(tiny_text_project)
    finished.session.refresh_runs()

    qtbot.waitUntil(lambda: "The test rows are sealed." in words(page))
    assert TEST_SCORE not in words(page)


def test_a_look_that_cannot_be_written_down_opens_nothing(
    finished: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    def refuse(*_: object) -> None:
        raise StudioError(text("There is no room left."))

    monkeypatch.setattr(seal, "record", refuse)
    finished.go_to("results")
    page = finished.pages["results"]
    qtbot.mouseClick(opener(page), Qt.MouseButton.LeftButton)

    assert TEST_SCORE not in words(page)
    assert "There is no room left." in notifications.centre().record[-1].message


def test_studies_tell_nothing_of_sealed_test_rows(finished: MainWindow, tiny_text_project: Path) -> None:
    run = finished.session.runs[0]
    told = Advice(code="final_model", sentence=text("On the test rows it has 0.903."), test_of=run.id)
    fine = Advice(code="cross_validated", sentence=text("Over 5 folds: 0.9."))
    table = Table(title=text("On the test rows"), columns=(text("a"),), rows=((0.344,),), test_of="")
    report = StudyReport(study="cross_validate", advice=(fine, told), tables=(table,))

    shown = study_of(finished.session, report)
    assert [one.code for one in shown.advice] == ["cross_validated", "sealed"]
    assert shown.tables == ()

    open_test(finished.session, run)
    assert study_of(finished.session, report) == report
