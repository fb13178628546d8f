"""Weights that change between writing and giving away: every format must notice, and say so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftstudio.cli.main import main
from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.messages import Request
from ftstudio.engine.run import execute
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import find_run
from tests.exporters.projects import export, flip, read_json

CASES = [
    ("hf-folder", "huggingface_text", "model.safetensors"),
    ("hf-folder", "huggingface_image", "model.safetensors"),
    ("hf-folder", "tagged_text", "model.safetensors"),
    ("hf-folder", "asked_text", "model.safetensors"),
    ("torchvision", "torchvision_image", "model.pth"),
    ("adapter", "lora_text", "adapter_model.safetensors"),
    ("adapter", "lora_tagged", "adapter_model.safetensors"),
    ("adapter", "lora_asked", "adapter_model.safetensors"),
    ("merged", "lora_text", "model.safetensors"),
    ("merged", "lora_tagged", "model.safetensors"),
    ("onnx", "huggingface_text", "model.onnx"),
    ("onnx", "tagged_text", "model.onnx"),
    ("onnx-int8", "huggingface_text", "model.onnx"),
    ("onnx-int8", "asked_text", "model.onnx"),
    ("standalone", "asked_text", "model.onnx"),
    ("standalone", "tagged_text", "model.onnx"),
    ("standalone", "torchvision_image", "model.onnx"),
    ("onnx", "rewritten_text", "encoder.onnx"),
    ("standalone", "rewritten_text", "decoder.onnx"),
    *(("onnx", f"{kind}_texts", "model.onnx") for kind in ("several", "number")),
    *(("onnx-int8", f"{kind}_texts", "model.onnx") for kind in ("several", "number")),
    *(("standalone", f"{kind}_pictures", "model.onnx") for kind in ("several", "number")),
    *(("torchvision", f"{kind}_networks", "model.pth") for kind in ("several", "number")),
    *(("merged", f"lora_{kind}", "model.safetensors") for kind in ("several", "number")),
    *(("adapter", f"lora_{kind}", "adapter_model.safetensors") for kind in ("several", "number")),
    ("gguf", "written_text", "first _ try-F16.gguf"),
    ("gguf-bf16", "written_text", "first _ try-BF16.gguf"),
    ("gguf-q8", "written_text", "first _ try-Q8_0.gguf"),
    ("gguf-q4", "written_text", "first _ try-Q4_0.gguf"),
]


def _damaged(monkeypatch: pytest.MonkeyPatch, key: str, harm: Callable[[Path], None]) -> None:
    """Have the format written as always, and harmed right after."""
    module = catalog.exporters().module(key)
    original = module.export

    def write(source: Any, target: Path) -> list[Path]:
        files = original(source, target)
        harm(target)
        return files

    monkeypatch.setattr(module, "export", write)


@pytest.mark.usefixtures("with_base")
@pytest.mark.parametrize(("key", "project", "file"), CASES)
def test_a_damaged_export_turns_red(
    key: str,
    project: str,
    file: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _damaged(monkeypatch, key, lambda target: flip(target / file))

    document = export(request.getfixturevalue(project), key, tmp_path / "model")

    assert document["certificate"]["passed"] is False
    assert document["certificate"]["reason"]
    assert document["error"]["hint"]
    assert [path.name for path in tmp_path.iterdir()] == ["model.failed-check"]
    assert read_json(tmp_path / "model.failed-check" / "certificate.json")["passed"] is False


def test_every_format_that_can_be_made_here_is_damaged_above() -> None:
    """TensorFlow Lite, which takes an environment of its own, is damaged in `test_real_models.py`."""
    assert {key for key, _, _ in CASES} == set(catalog.exporters().keys()) - {"tflite"}


def test_labels_in_another_order_turn_it_red(
    huggingface_text: ProjectLayout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swap(target: Path) -> None:
        config = (target / "config.json").read_text(encoding="utf-8")
        swapped = config.replace('"0": "bad"', '"0": "good"').replace('"1": "good"', '"1": "bad"')
        assert swapped != config
        (target / "config.json").write_text(swapped, encoding="utf-8")

    _damaged(monkeypatch, "hf-folder", swap)

    document = export(huggingface_text, "hf-folder", tmp_path / "model")

    assert "labels" in document["error"]["message"]


def test_an_export_that_needs_torch_though_it_says_it_does_not_turns_red(
    huggingface_text: ProjectLayout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lean(target: Path) -> None:
        program = (target / "predict.py").read_text(encoding="utf-8")
        (target / "predict.py").write_text(program.replace("import numpy as np", "import torch, numpy as np"))

    _damaged(monkeypatch, "standalone", lean)

    document = export(huggingface_text, "standalone", tmp_path / "model")

    assert "torch" in document["error"]["message"]


def test_a_verb_ends_with_one_and_says_where_the_files_are_kept(
    huggingface_text: ProjectLayout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    _damaged(monkeypatch, "hf-folder", lambda target: flip(target / "model.safetensors"))
    words = ["export", str(huggingface_text.root), "--format", "hf-folder", "--to", str(tmp_path / "model")]

    assert main(words) == 1

    said = capfd.readouterr().out
    assert "failed its check" in said
    assert "model.failed-check" in said


@pytest.mark.parametrize("job", ["export", "predict", "evaluate"])
@pytest.mark.parametrize("harm", [flip, Path.unlink])
def test_weights_that_changed_since_training_are_refused(
    job: str, harm: Callable[[Path], None], huggingface_text: ProjectLayout, tmp_path: Path
) -> None:
    weights = find_run(huggingface_text, None).layout.model / "model.safetensors"
    before = weights.read_bytes()
    options = {"format": "hf-folder", "to": str(tmp_path / "model"), "texts": ["a film"], "inputs": ["a film"]}
    try:
        harm(weights)
        with pytest.raises(InputError, match=r"model\.safetensors"):
            execute(Request(job=job, project=huggingface_text.root, options=options), lambda event: None)
    finally:
        weights.write_bytes(before)

    assert list(tmp_path.iterdir()) == []
