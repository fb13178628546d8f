"""Results of a run that rewrites: its own tabs, the worst text first, and what differs drawn and said in words."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import ipc
from pytestqt.qtbot import QtBot

from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.results import ResultsPage
from ftstudio.gui.results.overview import OverviewView
from ftstudio.gui.results.written_texts import WrittenTextsView
from ftstudio.gui.seal import open_test
from tests.support.rewritten_runs import rewriting_project, rewriting_run


@pytest.fixture
def page(window: MainWindow, tmp_path: Path) -> ResultsPage:
    run = rewriting_run(rewriting_project(tmp_path / "dates"))
    window.open_project(run.root.parents[1])
    window.session.refresh_runs()
    window.go_to("results")
    found = window.pages["results"]
    assert isinstance(found, ResultsPage)
    open_test(window.session, window.session.runs[0])
    return found


@pytest.fixture
def samples(page: ResultsPage, qtbot: QtBot) -> WrittenTextsView:
    page.show_view("samples")
    view = page.views["samples"]
    assert isinstance(view, WrittenTextsView)
    qtbot.waitUntil(lambda: view.list.count() > 0)
    return view


def test_its_tabs_and_its_overview(page: ResultsPage) -> None:
    view = page.view("overview")

    assert [page.bar.tabText(at) for at in range(page.bar.count())] == ["Overview", "Samples"]
    assert isinstance(view, OverviewView)
    assert view.headline.what.text().startswith("ROUGE-L on ")
    assert view.classes.isHidden()
    names = [view.scores.metrics.item(row, 0).text() for row in range(view.scores.metrics.rowCount())]
    assert {"ROUGE-L", "chrF", "Perplexity"} <= set(names)


def test_the_worst_comes_first_and_shows_that_nothing_was_written(samples: WrittenTextsView) -> None:
    first = samples.chosen[0]

    assert samples.list.item(0).text().startswith("✗ 0 %")
    assert samples.compared.source.toPlainText() == first.text
    assert samples.compared.written.toPlainText() == ""
    assert samples.compared.told.text() == "The model wrote nothing."
    assert "chrF 0.0" in samples.place.text()


def test_what_differs_is_drawn_and_said(samples: WrittenTextsView) -> None:
    samples.list.setCurrentRow(1)

    assert samples.compared.written.accessibleDescription() == "1066"
    assert len(samples.compared.written.extraSelections()) == 1
    right = samples.compared.right
    assert right.toPlainText().endswith(right.accessibleDescription())
    samples.list.setCurrentRow(samples.list.count() - 1)
    assert samples.compared.told.text() == "Both are the same."
    assert not samples.compared.right.extraSelections()


def test_only_mistakes_can_be_shown(samples: WrittenTextsView) -> None:
    everything = samples.list.count()
    samples.which.setCurrentIndex(1)
    samples.which.activated.emit(1)

    assert 0 < samples.list.count() < everything
    assert all(one.mistakes for one in samples.chosen)


def test_an_older_run_without_stored_texts_says_so(page: ResultsPage, qtbot: QtBot) -> None:
    stored = page._session.runs[0].layout.predictions / "predictions.arrow"
    table = ipc.open_file(str(stored)).read_all().drop_columns(["written"])
    table = pa.table({name: table[name].to_pylist() for name in table.column_names}, table.schema)
    with ipc.new_file(str(stored), table.schema) as writer:
        writer.write_table(table)

    page.show_view("samples")
    view = page.views["samples"]
    assert isinstance(view, WrittenTextsView)
    qtbot.waitUntil(lambda: view._pages.currentIndex() == 1)
    assert "stored no written texts" in view.failed.accessibleName()
