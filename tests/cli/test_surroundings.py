"""A verb in bad surroundings: a full disk behind standard output, no current folder, empty words, the network."""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ftstudio.cli.arguments import a_place
from ftstudio.cli.commands import tasks
from ftstudio.cli.main import main
from tests.cli.running import ROOT, tree


def ended(command: str) -> subprocess.CompletedProcess[str]:
    """Run a shell command in which `ftstudio` is the program."""
    program = f'ftstudio() {{ "{sys.executable}" -m ftstudio "$@"; }}\n'
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["bash", "-c", program + command], capture_output=True, text=True, env=environment, cwd=ROOT, check=False
    )


@pytest.mark.parametrize("words", ["tasks", "tasks --json", "--help", "tasks --help", "--version"])
def test_an_answer_that_cannot_be_written_is_one_sentence(words: str) -> None:
    done = ended(f"ftstudio {words} > /dev/full")

    assert done.returncode == 1
    assert done.stderr.startswith("Error: The answer could not be written: No space left on device\n")
    assert len(done.stderr.splitlines()) == 2
    assert "output elsewhere" in done.stderr


def test_an_error_that_cannot_be_written_as_a_document_is_told_as_a_sentence(tmp_path: Path) -> None:
    done = ended(f"ftstudio runs {tmp_path} --json > /dev/full")

    assert done.returncode == 2
    assert done.stderr.startswith("Error: There is no project in ")
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr


@pytest.mark.parametrize("words", ["tasks", "check .", "new p --task t --model m --data d", ""])
def test_a_folder_that_is_no_longer_there_is_one_sentence(tmp_path: Path, words: str) -> None:
    done = ended(f'mkdir "{tmp_path}/gone"; cd "{tmp_path}/gone"; rmdir "{tmp_path}/gone"; ftstudio {words}')

    assert done.returncode == 2
    assert done.stderr.splitlines()[-2:] == [
        "Error: The folder in which you started this is no longer there.",
        "  Go to another folder with “cd”, then repeat the command.",
    ]
    assert "Traceback" not in done.stderr
    assert list(tmp_path.rglob("project.ftstudio")) == []


@pytest.mark.parametrize(
    "words",
    [
        ["evaluate", ".", "--run", ""],
        ["evaluate", ".", "--data", ""],
        ["predict", ".", "--run", " ", "--text", "x"],
        ["predict", ".", "--file", ""],
        ["export", ".", "--format", "hf-folder", "--to", ""],
        ["train", ".", "--resume", ""],
        ["train", ""],
        ["new", "", "--task", "text-classification", "--model", "m", "--data", "d"],
        ["new", "p", "--task", "text-classification", "--model", "", "--data", "d"],
        ["models", ""],
        ["", "--train"],
    ],
    ids=" ".join,
)
def test_an_empty_word_is_never_taken_for_something(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main([*words, "--json"]) == 2

    assert "it is empty" in json.loads(capsys.readouterr().out)["error"]["message"]
    assert tree(tmp_path) == {}


def test_a_verb_is_refused_the_network_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def curious(arguments: object) -> dict[str, object]:
        refused = 0
        for _ in range(7):
            try:
                socket.create_connection(("localhost", 9))
            except ConnectionRefusedError as error:
                refused += "works offline" in str(error)
        return {"refused": refused, "switch": os.environ["HF_HUB_OFFLINE"]}

    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr(tasks, "run", curious)
    before = socket.socket.connect, socket.getaddrinfo

    assert main(["tasks", "--json"]) == 0

    written = capsys.readouterr()
    assert json.loads(written.out) == {"refused": 7, "switch": "1"}
    told = [line for line in written.err.splitlines() if "localhost" in line]
    assert told == ["! Something tried to reach localhost; the connection was refused."] * 5
    assert (socket.socket.connect, socket.getaddrinfo) == before


@pytest.mark.parametrize("name", ["y" * 300, "/".join(["z" * 200] * 25)], ids=["name", "path"])
@pytest.mark.parametrize(
    "words",
    [
        "check {}",
        "new {} --task text-classification --model m --data d",
        "new p --task text-classification --model m --data {}",
        "predict . --file {}",
        "predict . --table {} --to answers.csv",
        "predict . --table rows.csv --to {}.csv",
        "explain . --file {}",
        "report . --to {}.html",
        "export-data . --to {}.csv",
        "evaluate . --data {}",
        "models {}",
        "{}",
    ],
)
def test_a_path_that_no_file_can_have_is_refused(
    words: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(words.format(name).split()) == 2

    said = capfd.readouterr().err
    assert "longer than this system allows" in said or words == "{}"
    assert "Traceback" not in said and list(tmp_path.iterdir()) == []


def test_a_long_name_for_an_export_is_shortened_not_refused(tmp_path: Path) -> None:
    assert a_place(str(tmp_path / ("x" * 300))).parent == tmp_path
    with pytest.raises(argparse.ArgumentTypeError):
        a_place(str(tmp_path / ("x" * 300) / "model"))
