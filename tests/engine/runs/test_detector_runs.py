"""Whole runs of a detector: it learns where bright shapes are, answers, goes on where it was, and leaves certified."""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path

import pytest

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.messages import Measured
from ftstudio.engine.conversion import torchvision
from tests.engine.projects import Tiny, copy
from tests.engine.projects import _import as imported
from tests.support.box_projects import KINDS, write_shapes
from tests.support.torchvision_files import save_checkpoint

FEW = {"max_steps": 3, "batch_size": 4, "epochs": 1.0, "augmentation": "none"}


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small classifier of torchvision that knows nothing, prepared for the program."""
    folder = tmp_path_factory.mktemp("prepared") / "small"
    folder.mkdir()
    torchvision.convert(save_checkpoint("mobilenet_v3_small", tmp_path_factory.mktemp("checkpoints")), folder)
    return folder


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("boxes")
    return imported(root / "shapes", "object-detection", write_shapes(root / "source", pictures=30))


@pytest.fixture
def project(template: Path, tmp_path: Path, classifier: Path) -> Tiny:
    return copy(template, tmp_path / "project", classifier)


def test_a_run_leaves_all_that_it_promises(project: Tiny, tmp_path: Path) -> None:
    document = project.train(**FEW)

    wanted = {metric.key for metric in catalog.tasks().spec("object-detection").metrics}
    for split in ("validation", "test"):
        assert set(document["metrics"][split]) == wanted
        assert all(math.isfinite(value) for value in document["metrics"][split].values())
    assert document["labels"] == sorted(KINDS)
    assert project.job("evaluate")["metrics"] == pytest.approx(document["metrics"]["test"], rel=1e-3, abs=1e-4)
    picture = next((tmp_path / "project" / "data" / "images").glob("*/*.png"))
    (answer,) = project.job("predict", files=[str(picture)])["predictions"]
    assert all(box["label"] in KINDS for box in answer["boxes"])


def test_it_learns_and_leaves_with_a_certificate(project: Tiny, tmp_path: Path) -> None:
    rates = {"learning_rate": 1e-3, "head_learning_rate": 1e-2}
    project.train(**{**FEW, "max_steps": 60, "epochs": 20.0, **rates})

    losses = [one.values["loss"] for one in project.of(Measured) if one.split == "train"]
    assert statistics.mean(losses[-4:]) < 0.7 * statistics.mean(losses[:4])
    made = project.job("export", format="torchvision", to=str(tmp_path / "out"))
    assert made["certificate"]["passed"], made["certificate"]["reason"]
    assert made["certificate"]["largest_difference"] < 1e-3


@pytest.mark.parametrize("detector", ["ssdlite", "fcos"])
def test_pictures_are_read_at_the_size_that_was_chosen_and_so_they_are_by_whoever_gets_it(
    project: Tiny, tmp_path: Path, detector: str
) -> None:
    sized = {"picture_size": 160, "detector": detector, "batch_size": 2}
    document = project.train(**{**FEW, "max_steps": 2, **sized})

    folder = project.run(document["run"]).model
    config, recipe = (json.loads((folder / name).read_text()) for name in ("config.json", "preprocessor_config.json"))
    assert (config["image_size"], recipe["size"], recipe["crop"]) == (160, 160, 160)
    assert project.job("evaluate")["metrics"] == pytest.approx(document["metrics"]["test"], rel=1e-3, abs=1e-4)
    made = project.job("export", format="torchvision", to=str(tmp_path / "out"))
    assert made["certificate"]["passed"], made["certificate"]["reason"]
    if detector == "ssdlite":
        made = project.job("export", format="standalone", to=str(tmp_path / "standalone"))
        assert made["certificate"]["passed"], made["certificate"]["reason"]
        steps = json.loads((tmp_path / "standalone" / "preprocessing.json").read_text())
        assert steps["size"] == [160, 160]


def test_a_detector_is_taken_further_at_another_size(project: Tiny, template: Path, tmp_path: Path) -> None:
    first = project.train(**{**FEW, "max_steps": 1})

    again = copy(template, tmp_path / "again", project.run(first["run"]).model)
    document = again.train(**{**FEW, "max_steps": 1}, picture_size=128)

    config = json.loads((again.run(document["run"]).model / "config.json").read_text())
    assert config["image_size"] == 128


@pytest.mark.parametrize("form", ["onnx-int8", "tflite", "hf-folder"])
def test_forms_it_does_not_have_are_refused_in_words(project: Tiny, tmp_path: Path, form: str) -> None:
    project.train(**FEW)

    with pytest.raises(InputError, match="is not made for"):
        project.job("export", format=form, to=str(tmp_path / "out"))
