"""Checkpoints of torchvision's detectors are recognised by their weights, and learn other kinds of things."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ftstudio.core.errors import InputError
from ftstudio.engine import backend
from ftstudio.engine.conversion import torchvision
from ftstudio.engine.vision import detectors, pyramid_network
from ftstudio.models.library import read_model
from ftstudio.models.records import ModelKind


def save(architecture: str, kinds: int, folder: Path) -> Path:
    backend.prepare()
    path = folder / f"{architecture}.pth"
    torch.save(pyramid_network.plain(architecture, kinds).state_dict(), path)
    return path


@pytest.mark.parametrize(
    ("architecture", "side"),
    [
        ("ssdlite320_mobilenet_v3_large", 320),
        ("fasterrcnn_mobilenet_v3_large_320_fpn", 320),
        ("retinanet_resnet50_fpn", 800),
    ],
)
def test_a_checkpoint_is_recognised_and_gets_a_new_head(architecture: str, side: int, tmp_path: Path) -> None:
    path = save(architecture, 3, tmp_path)
    assert read_model(path).kind is ModelKind.OBJECT_DETECTOR
    prepared = tmp_path / "prepared"
    prepared.mkdir()

    torchvision.convert(path, prepared)

    record = read_model(prepared)
    assert (record.kind, record.architecture, record.input_size) == (ModelKind.OBJECT_DETECTOR, architecture, side)
    (before, *_), _ = detectors.load_detector(prepared, ["LABEL_0", "LABEL_1", "LABEL_2"], "ssdlite", trained=True)
    (after, *_), source = detectors.load_detector(prepared, ["a", "b"], "ssdlite", trained=False)
    assert source == "torchvision"
    old, new = before.state_dict(), after.state_dict()
    changed = {name for name in new if new[name].shape != old[name].shape or not torch.equal(new[name], old[name])}
    assert changed
    assert all("cls" in name or "classification_head" in name or "box_predictor" in name for name in changed)


def test_a_changed_detector_is_refused_in_words(tmp_path: Path) -> None:
    path = save("ssdlite320_mobilenet_v3_large", 2, tmp_path)
    state = torch.load(path, weights_only=True)
    state["backbone.more.weight"] = torch.zeros(2)
    torch.save(state, path)
    (tmp_path / "prepared").mkdir()

    with pytest.raises(InputError, match="of none of torchvision's"):
        torchvision.convert(path, tmp_path / "prepared")
