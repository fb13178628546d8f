"""Ctrl+C and SIGTERM: once stops and keeps, twice aborts, and afterwards they mean what they meant before."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from ftstudio.cli.jobs import stopping


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_stops_and_the_second_aborts(number: signal.Signals, capfd: pytest.CaptureFixture[str]) -> None:
    stops: list[str] = []
    before = signal.getsignal(number)

    with pytest.raises(KeyboardInterrupt), stopping(lambda: stops.append("stop")):
        os.kill(os.getpid(), number)
        assert stops == ["stop"]
        assert "once more aborts" in capfd.readouterr().err
        os.kill(os.getpid(), number)

    assert stops == ["stop"]
    assert signal.getsignal(number) is before


def test_one_of_each_also_aborts() -> None:
    with pytest.raises(KeyboardInterrupt), stopping(lambda: None):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)


def test_another_thread_leaves_signals_alone() -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with stopping(lambda: None):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert seen == [before]
