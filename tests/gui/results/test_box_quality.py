"""Results of a run that draws boxes: thresholds tried out and kept, figures by size, the way to correcting boxes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ftstudio.core import boxes
from ftstudio.core.states import Split
from ftstudio.datasets import label_edits
from ftstudio.datasets.store import Dataset
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.data import DataPage
from ftstudio.gui.pages.results import ResultsPage
from ftstudio.gui.results.box_quality import BoxQualityView
from ftstudio.gui.results.found_boxes import FoundBoxesView
from ftstudio.planning.box_answers import read_box_answers
from ftstudio.planning.quality.boxes import look
from ftstudio.project.decisions import read_decision
from ftstudio.project.layout import RunLayout
from tests.gui.pages.conftest import unnamed
from tests.support.box_projects import box_project, box_run


@pytest.fixture
def run(tmp_path: Path) -> RunLayout:
    return box_run(box_project(tmp_path / "project", 40))


@pytest.fixture
def page(window: MainWindow, run: RunLayout, qtbot: QtBot) -> ResultsPage:
    window.open_project(run.root.parents[1])
    window.session.refresh_runs()
    window.go_to("results")
    found = window.pages["results"]
    assert isinstance(found, ResultsPage)
    return found


def quality(page: ResultsPage, qtbot: QtBot) -> BoxQualityView:
    page.show_view("quality")
    view = page.views["quality"]
    assert isinstance(view, BoxQualityView)
    qtbot.waitUntil(lambda: view.stack.currentIndex() == 1, timeout=5000)
    return view


def samples(page: ResultsPage, qtbot: QtBot) -> FoundBoxesView:
    page.show_view("samples")
    view = page.views["samples"]
    assert isinstance(view, FoundBoxesView)
    qtbot.waitUntil(lambda: view.list.count() > 0, timeout=5000)
    return view


def test_a_look_counts_what_each_threshold_draws(run: RunLayout) -> None:
    dataset = Dataset.open(run.root.parents[1] / "data")
    seen = look(run, dataset, Split.VALIDATION)
    rows = dataset.table(Split.VALIDATION).to_pylist()
    there = sum(len(boxes.read(row["label"])) for row in rows)
    found = there - sum(bool(boxes.read(row["label"])) for row in rows[1::2])

    low, high = seen.effect(None, 0.1), seen.effect(None, 0.5)
    assert (high.precision, high.recall) == (1.0, pytest.approx(found / there))
    assert low.precision == pytest.approx(found / (found + len(rows)))
    assert seen.best == pytest.approx(0.9)
    curve = seen.curve(None)
    assert (curve.precision[0], curve.recall[-1]) == (1.0, pytest.approx(found / there))
    assert curve.f1.max() == pytest.approx(high.f1)
    assert sum(one.there for one in seen.sizes) == there
    by_hand = sum(one.width * one.height <= 32**2 for row in rows for one in boxes.read(row["label"]))
    assert seen.sizes[0].there == by_hand
    assert look(run, dataset, Split.TEST).may_choose is False


def test_a_threshold_is_chosen_on_the_curve_kept_and_undone(
    page: ResultsPage, run: RunLayout, window: MainWindow, qtbot: QtBot
) -> None:
    view = quality(page, qtbot)
    panel = view.panel
    assert unnamed(view) == []
    assert panel.sizes.rowCount() == 3
    assert not panel.save_threshold.isEnabled()

    panel.best.click()
    assert "right in 100" in panel.sentence.text()
    panel.slider.setValue(150)
    assert "In force is 0.5" in panel.sentence.text()
    panel.save_threshold.click()

    assert read_decision(run).threshold == 0.15
    window.session.undo()
    assert read_decision(run).threshold == 0.5


def test_the_slider_judges_anew_and_saves(page: ResultsPage, run: RunLayout, window: MainWindow, qtbot: QtBot) -> None:
    view = samples(page, qtbot)
    assert "0 extra" in view.summary.text()
    before = view.chosen[0].mistakes

    view.threshold.slider.setValue(150)

    assert "nothing of the kind is there" in view.boxed.picture.accessibleDescription()  # at once, the picture on show
    qtbot.waitUntil(lambda: "0 extra" not in view.summary.text(), timeout=2000)
    assert view.chosen[0].mistakes == before + 1
    view.threshold.save_button.click()
    assert read_decision(run).threshold == 0.15
    qtbot.waitUntil(lambda: not view.threshold.save_button.isEnabled(), timeout=5000)


def test_a_result_leads_to_correcting_its_picture_and_stays_as_it_was_judged(
    page: ResultsPage, run: RunLayout, window: MainWindow, qtbot: QtBot
) -> None:
    view = samples(page, qtbot)
    view.list.setCurrentRow(1)
    place, truth = view.chosen[1].place, view.chosen[1].truth

    view.correct_button.click()

    data = window.pages["data"]
    assert isinstance(data, DataPage)
    assert data.faces.currentWidget() is data.boxes
    assert data.boxes.places[data.boxes.position] == place
    assert len(data.boxes.places) == len(view.chosen)
    qtbot.waitUntil(lambda: data.boxes.canvas.size_of_picture[0] > 1, timeout=5000)
    data.boxes.canvas.choose(0)
    data.boxes.canvas.delete()
    assert window.session.dataset is not None
    assert len(label_edits.relabelled(window.session.dataset.edits)) == 1
    again = read_box_answers(run, window.session.dataset, Split.VALIDATION)
    assert next(one for one in again if one.place == place).truth == truth
