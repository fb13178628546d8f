"""The standalone folder of models that find places in texts: its answers are those of the program, to the letter."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
import torch

from ftstudio.core.deciding import Decision
from ftstudio.core.samples import Prediction
from ftstudio.engine.device import Hardware
from ftstudio.engine.inference import answering
from ftstudio.project.decisions import write_decision
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import find_run
from tests.exporters.projects import export

BLOCKED = ("torch", "transformers", "ftstudio")
TEXTS = ["the film is good", "the red scene is 東京の film good x", "ok", "good film " * 40]
ASKED = [
    ("Where is the film?", "the film is in the red garden."),
    ("Where is it? " * 30, "the film was good and dull " * 30),
    ("Where is 東京?", "nowhere"),
]


def _ask(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    block = "".join(f"sys.modules[{name!r}] = None; " for name in BLOCKED)
    code = f"import runpy, sys; {block}sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [sys.executable, "-c", code, str(folder / "predict.py"), *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=folder.parent)


def _load(project: ProjectLayout) -> answering.Trained:
    """Return the trained model, computing as exactly as an export does."""
    return dataclasses.replace(answering.load(find_run(project, None)), hardware=Hardware(torch.device("cpu"), "fp32"))


def _place(one: dict) -> tuple:
    return one["start"], one["end"], one["text"], pytest.approx(one["probability"], abs=1e-4)


def _told(prediction: Prediction) -> list[tuple]:
    return [(one.start, one.end, one.text, one.probability) for one in prediction.spans]


def test_it_marks_the_places_that_the_program_marks(tagged_text: ProjectLayout, tmp_path: Path) -> None:
    wanted = _load(tagged_text).predict(TEXTS)
    assert export(tagged_text, "standalone", tmp_path / "model")["certificate"]["passed"]

    done = _ask(tmp_path / "model", "--json", *TEXTS)

    answers = json.loads(done.stdout)
    assert [[_place(one) for one in answer["places"]] for answer in answers] == [_told(one) for one in wanted]
    kinds = [[one["label"] for one in answer["places"]] for answer in answers]
    assert kinds == [[one.label for one in prediction.spans] for prediction in wanted]
    assert any(kinds)
    printed = _ask(tmp_path / "model", TEXTS[0]).stdout.splitlines()
    assert len(printed) == 1 + len(kinds[0])


@pytest.mark.parametrize("margin", [-30.0, 30.0])
def test_it_finds_the_answers_that_the_program_finds_and_none_where_it_was_told_so(
    margin: float, asked_text: ProjectLayout, tmp_path: Path
) -> None:
    run = find_run(asked_text, None)
    table = pa.table({"text": [one for one, _ in ASKED], "text_pair": [one for _, one in ASKED]})
    write_decision(run.layout, Decision(no_answer_margin=margin))
    try:
        wanted = _load(asked_text).answer(table, [""] * len(ASKED))
        certificate = export(asked_text, "standalone", tmp_path / "model")["certificate"]
    finally:
        run.layout.decision.unlink()
    assert certificate["passed"], certificate

    done = _ask(tmp_path / "model", "--json", *("\t".join(one) for one in ASKED))

    answers = json.loads(done.stdout)
    assert [one["text"] for one in answers] == [one.label for one in wanted], done.stderr
    assert [_place(one) for one in answers if one["text"]] == [place for one in wanted for place in _told(one)]
    assert all(one["text"] == "" for one in answers) is (margin < 0)


def test_help_names_what_it_needs_and_no_blank_was_left_open(asked_text: ProjectLayout, tmp_path: Path) -> None:
    export(asked_text, "standalone", tmp_path / "model")

    words = _ask(tmp_path / "model", "--help").stdout

    assert "onnxruntime numpy tokenizers" in words
    assert "a tab and the text to search" in words
    assert not any(place in words for place in ("{packages}", "{example}", "{inputs}", "{row}"))
