"""Detectors: the loss is torchvision's own, and boxes come back from what they are encoded as."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from ftstudio.core.detections import GEOMETRY, Drawn, agree, drawn, promising
from ftstudio.core.settings import build as settings_of
from ftstudio.engine import backend
from ftstudio.engine.answers import detecting
from ftstudio.engine.answers.outputs import by_row
from ftstudio.engine.vision import detector_network


@pytest.fixture(scope="module")
def detector() -> Any:
    """Return an SSDLite for two kinds on a MobileNetV2 that knows nothing."""
    backend.prepare()
    torch.manual_seed(0)
    layers = detector_network.layers_of(detector_network.network("torchvision", "mobilenet_v2"))
    return detector_network.build(layers, 2)


TRUTH = [
    [[0, 0.10, 0.10, 0.45, 0.50], [1, 0.50, 0.55, 0.90, 0.95]],
    [[1, 0.02, 0.30, 0.20, 0.60], [-1, -1, -1, -1, -1]],
]


def test_the_loss_is_that_of_torchvision(detector: Any) -> None:
    labels = torch.tensor(TRUTH)
    pixels = torch.randn(2, 3, detector_network.SIDE, detector_network.SIDE)
    said = detector_network.logits(detector.eval(), pixels)

    ours = detecting.loss(said, labels, settings_of({}), None).sum()

    places = [detector.places * detector_network.SIDE] * 2
    targets = [
        {"boxes": one[one[:, 0] >= 0][:, 1:] * detector_network.SIDE, "labels": one[one[:, 0] >= 0][:, 0].long() + 1}
        for one in labels
    ]
    matched = [detector.proposal_matcher(_overlaps(one["boxes"], places[0])) for one in targets]
    outputs = {"cls_logits": said[:, :, :3], "bbox_regression": said[:, :, 3:7]}
    theirs = sum(detector.compute_loss(targets, outputs, places, matched).values())
    count = sum(int((one >= 0).sum()) for one in matched)
    assert float(ours) / count == pytest.approx(float(theirs), rel=1e-5)
    assert count > 2


def _overlaps(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    from torchvision.ops import boxes

    return boxes.box_iou(one, other)


def test_boxes_come_back_from_how_they_are_encoded(detector: Any) -> None:
    truth = np.array(TRUTH[0], dtype=np.float64)
    places = detector.places.double()
    answers = detecting.matched(truth[:, 1:], places.numpy())
    said = torch.zeros(len(places), 11)
    said[:, 0], said[:, 7:] = 6.0, places.float()
    for at in np.flatnonzero(answers >= 0):
        kind = int(truth[answers[at], 0])
        said[at, 0], said[at, 1 + kind] = 0.0, 6.0
        said[at, 3:7] = detecting.offsets(torch.tensor(truth[[answers[at]], 1:]), places[[at]])[0].float()

    found = drawn(said.numpy())

    assert found.above(0.5).kinds.tolist() in ([0, 1], [1, 0])
    order = np.argsort(found.above(0.5).kinds)
    assert found.above(0.5).corners[order] == pytest.approx(truth[:, 1:], abs=1e-4)
    kept = promising(said.numpy())
    assert len(kept) < len(said)
    assert agree(drawn(kept), found), "what is stored gives the same boxes"
    assert not agree(found.above(0.5), found.above(1.1))
    assert detecting.score(np.array([said.numpy()]), _rows(truth), ("a", "b"))["map_50"] == pytest.approx(1.0)


def _rows(truth: np.ndarray) -> np.ndarray:
    rows = np.empty(1, dtype=object)
    rows[0] = truth
    return rows


@pytest.mark.parametrize(("missed", "told"), [(0, set()), (3, {"map_50", "map"})])
def test_a_perfect_score_on_few_pictures_is_not_called_certain(missed: int, told: set[str]) -> None:
    truth = np.array(TRUTH[0], dtype=np.float64)
    said = np.zeros((len(truth), 3 + GEOMETRY), np.float32)
    said[:, 1:3] = -30.0
    said[range(len(truth)), truth[:, 0].astype(int) + 1] = 3.0
    said[:, -4:] = truth[:, 1:]
    answers = [said[1:] if at < missed else said for at in range(6)]

    assert set(detecting.intervals(by_row(answers), by_row([truth] * 6), ["square", "cross"])) == told


def _drawn(*boxes: tuple[int, float, list[float]]) -> Drawn:
    corners = np.array([one[2] for one in boxes], dtype=np.float64).reshape(-1, 4)
    return Drawn(corners, np.array([one[0] for one in boxes], np.int64), np.array([one[1] for one in boxes], float))


def test_answers_agree_by_place_and_kind_but_for_boxes_at_the_threshold() -> None:
    place, moved = [0.1, 0.1, 0.5, 0.5], [0.2, 0.1, 0.5, 0.5]
    one, nothing = _drawn((0, 0.9, place)), _drawn()

    assert agree(one, one, 0.3) and agree(nothing, nothing, 0.3)
    assert not agree(one, nothing, 0.3) and not agree(nothing, one, 0.3)
    assert not agree(one, _drawn((1, 0.9, place)), 0.3)
    assert not agree(one, _drawn((0, 0.9, moved)), 0.3)
    hardly = _drawn((0, 0.9, place), (1, 0.301, [0.6, 0.6, 0.9, 0.9]))
    assert agree(one, hardly, 0.3), "rounding lets a box at the threshold come or go"
    assert not agree(one, hardly, 0.2) and not agree(one, hardly)
    flat = _drawn((0, 0.9, [0.0, 0.0, 0.0, 0.5]))
    assert agree(flat, flat, 0.3), "a box of no area is where it is"


HALF_AND_WHOLE = (torch.bfloat16, torch.float32)


def test_gradients_in_half_precision_are_the_same_numbers_each_time(detector: Any) -> None:
    """On processors those of a convolution on the smallest maps were made of memory that nobody had written."""
    detector.train()
    for one in detector.modules():
        if isinstance(one, torch.nn.BatchNorm2d):
            one.eval()
    weights = [one for name, one in detector.named_parameters() if name.startswith("backbone.head.")]
    layout = torch.channels_last  # as it is trained
    detector.to(memory_format=layout)
    pixels = torch.randn(2, 3, detector_network.SIDE, detector_network.SIDE).contiguous(memory_format=layout)
    found = []
    for _ in range(8):
        dirt = [torch.full((2**at,), float("nan"), dtype=kind) for at in range(4, 22) for kind in HALF_AND_WHOLE]
        del dirt
        with torch.autocast("cpu", dtype=torch.bfloat16):
            said = detector_network.logits(detector, pixels)
        loss = detecting.loss(said, torch.tensor(TRUTH), settings_of({}), None).sum()
        found.append([one.clone() for one in torch.autograd.grad(loss, weights)])
    detector.eval()

    assert said.dtype == torch.float32
    for again in found:
        assert all(torch.isfinite(one).all() for one in again)
        assert all(torch.allclose(one, first, rtol=1e-2, atol=1e-6) for one, first in zip(again, found[0], strict=True))
