"""`ftstudio compare`: the sentence, the figures behind it, the settings that differ, and refusals."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ftstudio.cli.main import main
from ftstudio.planning import run_comparison
from ftstudio.planning.same_rows import SameRows
from ftstudio.project import seal
from ftstudio.project.layout import ProjectLayout
from tests.cli.running import tree
from tests.support.made_runs import fill


@pytest.fixture
def runs(tiny_text_project: Path) -> list[str]:
    return [run.id for run in fill(tiny_text_project, 5)]


def test_two_runs_are_compared(tiny_text_project: Path, runs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(tiny_text_project)

    assert main(["compare", str(tiny_text_project), "--runs", runs[0], runs[1], "--json"]) == 0

    document = json.loads(capsys.readouterr().out)
    (pair,) = document["pairs"]
    assert (pair["first"], pair["second"]) == (runs[0], runs[1])
    assert (document["split"], document["rows"], document["metric"]) == ("validation", 24, "macro_f1")
    assert set(pair["differences"]) == {"accuracy", "macro_f1"}
    assert [run["run"] for run in document["runs"]] == runs[:2]
    assert all(row["differs"] for row in document["settings"])
    assert document["test_looks"] is None
    assert tree(tiny_text_project) == before


def test_people_read_sentences(tiny_text_project: Path, runs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(tiny_text_project), "--runs", *runs[:3], "--all"]) == 0

    written = capsys.readouterr().out
    assert "McNemar's exact p" in written
    assert "looks better than it is" in written
    assert "tuning_method" in written and "batch_size" in written


def test_a_single_row_is_not_rows(
    tiny_text_project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = fill(tiny_text_project, 1)[0]
    shutil.copytree(run.root, run.root.with_name(f"{run.id}-2"))
    original = run_comparison.same_rows

    def one_row(*arguments: Any) -> SameRows:
        found = original(*arguments)
        return replace(
            found, truth=found.truth[:1], answers=tuple(one[:1] for one in found.answers), units=found.units[:1]
        )

    monkeypatch.setattr(run_comparison, "same_rows", one_row)
    assert main(["compare", str(tiny_text_project), "--runs", run.id, f"{run.id}-2"]) == 0

    written = capsys.readouterr().out
    assert "answer the only row alike." in written
    assert "\n1 validation row\n" in written and "1 rows" not in written


def test_comparing_on_test_rows_is_a_look(
    tiny_text_project: Path, runs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compare", str(tiny_text_project), "--runs", runs[0], runs[1], "--split", "test", "--json"]

    assert main(words) == 0

    assert json.loads(capsys.readouterr().out)["split"] == "test"
    looks = seal.looks(ProjectLayout(tiny_text_project))
    assert [(one.run, one.which) for one in looks] == [(runs[0], "compare"), (runs[1], "compare")]


@pytest.mark.parametrize("chosen", [[0], [0, 0], [0, 4]])
def test_what_cannot_be_compared_is_bad_input(
    tiny_text_project: Path, runs: list[str], chosen: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(tiny_text_project), "--runs", *(runs[at] for at in chosen), "--json"]) == 2

    assert json.loads(capsys.readouterr().out)["error"]["message"]
