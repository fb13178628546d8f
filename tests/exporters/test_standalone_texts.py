"""The standalone folder of models that rewrite: it writes what the program writes, to the letter, without torch."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ftstudio.core.errors import StudioError
from ftstudio.core.manner import LIKELIEST
from ftstudio.engine.export import onnx_rewriter
from ftstudio.engine.runs.trained import open_trained
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import find_run
from tests.exporters.conftest import FOLDER
from tests.exporters.projects import export, read_json, rewritten_project

BLOCKED = ("torch", "transformers", "ftstudio")
TEXTS = ["05.10.1916", "1.1.2001 and 20.06.2013", "x", "30.12.1999 " * 12]


def _ask(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    block = "".join(f"sys.modules[{name!r}] = None; " for name in BLOCKED)
    code = f"import runpy, sys; {block}sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [sys.executable, "-c", code, str(folder / "predict.py"), *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=folder.parent)


@pytest.fixture(scope="module")
def exported(rewritten_text: ProjectLayout, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("standalone") / "model"
    export(rewritten_text, "standalone", folder)
    return folder


def _written(project: ProjectLayout) -> list[str]:
    task, bundle = open_trained(project, find_run(project, None)).load()
    written: list[str] = task.write(bundle, pa.table({"text": TEXTS}), LIKELIEST, lambda done, most: None)  # type: ignore[attr-defined]
    return written


@pytest.mark.parametrize(("family", "long_text"), [("tiny_t5", "tail"), ("tiny_bart", "tail"), ("tiny_bart", "both")])
def test_it_writes_what_the_program_writes_of_texts_of_any_length(
    family: str, long_text: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    model = request.getfixturevalue(family)
    project = rewritten_project(tmp_path / "project", model, FOLDER, {"long_text": long_text})
    certificate = export(project, "standalone", tmp_path / "model")["certificate"]
    assert certificate["passed"], certificate

    done = _ask(tmp_path / "model", "--json", *TEXTS)

    wanted = _written(project)
    assert [one["written"] for one in json.loads(done.stdout)] == wanted, done.stderr
    assert len(set(wanted)) == len(TEXTS)
    assert _ask(tmp_path / "model", TEXTS[0]).stdout.strip() == wanted[0]


def test_tokens_that_must_come_first_or_last_do(tiny_bart: Path, tmp_path: Path) -> None:
    """Models of BART's kind are published with such tokens."""
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    model, folder = AutoModelForSeq2SeqLM.from_pretrained(tiny_bart), tmp_path / "forced"
    model.generation_config.forced_bos_token_id, model.generation_config.forced_eos_token_id = 40, 2
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(tiny_bart).save_pretrained(folder)
    project = rewritten_project(tmp_path / "project", folder, FOLDER)

    certificate = export(project, "standalone", tmp_path / "model")["certificate"]

    way = read_json(tmp_path / "model" / "preprocessing.json")["writes"]
    assert (way["first"], way["last"]) == (40, 2)
    assert certificate["texts"]["same"] == certificate["texts"]["asked"]
    assert [one["written"] for one in json.loads(_ask(tmp_path / "model", "--json", *TEXTS).stdout)] == _written(
        project
    )


def test_an_export_that_writes_otherwise_is_kept_aside(
    rewritten_text: ProjectLayout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its networks are right, so that only what it writes tells that it begins a text otherwise."""
    original: Any = onnx_rewriter.manner
    monkeypatch.setattr(onnx_rewriter, "manner", lambda bundle: {**original(bundle), "longest": 3})

    document = export(rewritten_text, "standalone", tmp_path / "model")

    assert document["certificate"]["passed"] is False
    assert "texts that it writes" in document["error"]["message"]


def test_a_step_costs_one_token_and_says_what_the_whole_says(exported: Path) -> None:
    """The same tokens at once and one after the other, with what is remembered."""
    model = runpy.run_path(str(exported / "predict.py"))["Model"](exported)
    read, past, ids = model._read(TEXTS[0]), model._nothing(), [0, 9, 8, 7, 6]
    whole, _ = model._say(ids, read, past)
    steps = []
    for one in ids:
        said, past = model._say([one], read, past)
        assert said.shape[0] == 1
        steps.append(said[0])
    assert np.abs(np.array(steps) - whole).max() < 1e-5


def test_a_tokenizer_that_cuts_texts_to_be_written_otherwise_is_refused_in_words() -> None:
    class Tokenizer:
        def __call__(self, words: str = "", text_target: str = "") -> dict[str, list[int]]:
            return {"input_ids": [1, 2] if words else [2, 1]}

    with pytest.raises(StudioError, match="otherwise than texts to be read"):
        onnx_rewriter._refuse_two_ways(Tokenizer())


def test_help_names_what_it_needs_and_no_blank_was_left_open(exported: Path) -> None:
    words = _ask(exported, "--help").stdout

    assert "onnxruntime numpy tokenizers" in words
    assert not any(place in words for place in ("{packages}", "{example}", "{inputs}", "{row}"))
