"""Thresholds of several labels in the window: moved, saved, undone, and put back to what validation chose."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.results import ResultsPage
from ftstudio.gui.results.label_quality import LabelQualityView
from ftstudio.gui.results.quality import QualityView
from ftstudio.project.decisions import read_decision
from ftstudio.project.layout import RunLayout
from tests.support.shaped_runs import LABELS, shaped_project, shaped_run


def quality_of(window: MainWindow, run: RunLayout, qtbot: QtBot) -> QualityView:
    """Open the project of a run at the Quality view of its validation rows."""
    window.open_project(run.root.parents[1])
    qtbot.waitUntil(lambda: window.session.project is not None and not window.operations.running, timeout=20_000)
    window.go_to("results")
    page = window.pages["results"]
    assert isinstance(page, ResultsPage)
    page.splits.changed.emit("validation")
    page.show_view("quality")
    made = page.view("quality")
    assert isinstance(made, QualityView)
    qtbot.waitUntil(lambda: made.stack.currentIndex() == 1 and not window.operations.running, timeout=20_000)
    return made


@pytest.fixture
def run(tmp_path: Path) -> RunLayout:
    return shaped_run(shaped_project(tmp_path / "project", "labels"))


@pytest.fixture
def view(window: MainWindow, run: RunLayout, qtbot: QtBot) -> LabelQualityView:
    made = quality_of(window, run, qtbot)
    assert isinstance(made, LabelQualityView)
    return made


def cell(view: LabelQualityView, row: int, column: int) -> str:
    item = view.panel.table.item(row, column)
    assert item is not None
    return item.text()


def test_every_label_has_its_row_and_the_chosen_one_its_curves(view: LabelQualityView, run: RunLayout) -> None:
    panel, chosen = view.panel, read_decision(run).thresholds
    assert [cell(view, row, 0) for row in range(3)] == list(LABELS)
    panel.table.setCurrentCell(1, 0)
    assert panel.one.label_name == LABELS[1]
    assert panel.one.threshold == chosen.get(LABELS[1], 0.5)
    assert not panel.one.is_empty
    assert len(panel.one.rows()) > 400
    assert not panel.save_all.isEnabled()


def test_a_moved_threshold_counts_once_it_is_saved_and_can_be_undone(
    view: LabelQualityView, run: RunLayout, window: MainWindow, qtbot: QtBot
) -> None:
    panel, before = view.panel, read_decision(run)
    panel.table.setCurrentCell(1, 0)
    panel.one.slider.setValue(640)
    assert cell(view, 1, 2).startswith("64.0")
    assert read_decision(run) == before
    assert "As it is saved" in panel.sentence.text()

    panel.save_all.click()
    assert read_decision(run).thresholds[LABELS[1]] == 0.64
    window.session.undo()
    assert read_decision(run) == before
    qtbot.waitUntil(lambda: panel.one.threshold == before.thresholds.get(LABELS[1], 0.5))


def test_what_validation_chose_comes_back(view: LabelQualityView, run: RunLayout, qtbot: QtBot) -> None:
    panel, chosen = view.panel, read_decision(run).thresholds
    panel.usual.click()
    panel.save_all.click()
    assert read_decision(run).thresholds == {}
    qtbot.waitUntil(lambda: panel._look is not None and not panel._look.decision.thresholds)
    panel.by_validation.click()
    panel.save_all.click()
    assert read_decision(run).thresholds == chosen


def test_test_rows_may_not_be_chosen_by(view: LabelQualityView) -> None:
    from dataclasses import replace

    looked = view.panel._look
    assert looked is not None
    view.panel.show_look(replace(looked, may_choose=False), can_write=True)
    assert not view.panel.one.slider.isEnabled()
    assert not view.panel.usual.isEnabled()
    assert view.panel.note.text()
