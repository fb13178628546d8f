"""A long run is rehearsed by itself: it begins if it fits, waits for a decision if not, and can always be skipped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from ftstudio.core.messages import Request
from ftstudio.gui import notifications, rehearsing
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.operations import Operation
from ftstudio.gui.session import Session
from ftstudio.project.studies import StudyReport, store

FITS = {"fits": True, "advice": [{"sentence": "It fits: 1 GB of 4 GB."}]}
TOO_BIG = {"fits": False, "advice": [{"sentence": "It does not fit."}]}


class Rehearsals:
    """Stands for the worker: notes what was asked for, and answers when told."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.requests: list[Request] = []
        self.operation: Operation | None = None
        self.begun: list[dict[str, Any]] = []

    def run_job(self, request: Request, *, title: str, on_success: Any, on_failure: Any, **_: Any) -> Operation:
        self.requests.append(request)
        self.operation = Operation(title, self.session)
        self.session.operations._wire(self.operation, on_success, on_failure, None)
        self.session.operations.running.append(self.operation)
        return self.operation

    def answer(self, document: dict[str, Any] | None) -> None:
        assert self.operation is not None
        self.operation._end(document, None if document is not None else RuntimeError("broken"))


@pytest.fixture
def rehearsals(opened: MainWindow, monkeypatch: pytest.MonkeyPatch) -> Rehearsals:
    session = opened.session
    made = Rehearsals(session)
    monkeypatch.setattr(session.operations, "run_job", made.run_job)
    monkeypatch.setattr(session.trainer, "start", lambda root, options: made.begun.append(options))
    monkeypatch.setattr(rehearsing, "LONG_RUN", 0.0)
    return made


def choose(words: str) -> Callable[[], object]:
    actions = [action for one in notifications.centre().record for action in one.actions]
    return next(act for name, act in actions if name == words)


def test_a_long_run_begins_after_a_rehearsal_that_fits(rehearsals: Rehearsals) -> None:
    rehearsals.session.start_training()
    assert [one.job for one in rehearsals.requests] == ["rehearse"]
    assert rehearsals.requests[0].options == {"alternatives": False}
    assert rehearsals.begun == []

    rehearsals.answer(FITS)
    assert rehearsals.begun == [{}]
    assert notifications.centre().record[-1].message == "It fits: 1 GB of 4 GB."


def test_a_run_that_does_not_fit_waits_for_a_decision(rehearsals: Rehearsals, qtbot: QtBot) -> None:
    rehearsals.session.start_training()
    rehearsals.answer(TOO_BIG)
    assert rehearsals.begun == []
    assert notifications.centre().record[-1].severity == "warning"

    commands: list[tuple[str, str]] = []
    rehearsals.session.command_requested.connect(lambda *words: commands.append(words))
    choose("Find what fits")()
    assert commands == [("start_study", "rehearse")]
    assert rehearsals.operation is not None
    rehearsals.operation.cancel()
    rehearsals.answer(None)  # the study that the advice page has started
    choose("Start anyway")()
    assert rehearsals.begun == [{}]


def test_a_short_run_begins_at_once(rehearsals: Rehearsals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsing, "LONG_RUN", 1e9)
    rehearsals.session.start_training()

    assert (rehearsals.requests, rehearsals.begun) == ([], [{}])


def test_it_can_be_skipped_by_its_button_or_by_starting_again(rehearsals: Rehearsals) -> None:
    rehearsals.session.start_training()
    choose("Start at once")()
    assert rehearsals.begun == [{}]
    assert rehearsals.operation is not None
    assert rehearsals.operation.cancelled()
    rehearsals.answer(FITS)
    assert rehearsals.begun == [{}], "the cancelled rehearsal began the run a second time"

    rehearsals.session.start_training()
    rehearsals.session.start_training()
    assert rehearsals.begun == [{}, {}]
    rehearsals.answer(FITS)
    assert rehearsals.begun == [{}, {}]


def test_a_rehearsal_that_fails_does_not_stand_in_the_way(rehearsals: Rehearsals) -> None:
    rehearsals.session.start_training()
    rehearsals.answer(None)

    assert rehearsals.begun == [{}]


def test_a_resumed_run_is_not_rehearsed(rehearsals: Rehearsals) -> None:
    rehearsals.session.start_training(resume="some-run")

    assert (rehearsals.requests, rehearsals.begun) == ([], [{"resume": "some-run"}])


def test_what_was_rehearsed_as_it_is_is_not_rehearsed_again(rehearsals: Rehearsals) -> None:
    session = rehearsals.session
    assert session.project is not None
    assert session.resolved is not None
    assert session.dataset is not None
    assert session.model is not None
    report = StudyReport(
        study="rehearse",
        data_fingerprint=session.dataset.fingerprint,
        model_fingerprint=session.model.fingerprint,
        settings=session.resolved.settings.model_dump(),
    )
    store(session.project.layout, report.model_copy(update={"settings": {}}))
    session.start_training()
    rehearsals.answer(FITS)
    assert len(rehearsals.requests) == 1

    store(session.project.layout, report)
    session.start_training()
    assert len(rehearsals.requests) == 1
    assert rehearsals.begun == [{}, {}]
