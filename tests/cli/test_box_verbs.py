"""Verbs for boxes: a threshold is chosen and kept, and corrected boxes leave as folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftstudio.cli.main import main
from ftstudio.project.decisions import read_decision
from ftstudio.project.layout import RunLayout
from tests.support.box_projects import box_project, box_run

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def run(tmp_path: Path) -> RunLayout:
    return box_run(box_project(tmp_path / "project", 40))


def verb(capsys: Captured, *words: object) -> tuple[int, Any]:
    code = main([*map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_threshold_is_shown_chosen_and_reset(run: RunLayout, capsys: Captured) -> None:
    project = run.root.parents[1]
    code, shown = verb(capsys, "calibrate", project)
    assert (code, shown["decision"]["threshold"], read_decision(run).chosen) == (0, 0.5, "")
    assert shown["after"]["validation"]["precision"] == 1.0
    assert sum(one["things"] for one in shown["after"]["validation"]["sizes"].values()) > 0

    code, low = verb(capsys, "calibrate", project, "--threshold", 0.1)
    assert (code, read_decision(run).threshold) == (0, 0.1)
    assert low["after"]["validation"]["precision"] < low["before"]["validation"]["precision"]
    assert verb(capsys, "calibrate", project, "--threshold", "auto")[0] == 0
    assert read_decision(run).threshold == pytest.approx(0.9)
    assert verb(capsys, "calibrate", project, "--reset")[1]["decision"]["threshold"] == 0.5
    assert main(["calibrate", str(project)]) == 0
    assert "found of those there are" in capsys.readouterr().out


@pytest.mark.parametrize("words", [("--threshold", 3), ("--temperature", 2), ("--coverage", 0.5)])
def test_what_boxes_do_not_have_is_refused(run: RunLayout, capsys: Captured, words: tuple[object, ...]) -> None:
    code, refused = verb(capsys, "calibrate", run.root.parents[1], *words)

    assert (code, refused["error"]["where"]["field"]) == (2, "threshold")
    assert not run.decision.exists()


@pytest.mark.parametrize("form", ["coco", "yolo"])
def test_boxes_leave_as_a_folder(run: RunLayout, tmp_path: Path, capsys: Captured, form: str) -> None:
    project, target = run.root.parents[1], tmp_path / "out"

    code, document = verb(capsys, "export-data", project, "--to", target, "--format", form)
    assert (code, document["rows"], document["format"]) == (0, 40, form)
    assert len(list((target / "images").rglob("*.png"))) == 40
    code, refused = verb(capsys, "export-data", project, "--to", target, "--format", form)
    assert code == 2 and "there already" in refused["error"]["message"]


def test_texts_have_no_boxes_to_export(tiny_text_project: Path, tmp_path: Path, capsys: Captured) -> None:
    code, refused = verb(capsys, "export-data", tiny_text_project, "--to", tmp_path / "out", "--format", "coco")

    assert code == 2 and "no boxes" in refused["error"]["message"]
    assert not (tmp_path / "out").exists()
