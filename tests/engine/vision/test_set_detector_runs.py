"""Whole runs of transformers' detectors, one a family: they learn, answer, and leave with a certificate."""

from __future__ import annotations

import math
import statistics
from pathlib import Path

import pytest

from ftstudio.core import catalog
from ftstudio.core.messages import Measured
from ftstudio.models.compatibility import fits
from ftstudio.models.library import read_model
from tests.engine.projects import _import as imported
from tests.engine.projects import copy
from tests.support.box_projects import KINDS, write_shapes
from tests.support.tiny_detectors import FAMILIES, write_detector

RATES = {"learning_rate": 1e-3, "head_learning_rate": 1e-3, "layer_decay": 1.0}
FEW = {"max_steps": 40, "batch_size": 8, "epochs": 20.0, "augmentation": "none", "early_stopping": False, **RATES}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("boxes")
    return imported(root / "shapes", "object-detection", write_shapes(root / "source", pictures=30))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_learns_answers_and_leaves_with_a_certificate(family: str, template: Path, tmp_path: Path) -> None:
    model = write_detector(family, tmp_path / family)
    assert fits(read_model(model), catalog.tasks().spec("object-detection")) is None
    project = copy(template, tmp_path / "project", model)

    document = project.train(**FEW)

    losses = [one.values["loss"] for one in project.of(Measured) if one.split == "train"]
    assert statistics.mean(losses[-8:]) < 0.95 * statistics.mean(losses[:4])
    for split in ("validation", "test"):
        assert set(document["metrics"][split]) == {"map_50", "map", "loss"}
        assert all(math.isfinite(value) for value in document["metrics"][split].values())
    assert project.job("evaluate")["metrics"] == pytest.approx(document["metrics"]["test"], rel=1e-3, abs=1e-4)
    picture = next((tmp_path / "project" / "data" / "images").glob("*/*.png"))
    (answer,) = project.job("predict", files=[str(picture)])["predictions"]
    assert all(box["label"] in KINDS for box in answer["boxes"])
    made = project.job("export", format="hf-folder", to=str(tmp_path / "out"))
    assert made["certificate"]["passed"], made["certificate"]["reason"]
    assert made["certificate"]["agreement"] == 1.0
    assert read_model(tmp_path / "out").labels == tuple(sorted(KINDS))


@pytest.mark.slow
@pytest.mark.parametrize("family", ["detr", "yolos", "rt_detr_v2"])
def test_a_family_leaves_as_a_network_that_answers_by_itself(family: str, template: Path, tmp_path: Path) -> None:
    project = copy(template, tmp_path / "project", write_detector(family, tmp_path / family))
    # Maps of a network that never counted its batches are all but 0: its places are then alike, and ties are decided
    # otherwise by every library.
    project.train(**{**FEW, "max_steps": 20, "batch_norm": "learn"})

    alone = project.job("export", format="standalone", to=str(tmp_path / "alone"))["certificate"]

    assert alone["passed"], alone["reason"]
    assert alone["agreement"] == 1.0
    assert alone["metrics"]["after"] == pytest.approx(alone["metrics"]["before"], abs=1e-3)
