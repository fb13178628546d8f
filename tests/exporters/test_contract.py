"""What every file in `exporters/` must offer."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ftstudio.core import catalog

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
    assert "predict" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_every_source_can_leave_the_program(source: str) -> None:
    assert [spec.key for spec in catalog.exporters() if source in spec.suits]
