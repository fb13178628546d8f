"""A run that stops answering: the window says so, waits when told to, and ends it when told to."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from ftstudio.core.messages import Started
from ftstudio.core.states import RunState
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.train import TrainPage
from ftstudio.gui.widgets.feedback import Banner
from tests.gui.conftest import Replay, recorded_run


@pytest.fixture
def hanging(
    opened: MainWindow, tiny_text_project: Path, tmp_path: Path, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> TrainPage:
    """Return the train page with a run at work that has a checkpoint and will never say another word."""
    run = recorded_run(tiny_text_project, state=RunState.INTERRUPTED)
    transcript = tmp_path / "hanging.jsonl"
    transcript.write_text(Started(job="train", pid=1, run=run.id, total_steps=400).line() + "\n", encoding="utf-8")
    replay(transcript, "--mute", "--hold")
    monkeypatch.setattr("ftstudio.supervisor.process.HUNG_AFTER", 0.2)
    opened.go_to("train")
    opened.session.start_training(resume=run.id)
    page = opened.pages["train"]
    assert isinstance(page, TrainPage)
    return page


def press(qtbot: QtBot, banner: Banner, words: str) -> None:
    one = next(one for one in banner.findChildren(QPushButton) if words in one.text())
    qtbot.mouseClick(one, Qt.MouseButton.LeftButton)


def shown(qtbot: QtBot, page: TrainPage) -> Banner:
    qtbot.waitUntil(lambda: page.hung.banner is not None and page.hung.banner.isVisible(), timeout=20_000)
    assert page.hung.banner is not None
    return page.hung.banner


def test_a_silent_run_can_be_ended_and_keeps_its_checkpoint(
    opened: MainWindow, hanging: TrainPage, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: opened.session.trainer.run_id is not None, timeout=20_000)
    banner = shown(qtbot, hanging)
    assert "The training has not answered for" in banner.text_label.text()

    press(qtbot, banner, "the last checkpoint is kept")
    qtbot.waitUntil(lambda: not opened.session.trainer.is_active, timeout=20_000)

    assert hanging.hung.banner is None and not hanging.hung.isVisible()
    assert opened.session.runs[0].status.state is RunState.INTERRUPTED
    told = " ".join(one.text_label.text() for one in hanging.outcome_slot.findChildren(Banner))
    assert "no longer answered" in told


def test_wait_takes_the_notice_away_until_it_has_been_silent_as_long_again(
    opened: MainWindow, hanging: TrainPage, qtbot: QtBot
) -> None:
    banner = shown(qtbot, hanging)
    silent = opened.session.trainer.silence

    press(qtbot, banner, "Wait")
    hanging.hung.look()
    assert hanging.hung.banner is None

    shown(qtbot, hanging)
    assert opened.session.trainer.silence >= 2 * silent


def test_a_run_that_answers_is_left_alone(
    opened: MainWindow, replay_running: None, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ftstudio.supervisor.process.HUNG_AFTER", 30.0)
    opened.session.start_training()
    qtbot.waitUntil(lambda: opened.session.trainer.step > 0, timeout=20_000)
    page = opened.pages["train"]
    assert isinstance(page, TrainPage)

    page.hung.look()

    assert page.hung.banner is None and not page.hung.isVisible()
