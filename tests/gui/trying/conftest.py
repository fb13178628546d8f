"""A project with a finished run on the Try page, and a worker that answers at once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.try_it import TryPage
from tests.gui.conftest import recorded_run

WORKER = Path(__file__).parents[2] / "support" / "answering_worker.py"


class Desk:
    """Says how the worker behaves from now on, and what it was asked."""

    def __init__(self, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.log, self._patch = log, monkeypatch
        self.behave()

    def behave(self, *options: str) -> None:
        command = [sys.executable, str(WORKER), str(self.log), *options]
        self._patch.setattr("ftstudio.supervisor.launch.worker_command", lambda *_, **__: command)

    @property
    def questions(self) -> list[dict[str, object]]:
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return [json.loads(line) for line in lines]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path / "asked.jsonl", monkeypatch)


@pytest.fixture
def page(window: MainWindow, desk: Desk, tiny_text_project: Path, qtbot: QtBot) -> Iterator[TryPage]:
    recorded_run(tiny_text_project)
    recorded_run(tiny_text_project)
    window.open_project(tiny_text_project)
    qtbot.waitUntil(lambda: window.session.facts is not None, timeout=20_000)
    window.go_to("try")
    made = window.pages["try"]
    assert isinstance(made, TryPage)
    yield made
    made.one.worker.end()


Wait = Callable[[], None]
