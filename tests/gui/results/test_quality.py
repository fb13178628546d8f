"""The Quality view: what its charts say, and that choices on it are stored, undone and refused as they must be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ftstudio.gui import seal
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.results import ResultsPage
from ftstudio.gui.results.quality import QualityView
from ftstudio.project.decisions import Decision, read_decision, write_decision
from ftstudio.project.layout import RunLayout
from tests.support.stored_answers import answered_run


def too_sure(labels: np.ndarray, classes: int) -> np.ndarray:
    """Return logits that claim some 95 % and are right in two of three rows; enough rows to tell are made by chance."""
    chance = np.random.default_rng(7)
    told = np.where(chance.random(len(labels)) < 0.67, labels, (labels + 1) % classes)
    return np.eye(classes)[told] * 3.0 + chance.normal(0, 0.2, (len(labels), classes))


class Shown:
    def __init__(self, window: MainWindow, project: Path, qtbot: QtBot, logits=too_sure) -> None:
        self.window, self.qtbot = window, qtbot
        self.run: RunLayout = answered_run(project, logits)
        window.session.refresh_runs()
        window.go_to("results")
        page = window.pages["results"]
        assert isinstance(page, ResultsPage)
        self.page = page
        page.show_view("quality")
        view = page.view("quality")
        assert isinstance(view, QualityView)
        self.view = view
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.window.operations.running, timeout=20_000)

    @property
    def decision(self) -> Decision:
        return read_decision(self.run)


@pytest.fixture
def shown(opened: MainWindow, tiny_text_project: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Shown:
    monkeypatch.setattr("ftstudio.planning.quality.calibration.FEWEST_ROWS", 10)
    return Shown(opened, tiny_text_project, qtbot)


def test_a_model_that_is_too_sure_is_told_in_words(shown: Shown) -> None:
    assert "too sure of itself" in shown.view.calibration.sentence.text()
    assert "too sure of itself" in shown.view.calibration.accessibleDescription()
    assert shown.view.stack.currentIndex() == 1


def test_the_confidence_is_corrected_with_one_click_and_taken_back(shown: Shown) -> None:
    assert shown.view.calibration.correct.isVisible()
    assert "temperature" in shown.view.calibration.correct.text()

    shown.view.calibration.correct.click()
    shown.settle()
    assert shown.decision.temperature > 1.5
    assert shown.decision.chosen
    assert "Corrected with temperature" in shown.view.calibration.detail.text()

    shown.window.session.undo()
    shown.settle()
    assert shown.decision == Decision()
    assert shown.view.calibration.correct.isVisible()

    shown.window.session.redo()
    shown.settle()
    assert shown.decision.temperature > 1.5
    shown.view.calibration.undo.click()
    shown.settle()
    assert shown.decision.temperature == 1.0


def test_a_limit_is_chosen_with_the_keyboard_and_saved(shown: Shown) -> None:
    panel = shown.view.coverage
    assert "answers every row" in panel.sentence.text()
    assert not panel.save_limit.isEnabled()

    for _ in range(4):
        QTest.keyClick(panel.slider, Qt.Key.Key_PageUp)
    assert "Don't know below" in panel.sentence.text()
    panel.save_limit.click()
    shown.settle()

    assert shown.decision.dont_know_below == panel.limit > 0.5
    assert panel.slider.value() > 0
    panel.forget.click()
    shown.settle()
    assert shown.decision.dont_know_below == 0.0


def test_a_threshold_is_chosen_for_the_rarer_label(shown: Shown) -> None:
    bar = shown.view.curves.threshold
    assert bar.isVisible()
    bar.best.click()
    bar.slider.setValue(300)
    bar.save_threshold.click()
    shown.settle()

    label = str(shown.view.curves.labels.currentData())
    assert (shown.decision.positive, shown.decision.threshold) == (label, 0.3)
    bar.forget.click()
    shown.settle()
    assert shown.decision.positive == ""


def test_test_rows_are_looked_at_and_not_chosen_by(shown: Shown) -> None:
    run = shown.window.session.run()
    assert run is not None
    seal.open_test(shown.window.session, run)
    shown.page.splits._group.button(0).click()
    shown.settle()

    assert not shown.view.coverage.slider.isEnabled()
    assert shown.view.coverage.note.isVisible()
    assert not shown.view.curves.threshold.slider.isEnabled()
    assert shown.view.calibration.correct.isEnabled()


def test_a_choice_that_cannot_be_written_is_told_and_not_in_force(shown: Shown, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ftstudio.project.atomic.write_text", full)
    shown.view.calibration.correct.click()
    shown.settle()

    assert shown.decision == Decision()
    assert not shown.window.session.undo_stack.canUndo()


def test_answers_that_are_gone_are_said(opened: MainWindow, tiny_text_project: Path, qtbot: QtBot) -> None:
    shown = Shown(opened, tiny_text_project, qtbot)
    (shown.run.predictions / "predictions.arrow").write_bytes(b"nonsense")
    shown.page.refresh()
    shown.settle()

    assert shown.view.stack.currentIndex() == 0
    assert "damaged" in shown.view.message.accessibleName()


def test_a_damaged_decision_is_said(opened: MainWindow, tiny_text_project: Path, qtbot: QtBot) -> None:
    shown = Shown(opened, tiny_text_project, qtbot)
    shown.run.decision.write_text("{")
    shown.page.refresh()
    shown.settle()

    assert "decision.json" in shown.view.message.accessibleName()


def test_the_crosshair_reads_the_curve_by_keyboard(shown: Shown) -> None:
    chart = shown.view.curves.precision_recall
    QTest.keyClick(chart, Qt.Key.Key_Right)

    assert chart.reading.text().startswith("found")
    assert chart.rows()[0][0] == "series"


def test_a_decision_made_elsewhere_is_shown_when_the_page_is_shown_again(shown: Shown) -> None:
    write_decision(shown.run, Decision(temperature=2.0))
    shown.page.refresh()
    shown.settle()

    assert "temperature 2.00" in shown.view.calibration.detail.text()
