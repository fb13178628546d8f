"""The contract of every verb, whichever there are."""

from __future__ import annotations

import json

import pytest

from ftstudio.cli.main import main, verb_names
from ftstudio.core import catalog
from tests.cli.running import ftstudio

VERBS = verb_names()


def test_the_names_are_those_of_the_catalogue() -> None:
    assert catalog.verbs().keys() == VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([verb, "--help"])

    written = capsys.readouterr().out
    assert ended.value.code == 0
    assert f"ftstudio {verb}" in written
    assert "--json" in written
    assert catalog.verbs().spec(verb).summary[:20] in " ".join(written.split())


@pytest.mark.parametrize("verb", VERBS)
def test_wrong_use_is_one_error_document(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([verb, "--no-such-option", "--json"])

    document = json.loads(capsys.readouterr().out)
    assert code == 2
    assert set(document) == {"error"}
    assert document["error"]["message"]
    assert f"ftstudio {verb} --help" in document["error"]["hint"]


@pytest.mark.parametrize("verb", VERBS)
def test_wrong_use_is_a_sentence_without_json(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([verb, "--no-such-option"])

    written = capsys.readouterr()
    assert code == 2
    assert written.out == ""
    assert written.err.startswith("Error: ")
    assert "Traceback" not in written.err


@pytest.mark.parametrize("verb", ["check", "evaluate", "predict", "export", "runs", "train"])
def test_a_folder_without_project_is_bad_input(verb: str, tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    more = {"predict": ["--text", "x"], "export": ["--format", "hf-folder", "--to", str(tmp_path / "to")]}

    code = main([verb, str(tmp_path / "nothing"), *more.get(verb, []), "--json"])

    error = json.loads(capsys.readouterr().out)["error"]
    assert code == 2
    assert "nothing" in error["message"]
    assert error["hint"]
    assert list(tmp_path.iterdir()) == []


def test_a_misspelt_option_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tasks", "--jsn"]) == 2
    assert "Did you mean “--json”" in capsys.readouterr().err


def test_a_misspelt_verb_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trian"]) == 2
    assert "“trian”" in (written := capsys.readouterr().err)
    assert "Did you mean “train”" in written


def test_json_may_stand_before_the_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json", "tasks"]) == 0
    assert {task["task"] for task in json.loads(capsys.readouterr().out)["tasks"]} >= {"text-classification"}


def test_a_fault_of_ours_is_reported_as_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ftstudio.cli.commands import tasks

    def broken(arguments: object) -> dict[str, object]:
        raise RuntimeError("a hidden fault")

    monkeypatch.setattr(tasks, "run", broken)

    assert main(["tasks", "--json"]) == 1
    written = capsys.readouterr()
    assert "a hidden fault" in json.loads(written.out)["error"]["message"]
    assert main(["tasks"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error() -> None:
    import subprocess
    import sys

    command = f'"{sys.executable}" -m ftstudio formats | head -c 1; echo "${{PIPESTATUS[0]}}"'
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)

    assert "Traceback" not in ended.stderr
    assert "Exception" not in ended.stderr


def test_overview_lists_every_verb() -> None:
    written = ftstudio("--help").out

    assert all(f"  {verb} " in written for verb in VERBS)


def test_the_language_of_the_locale_is_spoken_and_keys_stay() -> None:
    document = ftstudio("tasks", "--json", env={"LC_ALL": "pt_BR.UTF-8"}).document

    assert "text-classification" in {task["task"] for task in document["tasks"]}


@pytest.mark.parametrize("words", [["--train"], ["--sample", "topics", "."], ["--sample"], ["/no/such/place"]])
def test_a_window_that_makes_no_sense_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.startswith("Error: ")
