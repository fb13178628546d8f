"""Torchvision's thorough detectors on a classifier: their loss curve is a plain loop's, and they leave certified."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ftstudio.core.detections import drawn, remarked
from ftstudio.core.settings import build
from ftstudio.engine import backend
from ftstudio.engine.conversion import torchvision
from ftstudio.engine.vision import pyramid_network
from tests.engine.projects import _import as imported
from tests.engine.projects import copy
from tests.engine.runs.test_parity import VALUES, decayed, our_curve
from tests.engine.vision.test_set_detectors import feed_of
from tests.support.box_projects import KINDS, write_shapes
from tests.support.torchvision_files import save_checkpoint

DETECTORS = ("faster_rcnn", "retinanet", "fcos")
STEPS = 2
OURS = {
    **VALUES,
    "learning_rate": 1e-3,
    "batch_size": 2,
    "max_steps": STEPS,
    "augmentation": "none",
    "monitor": "map_50",
}


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small classifier of torchvision that knows nothing, prepared for the program."""
    folder = tmp_path_factory.mktemp("prepared") / "small"
    folder.mkdir()
    torchvision.convert(save_checkpoint("mobilenet_v3_small", tmp_path_factory.mktemp("checkpoints")), folder)
    return folder


@pytest.mark.parametrize("detector", DETECTORS)
def test_the_loss_curve_is_that_of_a_plain_loop(detector: str, classifier: Path, tmp_path: Path) -> None:
    ours = feed_of(classifier, tmp_path / "ours", **OURS, detector=detector)
    torch.manual_seed(3)  # for the places that chance picks
    losses, batches = our_curve(ours, build({**OURS, "detector": detector}), tmp_path / "run")

    feed = feed_of(classifier, tmp_path / "theirs", **OURS, detector=detector)
    model: Any = feed.bundle.model.train()
    optimiser = torch.optim.AdamW(decayed(model), lr=1e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / STEPS)
    first = 1 if detector == "faster_rcnn" else 0
    torch.manual_seed(3)
    expected = []
    for rows in batches[:STEPS]:
        batch = feed.examples.batch(rows.tolist(), None)
        there = [one[one[:, 0] >= 0] for one in batch.labels]
        side = pyramid_network.SIDE
        targets = [{"boxes": one[:, 1:] * side, "labels": one[:, 0].long() + first} for one in there]
        loss = sum(model(list(batch.inputs["pixel_values"]), targets).values())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
        expected.append(float(loss.detach()))

    np.testing.assert_allclose(losses, expected, rtol=1e-4)


@pytest.mark.parametrize("detector", DETECTORS)
def test_it_answers_goes_on_and_leaves_with_a_certificate(detector: str, classifier: Path, tmp_path: Path) -> None:
    root = imported(tmp_path / "shapes", "object-detection", write_shapes(tmp_path / "source", pictures=12))
    project = copy(root, tmp_path / "project", classifier)

    document = project.train(max_steps=1, batch_size=2, epochs=1.0, augmentation="none", detector=detector)

    assert set(document["metrics"]["validation"]) == {"map_50", "map", "loss"}
    config = json.loads((project.run(document["run"]).model / "config.json").read_text(encoding="utf-8"))
    assert config["model_type"] == detector
    made = project.job("export", format="torchvision", to=str(tmp_path / "out"))
    assert made["certificate"]["passed"], made["certificate"]["reason"]
    again = copy(root, tmp_path / "again", project.run(document["run"]).model)
    assert again.train(max_steps=1, batch_size=2, epochs=1.0, augmentation="none")["labels"] == sorted(KINDS)


@pytest.mark.slow
@pytest.mark.parametrize("detector", ["faster_rcnn", "fcos"])
def test_it_leaves_as_a_network_that_answers_by_itself(detector: str, classifier: Path, tmp_path: Path) -> None:
    root = imported(tmp_path / "shapes", "object-detection", write_shapes(tmp_path / "source", pictures=12))
    project = copy(root, tmp_path / "project", classifier)
    project.train(max_steps=1, batch_size=2, epochs=1.0, augmentation="none", detector=detector)

    alone = project.job("export", format="standalone", to=str(tmp_path / "alone"))["certificate"]

    assert alone["passed"], alone["reason"]
    assert alone["largest_difference"] < 1e-3
    assert alone["metrics"]["after"] == pytest.approx(alone["metrics"]["before"], abs=1e-3)


def test_a_look_at_pictures_uses_up_no_chance(classifier: Path, tmp_path: Path) -> None:
    feed = feed_of(classifier, tmp_path / "pictures", **OURS, detector="faster_rcnn")
    feed.bundle.model.eval()
    torch.manual_seed(5)
    wanted = torch.rand(1)
    torch.manual_seed(5)

    with torch.inference_mode():
        said = feed.logits(feed.batch([0]))[0].numpy()

    assert torch.equal(torch.rand(1), wanted)
    assert remarked(said) is not None
    assert len(drawn(said)) <= pyramid_network.MOST


def test_a_network_without_maps_is_refused_in_words() -> None:
    backend.prepare()
    with pytest.raises(ValueError, match="no maps"):
        pyramid_network.build("fcos", torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3, 2)), 2)
