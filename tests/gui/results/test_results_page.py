"""The Results page: its tabs are found, built when first chosen, reached by keyboard, and kept when the run changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ftstudio.core.specs import Answer
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.results import ResultsPage
from ftstudio.gui.results import finding
from ftstudio.gui.results.overview import OverviewView
from ftstudio.gui.seal import open_test
from tests.gui.conftest import recorded_run


@pytest.fixture
def page(opened: MainWindow, tiny_text_project: Path) -> ResultsPage:
    recorded_run(tiny_text_project)
    opened.session.refresh_runs()
    opened.go_to("results")
    found = opened.pages["results"]
    assert isinstance(found, ResultsPage)
    open_test(opened.session, opened.session.runs[0])
    return found


def overview(page: ResultsPage) -> OverviewView:
    view = page.view("overview")
    assert isinstance(view, OverviewView)
    return view


@pytest.mark.parametrize("answer", Answer)
def test_every_view_of_the_package_is_a_tab_in_its_order(answer: Answer) -> None:
    tabs = finding.find(answer)

    assert tabs[0].key == "overview"
    assert [tab.order for tab in tabs] == sorted(tab.order for tab in tabs)
    assert len({tab.key for tab in tabs}) == len(tabs)


def test_every_tab_shows_a_run_whose_predictions_are_gone(page: ResultsPage) -> None:
    for at, tab in enumerate(finding.find(Answer.LABEL)):
        page.bar.setCurrentIndex(at)

        assert page.view_stack.currentWidget() is page.views[tab.key]


def test_a_view_is_built_when_its_tab_is_first_chosen(page: ResultsPage) -> None:
    assert list(page.views) == ["overview"]
    page.show_view("nothing of this name")
    assert list(page.views) == ["overview"]


def test_the_split_is_chosen_for_all_views_at_once(page: ResultsPage) -> None:
    assert overview(page).headline.what.text() == "Right answers on 122 test rows it had never seen"

    page.splits._group.button(1).click()

    assert overview(page).headline.what.text() == "Right answers on 122 validation rows"
    assert overview(page).matrix.grid.counts[0] == [38, 3, 1]


def test_a_cell_of_the_matrix_asks_for_its_samples_with_the_mouse(page: ResultsPage, qtbot: QtBot) -> None:
    grid = overview(page).matrix.grid
    left, top, cell = grid._layout()

    with qtbot.waitSignal(page._session.samples_requested) as asked:
        point = grid.rect().topLeft() + type(grid.rect().topLeft())(int(left + 1.5 * cell), int(top + 0.5 * cell))
        QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=point)

    assert asked.args == ["test", "negative", "neutral"]


def test_a_cell_of_the_matrix_asks_for_its_samples_by_keyboard(page: ResultsPage, qtbot: QtBot) -> None:
    grid = overview(page).matrix.grid
    page.window().activateWindow()
    grid.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(grid.hasFocus)
    assert overview(page).matrix.reading.text() == "negative → negative: 37 (88 %)"

    with qtbot.waitSignal(page._session.samples_requested) as asked:
        for key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
            QTest.keyClick(grid, key)

    assert asked.args == ["test", "neutral", "positive"]


def test_a_label_of_the_table_asks_for_its_samples(page: ResultsPage, qtbot: QtBot) -> None:
    table = overview(page).classes.classes
    table.setCurrentCell(1, 2)

    with qtbot.waitSignal(page._session.samples_requested) as asked:
        table.itemActivated.emit(table.item(1, 2))

    assert asked.args[1:] == [table.item(1, 0).text(), ""]
