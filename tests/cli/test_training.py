"""From data to an exported model by the verbs alone, with the documents scripts rely on."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ftstudio.cli.main import main
from tests.cli.running import ROOT, ftstudio, tree
from tests.cli.test_new import reviews

Verb = Callable[..., tuple[int, Any]]


@pytest.fixture
def verb(capsys: pytest.CaptureFixture[str]) -> Verb:
    """Run a verb in this process with `--json` and return exit code and document."""

    def run(*words: object) -> tuple[int, Any]:
        capsys.readouterr()
        code = main([*map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def project(tmp_path: Path, tiny_text_model: Path, verb: Verb) -> Path:
    """A project on a tiny model with made-up reviews."""
    table = tmp_path / "reviews.csv"
    table.write_text(reviews(80), encoding="utf-8")
    code, document = verb(
        *("new", tmp_path / "project", "--task", "text-classification"),
        *("--model", tiny_text_model, "--data", table, "--set", "epochs=2", "--set", "seed=3"),
    )
    assert code == 0, document
    return tmp_path / "project"


def test_the_whole_way(project: Path, verb: Verb, tmp_path: Path) -> None:
    code, checked = verb("check", project)
    assert code == 0
    assert set(checked) >= {"problems", "rows", "labels"}
    assert checked["labels"] == {"bad": 40, "good": 40}

    code, trained = verb("train", project, "--name", "first try", "--set", "learning_rate=1e-3")
    assert code == 0
    assert trained["state"] == "finished"
    assert set(trained) >= {
        *("run", "state", "steps", "seconds", "samples_per_second", "peak_memory_bytes", "best", "metrics")
    }
    assert set(trained["best"]) >= {"step", "metric", "value"}
    assert set(trained["metrics"]) == {"validation", "test"}
    assert {"accuracy", "macro_f1"} <= set(trained["metrics"]["test"])
    assert trained["kept_because"].startswith("Kept ")

    assert trained["test_looks"]["count"] == 1

    code, listed = verb("runs", project)
    assert code == 0
    assert listed["test_looks"]["count"] == 1, "a list shows what was seen before"
    (run,) = listed["runs"]
    assert (run["run"], run["name"], run["state"]) == (trained["run"], "first try", "finished")
    assert run["best"]["value"] == pytest.approx(trained["best"]["value"])
    assert run["started"]
    assert run["metrics"]["test"] == trained["metrics"]["test"]
    request = json.loads((project / "runs" / run["run"] / "request.json").read_text(encoding="utf-8"))
    assert request["settings"]["learning_rate"] == 1e-3
    assert request["settings"]["epochs"] == 2.0

    code, evaluated = verb("evaluate", project, "--run", "best")
    assert code == 0
    assert (evaluated["run"], evaluated["split"]) == (trained["run"], "test")
    assert evaluated["rows"] == checked["rows"]["test"]
    assert evaluated["metrics"]["accuracy"] == pytest.approx(trained["metrics"]["test"]["accuracy"])

    code, predicted = verb("predict", project, "--text", "a lovely film", "--text", "an awful film")
    assert code == 0
    assert [item["input"] for item in predicted["predictions"]] == ["a lovely film", "an awful film"]
    for item in predicted["predictions"]:
        assert item["label"] in ("good", "bad")
        assert sum(item["probabilities"].values()) == pytest.approx(1.0, abs=1e-4)
        assert item["label"] == max(item["probabilities"], key=item["probabilities"].__getitem__)

    code, exported = verb("export", project, "--format", "hf-folder", "--to", tmp_path / "model")
    assert code == 0
    assert (exported["run"], exported["format"]) == (trained["run"], "hf-folder")
    assert Path(exported["path"]) == tmp_path / "model"
    assert {"config.json", "model.safetensors"} <= set(exported["files"])
    assert "certificate" in exported
    assert sorted(exported["files"]) == sorted(
        str(path.relative_to(tmp_path / "model")) for path in (tmp_path / "model").rglob("*") if path.is_file()
    )

    refused = verb("export", project, "--format", "hf-folder", "--to", tmp_path / "model")
    assert refused[0] == 2
    assert "model" in refused[1]["error"]["message"]
    assert verb("export", project, "--format", "hf-folder", "--to", tmp_path / "model", "--overwrite")[0] == 0


def test_people_read_what_was_kept_and_why(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(project), "--set", "max_steps=4"]) == 0
    trained = capsys.readouterr()
    assert main(["evaluate", str(project)]) == 0
    evaluated = capsys.readouterr()

    assert "Kept " in trained.out
    assert "Always the commonest label" in trained.out
    for printed in (trained.out, evaluated.out):
        assert "Macro-F1" in printed
        assert "macro_f1" not in printed
    assert "step 0  validation" in trained.err
    assert {"bad", "good"} <= {line.split()[0] for line in evaluated.out.splitlines() if line}
    assert "template" not in trained.out + evaluated.out


def test_another_file_can_be_evaluated(project: Path, verb: Verb, tmp_path: Path) -> None:
    assert verb("train", project)[0] == 0
    other = tmp_path / "other.csv"
    other.write_text(reviews(20), encoding="utf-8")

    code, document = verb("evaluate", project, "--data", other)

    assert code == 0
    assert (document["split"], document["rows"]) == ("file", 20)


def test_the_same_seed_gives_the_same_model(project: Path, verb: Verb) -> None:
    runs = [verb("train", project)[1]["run"] for _ in range(2)]

    first, second = (project / "runs" / run / "model" / "model.safetensors" for run in runs)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["train", "--set", "learning_rate=-1", "--set", "nonsense=1"], "nonsense"),
        (["train", "--set", "monitor=beauty"], "beauty"),
        (["train", "--resume", "no-such-run"], "no-such-run"),
        (["evaluate"], "run"),
        (["evaluate", "--run", "no-such-run"], "no-such-run"),
        (["predict", "--text", "x"], "run"),
        (["predict", "--file", "/no/such/file"], "/no/such/file"),
        (["export", "--format", "clay", "--to", "/nowhere/x"], "clay"),
        (["export", "--format", "hf-folder", "--to", "/proc/nowhere/x"], ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_wishes_are_refused(words: list[str], named: str, project: Path, verb: Verb) -> None:
    before = tree(project)

    code, document = verb(words[0], project, *words[1:])

    assert code == 2
    assert named in document["error"]["message"] + json.dumps(document["error"]["where"])
    assert document["error"]["hint"]
    assert tree(project) == before


@pytest.mark.parametrize(
    "words", [["train"], ["train", "DIR", "--sample", "topics"], ["train", "--sample", "no-such-sample"]], ids=" ".join
)
def test_one_thing_is_trained(words: list[str], verb: Verb, tmp_path: Path) -> None:
    before = tree(tmp_path)

    code, document = verb(*words)

    assert code == 2
    assert document["error"]["hint"]
    assert tree(tmp_path) == before


BAD_PROJECTS: dict[str, Callable[[str], str]] = {
    "truncated": lambda written: written[:-20],
    "empty": lambda written: "",
    "from the future": lambda written: json.dumps(json.loads(written) | {"format_version": 999}),
    "unknown field": lambda written: json.dumps(json.loads(written) | {"colour": "red"}),
    "not a number": lambda written: written.replace('"epochs": 2.0', '"epochs": NaN'),
    "a path that leaves": lambda written: written.replace('"reviews.csv"', '"../../etc/passwd"'),
    "a bad setting": lambda written: written.replace('"epochs": 2.0', '"epochs": -2.0'),
}


@pytest.mark.parametrize("case", BAD_PROJECTS)
@pytest.mark.parametrize("name", ["check", "train", "runs"])
def test_a_bad_project_file_is_refused(case: str, name: str, project: Path, verb: Verb) -> None:
    file = project / "project.ftstudio"
    written = file.read_text(encoding="utf-8")
    spoiled = BAD_PROJECTS[case](written)
    assert spoiled != written
    file.write_text(spoiled, encoding="utf-8")
    before = tree(project)

    code, document = verb(name, project)

    assert code == 2
    assert "project.ftstudio" in json.dumps(document["error"])
    assert tree(project) == before


def test_standard_output_holds_one_document_in_a_real_process(project: Path) -> None:
    ended = ftstudio("train", project, "--json", "--set", "max_steps=2")

    assert ended.document["state"] == "finished"
    assert ended.document["steps"] == 2


@pytest.fixture
def long_training(project: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a training that would take for ever, and return when it has learned for some steps."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        words = words or ("--set", "epochs=300", "--set", "early_stopping=false", "--set", "learning_rate=1e-5")
        command = [sys.executable, "-m", "ftstudio", "train", str(project), "--json", *words]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", cwd=ROOT)
        started.append(child)
        while not _has_learned(project, child.pid):
            try:
                child.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            pytest.fail(f"the training ended early: {child.communicate()}")
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_interruption_stops_and_keeps(
    number: signal.Signals, project: Path, verb: Verb, long_training: Callable[..., subprocess.Popen[str]]
) -> None:
    child = long_training()

    child.send_signal(number)
    out, err = child.communicate(timeout=120)

    assert child.returncode == 0, err
    document = json.loads(out)
    assert document["state"] == "stopped"
    assert "once more aborts" in err
    (run,) = verb("runs", project)[1]["runs"]
    assert run["state"] == "stopped"
    assert verb("predict", project, "--text", "a lovely film")[0] == 0


def test_a_killed_training_is_found_and_goes_on(
    project: Path, verb: Verb, long_training: Callable[..., subprocess.Popen[str]]
) -> None:
    child = long_training()
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()

    (run,) = verb("runs", project)[1]["runs"]
    assert run["state"] == "interrupted"
    assert run["hint"]
    refused = verb("train", project, "--resume", run["run"], "--set", "epochs=2")
    assert refused[0] == 2
    assert "settings" in refused[1]["error"]["message"]

    child = long_training("--resume", run["run"])
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=120)

    assert child.returncode == 0, err
    assert json.loads(out)["run"] == run["run"]
    (run,) = verb("runs", project)[1]["runs"]
    assert run["state"] == "stopped"


def _has_learned(project: Path, pid: int) -> bool:
    """Tell whether the process `pid` is at work on a run and has measured some steps of it."""
    for run in project.glob("runs/2*"):
        if json.loads((run / "status.json").read_text(encoding="utf-8"))["pid"] == pid:
            journal = run / "metrics.jsonl"
            return journal.is_file() and journal.read_bytes().count(b'"split":"train"') >= 2
    return False


@pytest.mark.slow
@pytest.mark.parametrize("sample", ["topics", "textures"])
def test_a_sample_is_trained_without_a_window(sample: str, isolated_home: Path) -> None:
    document = ftstudio("train", "--sample", sample, "--json", timeout=1500).document

    assert document["state"] == "finished"
    assert Path(document["project"]).parent == isolated_home / "projects"
    floor = {"topics": 0.5, "textures": 0.9}[sample]
    assert document["metrics"]["test"]["accuracy"] > floor
    again = ftstudio("evaluate", document["project"], "--json").document
    assert again["metrics"]["accuracy"] == pytest.approx(document["metrics"]["test"]["accuracy"], abs=0.02)


def test_a_project_that_cannot_be_written_is_said_before_the_work(
    tiny_text_project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    original = Path.mkdir

    def refuse(path: Path, *arguments: Any, **options: Any) -> None:
        if path.is_relative_to(tiny_text_project):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        original(path, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert main(["train", str(tiny_text_project), "--json"]) == 2

    error = json.loads(capsys.readouterr().out)["error"]
    assert f"Nothing can be written in the project “{tiny_text_project}”" in error["message"]
    assert "Copy the project" in error["hint"]
