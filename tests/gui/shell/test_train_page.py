"""Training in the window, against recorded transcripts: start, watch, stop, fail, look at the result."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from ftstudio.core.states import StageState
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.export import ExportPage
from ftstudio.gui.pages.results import ResultsPage
from ftstudio.gui.pages.train import TrainPage
from ftstudio.gui.results.overview import OverviewView
from ftstudio.gui.seal import open_test
from ftstudio.gui.widgets.feedback import Banner
from tests.gui.conftest import Replay, recorded_run


@pytest.fixture
def page(opened: MainWindow) -> TrainPage:
    opened.go_to("train")
    made = opened.pages["train"]
    assert isinstance(made, TrainPage)
    return made


def texts(page: TrainPage) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page))


def test_before_the_first_run_there_is_the_button_and_the_cost(page: TrainPage) -> None:
    shown = texts(page)

    assert "Ready to train" in shown
    assert "training rows" in shown and "steps" in shown


def test_without_a_project_the_page_says_what_to_do(window: MainWindow) -> None:
    window.go_to("train")

    assert "No project is open" in texts(window.pages["train"])  # type: ignore[arg-type]


def test_a_run_is_watched_to_its_end(opened: MainWindow, page: TrainPage, replay_running: None, qtbot: QtBot) -> None:
    start = next(one for one in page.before.findChildren(QPushButton) if one.text() == "Start training")

    qtbot.mouseClick(start, Qt.MouseButton.LeftButton)
    assert opened.session.trainer.is_active
    qtbot.waitUntil(lambda: opened.session.trainer.step == 396, timeout=20_000)

    assert len(page.curves.series("train", "loss")) > 300
    assert page.charts.loss.curves is page.curves
    page.charts.score.repaint_curves()
    assert page.charts.score.best_point() is not None
    assert opened.session.trainer.share_done() == 1.0
    qtbot.mouseClick(page.stop_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not opened.session.trainer.is_active, timeout=20_000)
    assert not page.stop_button.isVisible()


def test_the_title_and_the_rail_tell_how_far_it_is(
    opened: MainWindow, page: TrainPage, replay_running: None, qtbot: QtBot
) -> None:
    opened.session.start_training()
    qtbot.waitUntil(lambda: opened.session.trainer.step == 396, timeout=20_000)

    qtbot.waitUntil(lambda: opened.windowTitle().startswith("100 %"))

    assert opened.rail.buttons["train"].state is StageState.ACTIVE
    page.status.refresh()
    assert "step 396/396" in page.status.figures.text()
    assert "best 0.9" in page.status.figures.text()


def test_stop_pressed_twice_ends_cleanly(opened: MainWindow, page: TrainPage, replay: Replay, qtbot: QtBot) -> None:
    replay("finished.jsonl", "--rate", "100")
    opened.session.start_training()
    qtbot.waitUntil(lambda: opened.session.trainer.step > 0, timeout=20_000)

    qtbot.mouseClick(page.stop_button, Qt.MouseButton.LeftButton)
    opened.actions_by_key["stop_training"].trigger()

    assert not page.stop_button.isEnabled()
    qtbot.waitUntil(lambda: not opened.session.trainer.is_active, timeout=20_000)
    assert opened.isVisible()


@pytest.mark.parametrize(("transcript", "words"), [("out_of_memory.jsonl", "memory"), ("failed.jsonl", "")])
def test_a_dead_worker_becomes_a_sentence(
    opened: MainWindow, page: TrainPage, replay: Replay, qtbot: QtBot, transcript: str, words: str
) -> None:
    replay(transcript)
    ended: list[object] = []
    opened.session.trainer.ended.connect(ended.append)

    opened.session.start_training()
    qtbot.waitUntil(lambda: bool(ended), timeout=20_000)

    message = str(getattr(ended[0], "message", ""))
    assert message and words in message.lower()
    assert opened.isVisible()
    assert not opened.session.trainer.is_active


def test_a_finished_run_offers_its_results(opened: MainWindow, page: TrainPage, tiny_text_project: Path) -> None:
    recorded_run(tiny_text_project)

    opened.session.refresh_runs()

    banner = page.outcome_slot.findChildren(Banner)[0]
    assert "92.4 % on 122 validation rows it had not learned from" in banner.text_label.text()
    look = next(one for one in banner.findChildren(QPushButton) if one.text() == "Look at the results")
    look.click()
    assert opened.stage == "results"


def test_the_result_page_shows_the_score_beside_the_baseline(opened: MainWindow, tiny_text_project: Path) -> None:
    recorded_run(tiny_text_project)
    opened.session.refresh_runs()
    opened.go_to("results")
    page = opened.pages["results"]
    assert isinstance(page, ResultsPage)

    open_test(opened.session, opened.session.runs[0])
    view = page.view("overview")
    assert isinstance(view, OverviewView)
    assert view.headline.score.text() == "90.3 %"
    assert [(line.name, line.value) for line in view.headline.baselines.lines] == [
        ("Always answering “negative”", "34.4 %")
    ]
    assert "Kept step 363" in view.headline.kept.text()
    assert view.classes.classes.rowCount() == 3
    assert view.matrix.grid.counts[0] == [37, 4, 1]

    page.splits._group.button(1).click()
    assert view.headline.score.text() == "92.4 %"
    assert view.matrix.grid.counts[0] == [38, 3, 1]


def test_the_per_class_table_sorts_by_figures(opened: MainWindow, tiny_text_project: Path) -> None:
    recorded_run(tiny_text_project)
    opened.session.refresh_runs()
    opened.go_to("results")
    page = opened.pages["results"]
    assert isinstance(page, ResultsPage)

    view = page.view("overview")
    assert isinstance(view, OverviewView)
    view.classes.classes.sortItems(1, Qt.SortOrder.DescendingOrder)

    rows = [int(view.classes.classes.item(at, 1).text()) for at in range(3)]
    assert rows == sorted(rows, reverse=True)


def test_export_runs_and_shows_its_certificate(
    opened: MainWindow, tiny_text_project: Path, tmp_path: Path, replay: Replay, qtbot: QtBot
) -> None:
    transcript = tmp_path / "export.jsonl"
    transcript.write_text(
        '{"kind":"finished","document":{"run":"r","format":"hf-folder","path":"/x/y","files":["model.safetensors"],'
        '"certificate":{"rows":24,"largest_difference":0.0,"tolerance":0.001,"passed":true}}}\n',
        encoding="utf-8",
    )
    replay(transcript)
    recorded_run(tiny_text_project)
    opened.session.refresh_runs()
    opened.go_to("export")
    page = opened.pages["export"]
    assert isinstance(page, ExportPage)

    assert page.format == "standalone"
    qtbot.mouseClick(page.export_button, Qt.MouseButton.LeftButton)
    assert page.work.cancel_button.isVisible()
    qtbot.waitUntil(lambda: bool(page.done_slot.findChildren(Banner)), timeout=20_000)

    shown = " ".join(label.text() for label in page.done_slot.findChildren(QLabel))
    assert "Exported." in shown and "answers as the trained model" in shown
    assert not opened.rail.buttons["home"].hasFocus()
