"""Listing, sorting, finding, exporting and deleting runs by verbs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ftstudio.cli.commands import runs as runs_verb
from ftstudio.cli.main import main
from ftstudio.core.states import RunState
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.run_columns import columns
from ftstudio.project.run_notes import RunNotes, write_notes
from ftstudio.project.runs import BestValue
from ftstudio.project.store import create_project
from tests.cli.running import tree
from tests.project.test_runs import made


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    create_project(root, "project", "text-classification").close()
    layout = ProjectLayout(root)
    for name, value in (("alpha", 0.7), ("beta", 0.9), ("@gamma", 0.8)):
        best = BestValue(step=1, metric="macro_f1", value=value)
        run = made(layout, name, state=RunState.FINISHED, best=best, step=5, seconds=2.0)
        write_notes(run, RunNotes(star=name == "beta", notes="kept" if name != "alpha" else ""))
    made(layout, "delta", state=RunState.FAILED)
    return root


def verb(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> dict[str, object]:
    assert main([*map(str, words), "--json"]) == code
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    return document


def names(document: dict[str, object]) -> list[str]:
    return [run["name"] for run in document["runs"]]  # type: ignore[attr-defined]


def test_the_columns_named_in_the_help_are_those_there_are() -> None:
    assert list(runs_verb.SORTS) == [column.key for column in columns(lambda run: True)]


def test_runs_are_sorted_either_way_with_the_unknown_last(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert names(verb(capsys, "runs", project, "--sort", "best")) == ["alpha", "@gamma", "beta", "delta"]
    assert names(verb(capsys, "runs", project, "--sort", "best", "--descending")) == [
        "beta",
        "@gamma",
        "alpha",
        "delta",
    ]
    assert len(names(verb(capsys, "runs", project))) == 4


def test_an_unknown_column_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error = verb(capsys, "runs", project, "--sort", "colour", code=2)["error"]

    assert "learning_rate" in error["hint"]  # type: ignore[index]


def test_runs_are_found_by_words_and_stars(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert names(verb(capsys, "runs", project, "--filter", "KEPT finished")) == ["@gamma", "beta"]
    assert names(verb(capsys, "runs", project, "--filter", "failed")) == ["delta"]
    assert names(verb(capsys, "runs", project, "--starred")) == ["beta"]
    assert main(["runs", str(project), "--filter", "nothing like it"]) == 0
    assert "no runs here" in capsys.readouterr().out


def test_the_table_is_written_without_formulas(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "runs.csv"

    verb(capsys, "runs", project, "--csv", target, "--sort", "name")

    head, first, *_ = target.read_text(encoding="utf-8").splitlines()
    assert head == f"run,{','.join(runs_verb.SORTS)},metric"
    assert ",'@gamma,finished,2026-11-22T10:00:00+00:00," in first
    assert first.endswith(",0.8,,kept,macro_f1")


def test_a_table_that_cannot_be_written_is_bad_input(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    error = verb(capsys, "runs", project, "--csv", tmp_path / "no" / "runs.csv", code=2)["error"]

    assert error["hint"]  # type: ignore[index]


def test_a_table_replaces_a_file_only_when_asked_and_never_one_of_the_project(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "mine.csv"
    target.write_text("mine", encoding="utf-8")
    own = project / "project.ftstudio"
    before = own.read_bytes()

    verb(capsys, "runs", project, "--csv", target, code=2)
    assert target.read_text(encoding="utf-8") == "mine"
    verb(capsys, "runs", project, "--csv", target, "--overwrite")
    assert target.read_text(encoding="utf-8").startswith("run,")
    verb(capsys, "runs", project, "--csv", own, "--overwrite", code=2)
    assert own.read_bytes() == before


def test_of_several_runs_all_are_restored_or_none(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = verb(capsys, "runs", project)["runs"][0]["run"]  # type: ignore[index]
    verb(capsys, "trash", project, "--delete", run)

    verb(capsys, "trash", project, "--restore", run, "no-such-run", code=2)
    assert [one["run"] for one in verb(capsys, "trash", project)["trash"]] == [run]  # type: ignore[attr-defined]
    assert verb(capsys, "trash", project, "--restore", run, run)["restored"] == [run]


def test_runs_are_deleted_restored_and_removed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = [run["run"] for run in verb(capsys, "runs", project)["runs"]]  # type: ignore[attr-defined]

    deleted = verb(capsys, "trash", project, "--delete", ids[0], ids[1], ids[0])
    assert deleted["deleted"] == ids[:2]
    assert [one["run"] for one in deleted["trash"]] == [ids[1], ids[0]]  # type: ignore[attr-defined]
    assert len(names(verb(capsys, "runs", project))) == 2
    assert verb(capsys, "trash", project, "--restore", ids[0])["restored"] == [ids[0]]
    assert "not in the trash" in verb(capsys, "trash", project, "--restore", ids[0], code=2)["error"]["message"]  # type: ignore[index]
    assert verb(capsys, "trash", project, "--empty", code=2)["error"]["hint"]  # type: ignore[index]
    assert verb(capsys, "trash", project, "--empty", "--yes")["removed"] == 1
    assert main(["trash", str(project)]) == 0
    assert "The trash is empty." in capsys.readouterr().out


def test_looking_changes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(project)

    verb(capsys, "runs", project)
    verb(capsys, "trash", project)
    verb(capsys, "trash", project, "--delete", "nothing", code=2)

    assert tree(project) == before


def test_best_is_not_deleted_by_word_of_mouth(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`best` is a run like any other, and the one meant is named in the answer."""
    deleted = verb(capsys, "trash", project, "--delete", "best")

    assert str(deleted["deleted"]).endswith("-beta']")
