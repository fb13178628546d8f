"""What a terminal shows of a job's events."""

from __future__ import annotations

import pytest

from ftstudio.cli import progress
from ftstudio.cli.progress import ProgressLine
from ftstudio.core.messages import Heartbeat, Kept, Measured, Progress, Remark, Started
from ftstudio.core.text import text


@pytest.fixture(autouse=True)
def every_repaint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paint every event: how often a terminal is repainted is not what is tested."""
    monkeypatch.setattr(progress, "REPAINT_SECONDS", -1.0)
    monkeypatch.setenv("COLUMNS", "120")


def test_a_training_shows_step_speed_time_left_and_best(capsys: pytest.CaptureFixture[str]) -> None:
    line = ProgressLine(bar=True)
    line(Started(job="train", pid=1, total_steps=100))
    line(Measured(split="train", step=10, epoch=0.1, seconds=5.0, values={"loss": 1.0}))
    line(Kept(which="best", step=20, metric="macro_f1", value=0.91234))
    line(Measured(split="train", step=40, epoch=0.4, seconds=20.0, values={"samples_per_second": 61.2}))

    last = capsys.readouterr().err.split("\r")[-1]
    assert "40/100" in last
    assert "61 samples/s" in last
    assert "30 s left" in last
    assert "best Macro-F1 0.912" in last


def test_checks_and_remarks_become_lines(capsys: pytest.CaptureFixture[str]) -> None:
    line = ProgressLine(bar=False)
    line(Measured(split="validation", step=40, epoch=1.0, seconds=9.0, values={"macro_f1": 0.5, "loss": float("nan")}))
    line(Remark(severity="warning", code="x", text=text("It overfits.")))
    line(Heartbeat(memory_bytes=1))

    assert capsys.readouterr().err.splitlines() == ["step 40  validation  Macro-F1 0.500", "! It overfits."]


def test_quiet_says_nothing_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    line = ProgressLine(lines=False, bar=False)
    line(Remark(severity="warning", code="x", text=text("It overfits.")))
    line(Progress(phase=text("Reading"), done=1, total=2))
    line.close()

    assert capsys.readouterr().err == ""


def test_a_phase_shows_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    line = ProgressLine(bar=True)
    line(Progress(phase=text("Reading"), done=50, total=100))
    half = capsys.readouterr().err
    line(Progress(phase=text("Reading"), done=7))
    unknown = capsys.readouterr().err

    assert half.count("━") == half.count("─") > 5
    assert unknown.strip() == "Reading  7"


def test_a_shorter_line_wipes_a_longer_one(capsys: pytest.CaptureFixture[str]) -> None:
    line = ProgressLine(bar=True)
    line(Progress(phase=text("A long phase"), done=5))
    longer = len(capsys.readouterr().err) - 1
    line(Progress(phase=text("B"), done=5))

    assert len(capsys.readouterr().err) - 1 == longer
    line.close()
    assert capsys.readouterr().err == "\r" + " " * len("B  5") + "\r"


def test_a_line_never_wraps(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    line = ProgressLine(bar=True)
    line(Progress(phase=text("A very long phase indeed, longer than the terminal"), done=5))

    assert len(capsys.readouterr().err.strip()) <= 19
