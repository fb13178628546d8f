"""What every file in `exporters/` must offer."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ftstudio.core import catalog
from ftstudio.core.specs import Answer
from ftstudio.core.tuning_methods import METHODS

SOURCES = {"huggingface", "timm", "torchvision"}


@pytest.mark.parametrize("key", catalog.exporters().keys())
def test_every_exporter_is_complete(key: str) -> None:
    module = catalog.exporters().module(key)

    assert module.SPEC.suits <= SOURCES
    assert module.SPEC.suits
    assert callable(module.export)
    assert module.LOADER.is_file()


@pytest.mark.parametrize("key", catalog.exporters().keys())
def test_every_loader_knows_nothing_of_the_program(key: str) -> None:
    path: Path = catalog.exporters().module(key).LOADER
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]

    assert not [name for name in imported if name.split(".")[0] == "ftstudio"]
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    methods = {node.name for node in classes["Model"].body if isinstance(node, ast.FunctionDef)}
    assert {"__init__", "logits"} <= methods


@pytest.mark.parametrize("key", catalog.exporters().keys())
def test_every_format_says_what_it_is_for_and_what_its_receiver_needs(key: str) -> None:
    spec = catalog.exporters().spec(key)

    assert spec.title
    assert spec.summary.endswith(".")
    assert spec.runs_with
    assert spec.methods <= set(METHODS)
    lacking = spec.missing()
    assert lacking is None or (lacking.message and lacking.hint)


def test_the_keys_are_those_that_scripts_rely_on() -> None:
    fixed = {"hf-folder", "torchvision", "adapter", "merged", "onnx", "onnx-int8", "standalone", "gguf", "tflite"}

    assert {spec.key for spec in catalog.exporters() if not spec.key.startswith("gguf-")} <= fixed
    assert catalog.exporters().failures == []


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_every_source_can_leave_the_program(source: str) -> None:
    assert [spec.key for spec in catalog.exporters() if source in spec.suits]


@pytest.mark.parametrize("answer", Answer)
def test_every_kind_of_answer_can_leave_the_program(answer: Answer) -> None:
    assert [spec.key for spec in catalog.exporters() if answer in spec.answers and not spec.methods]
