"""The starters and a real torchvision network, exported and loaded by a stranger."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core.messages import Request
from ftstudio.engine.run import execute
from ftstudio.project.schema import ModelReference
from tests.exporters.projects import export, front_matter, image_project, text_project
from tests.support.real_files import published_mobilenet

__all__ = ["published_mobilenet"]

pytestmark = pytest.mark.slow


def _prepare(**options: str) -> Path:
    return Path(execute(Request(job="prepare_model", options=options), lambda event: None)["path"])


def _starter(name: str) -> ModelReference:
    return ModelReference(name=name, source=f"starter:{name}")


def test_minilm(tmp_path: Path) -> None:
    project = text_project(tmp_path / "project", _prepare(starter="minilm"), _starter("minilm"))
    document = export(project, "hf-folder", tmp_path / "model")

    assert document["certificate"]["largest_difference"] < 1e-4
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert 'license: "apache-2.0"' in front_matter(card)


def test_efficientnet_lite0(tmp_path: Path) -> None:
    model = _prepare(starter="efficientnet-lite0")
    project = image_project(tmp_path / "project", model, _starter("efficientnet-lite0"), side=230)
    document = export(project, "hf-folder", tmp_path / "model")

    assert document["certificate"]["largest_difference"] < 1e-3
    assert "timm" in document["certificate"]["runs_with"]
    assert "timm" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")


def test_mobilenet(published_mobilenet: Path, tmp_path: Path) -> None:
    reference = ModelReference(name="mobilenet_v2", source="folder")
    project = image_project(tmp_path / "project", _prepare(path=str(published_mobilenet)), reference, side=230)
    document = export(project, "torchvision", tmp_path / "model")

    assert document["certificate"]["largest_difference"] < 1e-3
    assert document["files"] == ["README.md", "labels.json", "model.pth", "preprocessing.json"]
