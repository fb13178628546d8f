"""What is known before training: from the data's counts, the model's files and its own tokenizer, without torch."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ftstudio.core.errors import InputError
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.models.library import read_model
from ftstudio.planning import machine
from ftstudio.planning.facts import count_tokens, gather, locate_model, refuse_foreign_tokenizer, token_lengths
from ftstudio.project.schema import ModelReference
from ftstudio.project.store import open_project
from tests.engine import projects


@pytest.fixture
def texts(tiny_text_model: Path, tmp_path: Path) -> projects.Tiny:
    return projects.copy(projects.make_texts(tmp_path / "template"), tmp_path / "texts", tiny_text_model)


def test_facts_of_a_text_project(texts: projects.Tiny, tiny_text_model: Path) -> None:
    with open_project(texts.root, write=False) as project:
        facts = gather(project)
    dataset, record = Dataset.open(texts.layout.data), read_model(tiny_text_model)

    assert facts.rows == dataset.count(Split.TRAIN)
    assert facts.classes == 3
    assert facts.smallest_class == min(dataset.label_counts(Split.TRAIN).values())
    assert 6 <= facts.median_length <= facts.long_length <= 26, "words, and two special tokens"
    assert (facts.parameters, facts.blocks, facts.hidden_size) == (record.parameters, 2, 32)
    assert facts.model_max_length == 64
    assert facts.memory_bytes > 0
    assert facts.cores >= 1


def test_facts_of_an_image_project(tiny_image_model: Path, tmp_path: Path) -> None:
    made = projects.copy(projects.make_pictures(tmp_path / "template"), tmp_path / "pictures", tiny_image_model)
    with open_project(made.root, write=False) as project:
        facts = gather(project)

    assert facts.classes == 2
    assert (facts.median_length, facts.long_length) == (0, 0)


def test_lengths_are_those_of_the_models_own_tokenizer(tiny_text_model: Path) -> None:
    texts = ["good", "a very good film", "word " * 300]

    assert count_tokens(texts, tiny_text_model / "tokenizer.json")[:2] == [3, 6]
    assert count_tokens(texts, tiny_text_model / "tokenizer.json")[2] > 300, "nothing may be cut while counting"
    assert count_tokens(["one two three"], tiny_text_model / "none.json") == [6]


def test_lengths_of_no_rows(texts: projects.Tiny, tiny_text_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = Dataset.open(texts.layout.data)
    empty = dataset.table(Split.TRAIN).slice(0, 0)
    monkeypatch.setattr(dataset, "table", lambda split: empty)

    assert token_lengths(dataset, read_model(tiny_text_model)) == (0, 0)


def test_a_model_that_is_not_here_is_named() -> None:
    with pytest.raises(InputError, match="“gone” is not on this computer") as caught:
        locate_model(ModelReference(name="gone", source="folder", fingerprint="abc"))
    assert caught.value.where.field == "model"
    with pytest.raises(InputError, match="No model is chosen"):
        locate_model(None)


def test_a_model_of_another_kind_is_refused(texts: projects.Tiny, tiny_image_model: Path) -> None:
    other = projects.copy(texts.root, texts.root.with_name("other"), tiny_image_model)
    with open_project(other.root, write=False) as project, pytest.raises(InputError) as caught:
        gather(project)

    assert caught.value.where.field == "model"


@pytest.mark.parametrize(
    ("system", "memory", "expected"),
    [("Linux", 8 << 30, ("cuda", 8 << 30)), ("Linux", 0, ("cpu", 0)), ("Darwin", 0, ("mps", 0))],
)
def test_the_device_training_would_take(
    monkeypatch: pytest.MonkeyPatch, system: str, memory: int, expected: tuple[str, int]
) -> None:
    monkeypatch.setattr(machine.platform, "system", lambda: system)
    monkeypatch.setattr(machine.platform, "machine", lambda: "arm64")
    monkeypatch.setattr(machine, "_nvidia_memory", lambda: memory)

    assert machine.accelerator.__wrapped__() == expected


@pytest.mark.parametrize("answer", ["", "no devices were found", "24000\n8000\n"])
def test_what_the_driver_says(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    done = subprocess.CompletedProcess([], 0, stdout=answer)
    monkeypatch.setattr(machine.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    monkeypatch.setattr(machine.subprocess, "run", lambda *args, **kwargs: done)

    assert machine._nvidia_memory() == (24000 * 1024 * 1024 if "24000" in answer else 0)


def test_planning_needs_no_torch() -> None:
    code = "import sys, ftstudio.planning.facts; assert not {'torch', 'transformers', 'sklearn'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_a_tokenizer_of_another_model_is_refused_before_anything_is_made(
    tiny_text_model: Path,
) -> None:
    record = read_model(tiny_text_model)
    refuse_foreign_tokenizer(record)

    with pytest.raises(InputError, match="belongs to another model") as refused:
        refuse_foreign_tokenizer(replace(record, vocabulary=record.vocabulary - 1))
    assert refused.value.where.file
    assert refused.value.hint
