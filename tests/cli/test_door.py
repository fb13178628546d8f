"""The one door: what is opened for which arguments, also without a console."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ftstudio import __main__ as door
from ftstudio.cli.main import main
from ftstudio.cli.window import Opening
from tests.cli.running import ROOT


@pytest.mark.parametrize(
    ("words", "opening"),
    [
        ([], Opening(None, None, False)),
        (["--sample", "topics"], Opening(None, "topics", False)),
        (["--sample", "topics", "--train"], Opening(None, "topics", True)),
        (["."], Opening(Path(), None, False)),
        ([".", "--train"], Opening(Path(), None, True)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_no_verb_opens_the_window(words: list[str], opening: Opening) -> None:
    opened: list[Opening] = []

    def open_window(wanted: Opening) -> int:
        opened.append(wanted)
        return 7

    assert main(words, open_window) == 7
    assert opened == [opening]


def test_a_verb_opens_no_window(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tasks", "--json"], lambda opening: pytest.fail("opened")) == 0
    assert json.loads(capsys.readouterr().out)["tasks"]


def test_without_a_screen_the_window_is_refused_with_a_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)

    assert main([], lambda opening: pytest.fail("opened")) == 2
    assert "use the verbs" in capsys.readouterr().err


def test_the_worker_is_behind_the_same_door(monkeypatch: pytest.MonkeyPatch) -> None:
    import ftstudio.worker.main

    monkeypatch.setattr(ftstudio.worker.main, "main", lambda: 5)

    assert door.main(["--worker"]) == 5


def test_a_program_without_a_console_writes_to_its_log(isolated_home: Path) -> None:
    program = (
        "import sys; sys.stdout = sys.stderr = None; from ftstudio.__main__ import main; sys.exit(main(['tasks']))"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)

    assert ended.stdout == ended.stderr == ""
    assert "text-classification" in (isolated_home / "log" / "output.txt").read_text(encoding="utf-8")
