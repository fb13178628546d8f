"""Results of a run that marks places: its own tabs, the texts with mistakes first, every place said in words, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.results import ResultsPage
from ftstudio.gui.panels.data_view import DataView
from ftstudio.gui.results.marked_places import MarkedPlacesView
from ftstudio.gui.results.overview import OverviewView
from ftstudio.gui.results.view import Wanted
from ftstudio.gui.seal import open_test
from ftstudio.gui.tables.dataset_rows import DatasetRows
from ftstudio.project.layout import RunLayout
from tests.datasets import making
from tests.gui.conftest import recorded_run
from tests.support.marked_runs import marked_project, marked_run


@pytest.fixture
def run(tmp_path: Path) -> RunLayout:
    return marked_run(marked_project(tmp_path / "letters"))


@pytest.fixture
def page(window: MainWindow, run: RunLayout) -> ResultsPage:
    window.open_project(run.root.parents[1])
    window.session.refresh_runs()
    window.go_to("results")
    found = window.pages["results"]
    assert isinstance(found, ResultsPage)
    open_test(window.session, window.session.runs[0])
    return found


@pytest.fixture
def samples(page: ResultsPage, qtbot: QtBot) -> MarkedPlacesView:
    page.show_view("samples")
    view = page.views["samples"]
    assert isinstance(view, MarkedPlacesView)
    qtbot.waitUntil(lambda: view.list.count() > 0)
    return view


def test_its_tabs_are_those_for_marked_places_and_come_back_for_labels(
    page: ResultsPage, window: MainWindow, tiny_text_project: Path
) -> None:
    assert [page.bar.tabText(at) for at in range(page.bar.count())] == ["Overview", "Samples"]

    recorded_run(tiny_text_project)
    window.open_project(tiny_text_project)
    window.go_to("results")

    assert "Quality" in [page.bar.tabText(at) for at in range(page.bar.count())]
    page.show_view("samples")
    assert not isinstance(page.views["samples"], MarkedPlacesView)


def test_the_overview_has_the_f1_of_places_and_no_room_for_a_matrix(page: ResultsPage) -> None:
    view = page.view("overview")
    assert isinstance(view, OverviewView)

    assert view.headline.what.text().startswith("F1 on 12 test ")
    assert view.headline.score.text() == "0.857"
    assert not view.matrix.isVisibleTo(view)
    assert view.headline.interval.text().endswith("with 95 % certainty")
    table = view.classes.classes
    assert view.classes.title_label.text() == "By kind of place"
    assert [table.horizontalHeaderItem(at).text() for at in (0, 1)] == ["kind", "places"]  # type: ignore[union-attr]
    assert [table.item(row, 0).text() for row in range(table.rowCount())] == ["city", "person"]  # type: ignore[union-attr]


def test_the_data_are_shown_in_words_and_no_wrong_labels_are_looked_for(window: MainWindow, run: RunLayout) -> None:
    window.open_project(run.root.parents[1])
    dataset = window.session.dataset
    assert dataset is not None
    (row,) = DatasetRows(dataset, dataset.find()[:1]).fetch(0, 1)
    assert row["label"] == "Ana (person), Faro (city)"
    assert row["#label"] == '[[0, 3, "person"], [8, 12, "city"]]'
    view = DataView()
    view.show_dataset(dataset, making.span_task())
    assert view.labels_button.isHidden()
    assert view.browser.label.itemText(0) == "All kinds"
    assert view.charts.labels.chart_title == "Rows per kind"
    view.show_dataset(dataset, making.text_task())
    assert not view.labels_button.isHidden()
    view.deleteLater()


def test_texts_with_mistakes_come_first(samples: MarkedPlacesView) -> None:
    assert samples.counted.text() == "12 texts, 6 with mistakes"
    assert samples.list.item(0).text().startswith("✗ 1  ")
    assert samples.list.item(11).text().startswith("✓  ")
    assert "missed" in samples.content.words.accessibleDescription()
    assert samples.place.text().startswith("Row ")


def test_only_mistakes_and_one_kind_can_be_asked_for(samples: MarkedPlacesView) -> None:
    samples.which.setCurrentIndex(1)
    samples.which.activated.emit(1)
    assert samples.list.count() == 6

    samples.look_for(Wanted("test", truth="city"))

    assert samples.kind.currentData() == "city"
    assert samples.list.count() == 6


def test_the_split_changes_the_texts(samples: MarkedPlacesView, page: ResultsPage, qtbot: QtBot) -> None:
    before = {one.row for one in samples.chosen}

    page.splits._group.button(1).click()

    qtbot.waitUntil(lambda: not before & {one.row for one in samples.chosen})
    assert samples.list.count() == 12


def test_answers_that_are_gone_are_told(page: ResultsPage, run: RunLayout, qtbot: QtBot) -> None:
    (run.predictions / "predictions.arrow").unlink()

    page.show_view("samples")

    view = page.views["samples"]
    assert isinstance(view, MarkedPlacesView)
    qtbot.waitUntil(lambda: view._pages.currentIndex() == 1)
    assert "no stored answers" in view.failed.accessibleName()
