"""`ftstudio calibrate`: chooses, stores and tells; test figures only where the test rows were opened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ftstudio.cli.main import main
from ftstudio.project import seal
from ftstudio.project.decisions import Decision, read_decision
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.runs import summarise
from tests.support.marked_runs import question_project, question_run
from tests.support.stored_answers import answered_run


@pytest.fixture
def run(tiny_text_project: Path) -> RunLayout:
    return answered_run(tiny_text_project)


def verb(capsys: pytest.CaptureFixture[str], run: RunLayout, *words: str) -> tuple[int, dict]:
    code = main(["calibrate", str(run.root.parents[1]), *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_nothing_wished_for_shows_what_is_in_force_and_changes_nothing(run: RunLayout, capsys) -> None:
    code, document = verb(capsys, run)

    assert code == 0
    assert document["decision"] == Decision().model_dump()
    assert document["before"] == document["after"]
    assert not run.decision.exists()


def test_a_choice_is_stored_and_its_effect_told(run: RunLayout, capsys) -> None:
    code, document = verb(capsys, run, "--temperature", "2", "--dont-know-below", "0.8")

    assert code == 0
    stored = read_decision(run)
    assert (stored.temperature, stored.dont_know_below) == (2.0, 0.8)
    assert stored.chosen
    assert document["decision"] == stored.model_dump()
    assert document["before"]["validation"]["answered"] == 1.0
    assert document["after"]["validation"]["answered"] < 1.0


def test_test_figures_are_told_only_once_the_test_rows_were_opened(run: RunLayout, capsys) -> None:
    assert list(verb(capsys, run)[1]["after"]) == ["validation"]

    seal.record(ProjectLayout(run.root.parents[1]), [summarise(run)], "verb", "evaluate")

    assert list(verb(capsys, run)[1]["after"]) == ["test", "validation"]


def test_resetting_decides_as_the_model_was_trained(run: RunLayout, capsys) -> None:
    verb(capsys, run, "--positive", "positive", "--threshold", "auto")
    assert read_decision(run).positive == "positive"

    verb(capsys, run, "--reset")

    assert read_decision(run).is_plain(["negative", "positive"])


@pytest.mark.parametrize(
    "words",
    [
        ["--temperature", "warm"],
        ["--temperature", "-1"],
        ["--coverage", "0.9", "--accuracy", "0.9"],
        ["--positive", "egg", "--threshold", "0.5"],
        ["--dont-know-below", "nan"],
        ["--coverage", "nan"],
        ["--coverage", "1.5"],
        ["--run", "no-such-run", "--temperature", "2"],
    ],
)
def test_wrong_wishes_are_bad_input_and_change_nothing(run: RunLayout, capsys, words: list[str]) -> None:
    code, document = verb(capsys, run, *words)

    assert code == 2
    assert document["error"]["message"]
    assert not run.decision.exists()


def test_few_rows_choose_no_threshold_and_that_is_said(run: RunLayout, capsys) -> None:
    code, document = verb(capsys, run, "--positive", "positive", "--threshold", "auto")

    assert code == 0
    assert document["decision"]["threshold"] == 0.5
    assert "do not show that another threshold is better" in document["notes"][0]


def test_people_read_before_and_after_beside_each_other(run: RunLayout, capsys) -> None:
    assert main(["calibrate", str(run.root.parents[1]), "--coverage", "0.8"]) == 0

    written = capsys.readouterr().out
    assert "Don't know below" in written
    assert "before" in written
    assert "answered" in written


def test_of_questions_it_is_chosen_when_there_is_no_answer(tmp_path: Path, capsys) -> None:
    run = question_run(question_project(tmp_path / "asked"))

    code, document = verb(capsys, run, "--no-answer", "-30")

    assert code == 0
    assert read_decision(run).no_answer_margin == -30.0
    assert document["before"]["validation"]["answered"] > 0 == document["after"]["validation"]["answered"]
    assert document["after"]["validation"]["right_without_answer"] == 1.0
    assert main(["calibrate", str(run.root.parents[1])]) == 0
    assert "No answer above" in capsys.readouterr().out
    assert verb(capsys, run, "--reset")[1]["after"] == document["before"]


def test_a_wish_that_a_run_cannot_grant_is_refused(run: RunLayout, tmp_path: Path, capsys) -> None:
    asked = question_run(question_project(tmp_path / "asked"))

    for refused, words in (
        (run, ["--no-answer", "1"]),
        (asked, ["--threshold", "0.4"]),
        (asked, ["--no-answer", "1e9"]),
    ):
        code, document = verb(capsys, refused, *words)
        assert code == 2
        assert document["error"]["hint"]
        assert not refused.decision.exists()
