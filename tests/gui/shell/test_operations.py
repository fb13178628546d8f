"""Background work: success, failure and cancellation each end in exactly one way, on the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ftstudio.core.errors import InputError
from ftstudio.core.messages import Progress, Request
from ftstudio.core.text import text
from ftstudio.gui.operations import Operations


@pytest.fixture
def operations(qtbot: QtBot) -> Iterator[Operations]:
    """Return operations that end as those of a window do: their threads first, then they themselves."""
    made = Operations()
    yield made
    made.cancel_all()
    QApplication.processEvents()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_the_result_arrives_on_the_windows_thread(operations: Operations, qtbot: QtBot) -> None:
    seen: list[object] = []

    operation = operations.run(
        threading.get_ident,
        title="Work",
        on_success=lambda worked_in: seen.append((worked_in, threading.get_ident())),
    )
    with qtbot.waitSignal(operation.ended):
        pass

    (worked_in, told_in) = seen[0]  # type: ignore[misc]
    assert told_in == threading.get_ident() != worked_in
    assert not operations.running


def test_a_failure_goes_to_its_handler_and_not_to_success(operations: Operations, qtbot: QtBot) -> None:
    succeeded: list[object] = []
    failed: list[object] = []

    def fail() -> None:
        raise InputError(text("No."))

    operation = operations.run(fail, title="Work", on_success=succeeded.append, on_failure=failed.append)
    with qtbot.waitSignal(operation.ended):
        pass

    assert not succeeded
    assert str(failed[0]) == "No."


def test_progress_and_cancel(operations: Operations, qtbot: QtBot) -> None:
    told: list[Progress] = []
    succeeded: list[object] = []
    may_end = threading.Event()

    def work(progress: Callable[[Progress], None], cancelled: Callable[[], bool]) -> str:
        progress(Progress(phase=text("Reading"), done=1, total=4))
        may_end.wait(10)
        return "cancelled" if cancelled() else "done"

    operation = operations.run(
        work, title="Work", on_success=succeeded.append, on_progress=told.append, with_progress=True
    )
    qtbot.waitUntil(lambda: bool(told))
    left = operation.seconds_left()
    operation.cancel()
    with qtbot.waitSignal(operation.ended):
        may_end.set()

    assert told[0].done == 1
    assert left is not None
    assert not succeeded


def test_a_job_gives_its_document(operations: Operations, replay: Callable[..., None], qtbot: QtBot) -> None:
    replay("finished.jsonl")
    documents: list[dict[str, object]] = []

    operation = operations.run_job(Request(job="train"), title="Work", on_success=documents.append)
    with qtbot.waitSignal(operation.ended, timeout=20_000):
        pass

    assert documents[0]["steps"] == 396


def test_a_job_that_fails_gives_its_error(operations: Operations, replay: Callable[..., None], qtbot: QtBot) -> None:
    replay("failed.jsonl")
    errors: list[object] = []

    operation = operations.run_job(
        Request(job="train"), title="Work", on_success=lambda _: pytest.fail("it failed"), on_failure=errors.append
    )
    with qtbot.waitSignal(operation.ended, timeout=20_000):
        pass

    assert str(errors[0].message)  # type: ignore[attr-defined]
