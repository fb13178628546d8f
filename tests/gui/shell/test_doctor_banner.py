"""The doctor in the window: what it says of a run at work, why, and what happens when its advice is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from ftstudio.core.messages import Diagnosed, Event, Started, Took
from ftstudio.doctor.consultation import Consultation
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.results import ResultsPage
from ftstudio.gui.pages.train import TrainPage
from ftstudio.gui.panels.doctor_banner import DoctorBanner
from ftstudio.gui.results.overview import OverviewView
from ftstudio.project.journal import Journal, read_events
from ftstudio.project.runs import RunReport, read_request, summarise, write_report
from tests.doctor import recordings
from tests.gui.conftest import Replay, recorded_run

OVERFITTING = recordings.read(recordings.FOLDER / "overfitting-movies-120-s1.jsonl.gz")


def told(recording: recordings.Recording) -> list[Event]:
    """Return the events of a run with what the doctor says among them, as a worker sends them."""
    consultation = Consultation(recording.case)
    events: list[Event] = []
    for event in recording.events:
        said = consultation.hear(event)
        events += [event, *([said] if said else [])]
    return events


@pytest.fixture
def page(opened: MainWindow) -> TrainPage:
    opened.go_to("train")
    made = opened.pages["train"]
    assert isinstance(made, TrainPage)
    return made


@pytest.fixture
def ill_run(replay: Replay, tiny_text_project: Path, tmp_path: Path) -> str:
    """Make the worker go through an overfitting run and then stay at work; return the run's id."""
    run = recorded_run(tiny_text_project)
    started = Started(job="train", pid=1, run=run.id, total_steps=OVERFITTING.case.total_steps)
    transcript = tmp_path / "ill.jsonl"
    transcript.write_text("".join(f"{event.line()}\n" for event in [started, *told(OVERFITTING)]), encoding="utf-8")
    run.metrics.write_text("", encoding="utf-8")
    replay(transcript, "--hold")
    return run.id


def button_of(banner: DoctorBanner, words: str) -> QPushButton:
    return next(one for one in banner.findChildren(QPushButton) if one.text() == words)


def press(banner: DoctorBanner, words: str, qtbot: QtBot) -> None:
    qtbot.mouseClick(button_of(banner, words), Qt.MouseButton.LeftButton)


def shown(banner: DoctorBanner) -> str:
    return " ".join(label.text() for label in banner.findChildren(QLabel) if label.isVisibleTo(banner))


def test_a_run_at_work_is_called_ill_and_stopped_by_the_remedy(
    opened: MainWindow, page: TrainPage, ill_run: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Took] = []
    trainer = opened.session.trainer
    monkeypatch.setattr(type(trainer), "_send", lambda _, command: sent.append(command))
    opened.session.start_training()
    qtbot.waitUntil(lambda: page.doctor.advice is not None and page.doctor.advice.code == "overfitting", timeout=20_000)

    assert page.doctor.isVisible()
    assert page.doctor.accessibleName().startswith("Warning: The model is overfitting")
    assert "Validation loss:" not in shown(page.doctor)
    press(page.doctor, "Why?", qtbot)
    assert "Validation loss:" in shown(page.doctor)

    press(page.doctor, "Train only the top layers", qtbot)
    assert page.curves.diagnosed is not None
    trainer.diagnosed.emit(page.curves.diagnosed.model_copy(update={"done": sent[0].done}))  # as the worker notes it
    assert not button_of(page.doctor, "Train only the top layers").isEnabled()

    press(page.doctor, "Stop and keep the best", qtbot)
    assert sent == [Took(done="settings tuning_method=top_layers top_layers=2"), Took(done="stop")]
    qtbot.waitUntil(lambda: not trainer.is_active, timeout=20_000)
    assert "Stop and keep the best" not in [one.text() for one in page.doctor.findChildren(QPushButton)]


def with_verdict(project: Path) -> str:
    run = recorded_run(project)
    consultation = Consultation(OVERFITTING.case, OVERFITTING.events)
    advice = consultation.advice()
    assert advice is not None
    report = summarise(run).report
    assert report is not None
    diagnosis = {"step": 150, "advice": advice.model_dump(mode="json"), "said": []}
    write_report(run, RunReport(document={**report.document, "diagnosis": diagnosis}))
    with Journal(run.metrics) as journal:
        journal.append(Diagnosed(step=150, advice=(advice,)))
    assert read_request(run).name
    return run.id


def test_a_run_opened_again_shows_the_last_verdict_and_its_remedies_work(
    opened: MainWindow, page: TrainPage, tiny_text_project: Path, qtbot: QtBot
) -> None:
    run = with_verdict(tiny_text_project)
    opened.session.refresh_runs()

    assert page.doctor.run_id == run
    press(page.doctor, "Switch on early stopping", qtbot)

    assert opened.session.file is not None
    assert opened.session.file.settings.values["early_stopping"] is True
    recorded = read_events(tiny_text_project / "runs" / run / "metrics.jsonl")
    assert [one.done for one in recorded if isinstance(one, Diagnosed)] == ["", "settings early_stopping=True"]


def test_the_results_show_the_verdict_of_the_run_they_are_about(
    opened: MainWindow, tiny_text_project: Path, qtbot: QtBot
) -> None:
    with_verdict(tiny_text_project)
    opened.session.refresh_runs()
    opened.go_to("results")
    results = opened.pages["results"]
    assert isinstance(results, ResultsPage)

    overview = results.view("overview")
    assert isinstance(overview, OverviewView)
    assert overview.doctor.isVisible()
    assert "overfitting" in shown(overview.doctor)


def test_a_run_from_before_the_doctor_shows_no_verdict(
    opened: MainWindow, page: TrainPage, tiny_text_project: Path
) -> None:
    recorded_run(tiny_text_project)
    opened.session.refresh_runs()

    assert not page.doctor.isVisible()
