"""`ftstudio calibrate` for several labels: one threshold by its label, all of them, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ftstudio.cli.main import main
from ftstudio.project.decisions import read_decision
from ftstudio.project.layout import RunLayout
from tests.support.shaped_runs import LABELS, shaped_project, shaped_run


@pytest.fixture
def run(tmp_path: Path) -> RunLayout:
    return shaped_run(shaped_project(tmp_path / "project", "labels"))


def verb(capsys: pytest.CaptureFixture[str], run: RunLayout, *words: str) -> tuple[int, dict]:
    code = main(["calibrate", str(run.root.parents[1]), *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_thresholds_are_chosen_by_label_and_all_at_once(run: RunLayout, capsys) -> None:
    chosen = read_decision(run).thresholds
    code, document = verb(capsys, run, "--threshold-of", f"{LABELS[1]}=0.7", "--threshold-of", f"{LABELS[2]}=0.5")
    assert code == 0
    assert read_decision(run).thresholds == {
        **{label: at for label, at in chosen.items() if label == LABELS[0]},
        LABELS[1]: 0.7,
    }
    assert document["after"]["validation"]["labels"][LABELS[1]]["threshold"] == 0.7

    assert verb(capsys, run, "--threshold", "auto")[0] == 0
    assert read_decision(run).thresholds == chosen
    assert verb(capsys, run, "--reset")[0] == 0
    assert read_decision(run).thresholds == {}


def test_what_is_no_label_or_no_probability_is_refused(run: RunLayout, capsys) -> None:
    before = read_decision(run)
    for words in (("--threshold-of", "cold=0.4"), ("--threshold-of", f"{LABELS[0]}=1.4"), ("--no-answer", "1")):
        code, document = verb(capsys, run, *words)
        assert code == 2
        assert document["error"]["hint"]
    assert read_decision(run) == before
