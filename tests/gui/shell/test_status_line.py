"""The status bar tells how many network calls workers tried, over all workers of the session."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from ftstudio.core.messages import Heartbeat
from ftstudio.gui.operations import Operations
from ftstudio.gui.session import Session
from ftstudio.gui.status_line import StatusLine


def test_refused_network_calls_are_counted_over_workers(qtbot: QtBot) -> None:
    session = Session(Operations())
    line = StatusLine(session)
    qtbot.addWidget(line)
    assert "0 network calls" in line.facts.text()

    for attempts in (1, 2, 0, 1):
        session.trainer.heartbeat.emit(Heartbeat(memory_bytes=1, network_attempts=attempts))
    line.refresh()

    assert "3 network calls refused" in line.facts.text()
