"""A dressed application, a window with a project, and workers that replay recorded transcripts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ftstudio.core.messages import Changed, Finished, Kept, Measured, Remark, parse_event
from ftstudio.core.settings import Overrides
from ftstudio.core.states import RunState
from ftstudio.gui import app as application
from ftstudio.gui import notifications
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.preferences import Preferences
from ftstudio.project.journal import Journal
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.runs import BestValue, RunReport, RunRequest, RunStatus, create_run, write_report, write_status
from ftstudio.project.schema import ModelReference

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"
FAKE_WORKER = Path(__file__).parents[1] / "support" / "fake_worker.py"

Replay = Callable[..., None]


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    hook = sys.excepthook
    application.make_application(Preferences(theme="light"))
    sys.excepthook = hook  # a test must fail on what the program would only tell
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    notifications.centre().record.clear()
    made = MainWindow(Preferences(theme="light"))
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.session.trainer.kill()
    qtbot.waitUntil(lambda: not made.session.trainer.is_active, timeout=10_000)
    qtbot.waitUntil(lambda: not made.operations.running, timeout=10_000)
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Replay:
    """Return a function that makes every worker replay a transcript."""

    def use(transcript: str | Path, *options: str) -> None:
        path = transcript if isinstance(transcript, Path) else TRANSCRIPTS / transcript
        command = [sys.executable, str(FAKE_WORKER), str(path), *options]
        monkeypatch.setattr("ftstudio.supervisor.launch.worker_command", lambda *_, **__: command)

    return use


@pytest.fixture
def replay_running(replay: Replay, tmp_path: Path) -> None:
    """Make the worker reach the last step of a run and then stay at work until it is stopped."""
    lines = (TRANSCRIPTS / "finished.jsonl").read_text(encoding="utf-8").splitlines()
    until = next(at for at, line in enumerate(lines) if '"step":396' in line)
    running = tmp_path / "running.jsonl"
    running.write_text("\n".join(lines[: until + 1]) + "\n", encoding="utf-8")
    replay(running, "--hold")


@pytest.fixture
def opened(window: MainWindow, tiny_text_project: Path, qtbot: QtBot) -> MainWindow:
    """Return the window with a small text project that can be trained."""
    window.open_project(tiny_text_project)
    qtbot.waitUntil(lambda: window.session.facts is not None, timeout=20_000)
    return window


def recorded_run(project: Path, *, state: RunState = RunState.FINISHED) -> RunLayout:
    """Put a run into a project as if it had been trained: journal, status and, if it has one, its result."""
    model = ModelReference(name="tiny", source="folder")
    settings = {"tuning_method": "full", "monitor": "macro_f1", "learning_rate": 3e-5}
    request = RunRequest(
        task="text-classification",
        model=model,
        settings=settings,
        overrides=Overrides(),
        data_fingerprint="",
        name="balanced",
        seed=1,
    )
    run = create_run(ProjectLayout(project), request)
    events = [parse_event(line) for line in (TRANSCRIPTS / "finished.jsonl").read_text(encoding="utf-8").splitlines()]
    with Journal(run.metrics) as journal:
        for event in events:
            if isinstance(event, Measured | Remark | Kept | Changed):
                journal.append(event)
    if state.has_result:
        document = next(event.document for event in events if isinstance(event, Finished))
        write_report(run, RunReport(document={**document, **TABLES, "run": run.id}))
    else:
        run.last.mkdir(parents=True)
    best = BestValue(step=363, metric="macro_f1", value=0.9137)
    write_status(run, RunStatus(state=state, step=396, total_steps=396, seconds=122.8, best=best))
    return run


def _table(confusion: list[list[int]]) -> dict[str, object]:
    labels = ["negative", "neutral", "positive"]
    rows = [
        {"label": label, "rows": sum(counts), "precision": 0.9, "recall": counts[at] / sum(counts), "f1": 0.9}
        for at, (label, counts) in enumerate(zip(labels, confusion, strict=True))
    ]
    baseline = {"kind": "majority", "label": "negative", "accuracy": 0.344}
    return {"labels": labels, "per_class": rows, "confusion": confusion, "baseline": baseline}


TABLES = {
    "tables": {
        "test": _table([[37, 4, 1], [5, 30, 3], [0, 3, 39]]),
        "validation": _table([[38, 3, 1], [4, 31, 3], [0, 2, 40]]),
    },
    "kept_because": {
        "template": "Kept step {step}, because its validation {metric} of {value} was the best of {count} checks.",
        "params": {"step": 363, "metric": "Macro-F1", "value": 0.9137, "count": 12},
    },
}
