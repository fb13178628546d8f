"""The substitutes for torchvision's compiled operators, against their rules written down naively and anew."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import Tensor

from ftstudio.engine.vision.torchvision_compat import nms, roi_align


def slow_nms(boxes: list[list[float]], scores: list[float], threshold: float) -> list[int]:
    """Keep the best box, drop what overlaps it by more than the threshold, repeat. Ties keep their order."""
    left = sorted(range(len(boxes)), key=lambda at: -scores[at])
    kept = []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [at for at in left if not slow_iou(boxes[best], boxes[at]) > threshold]
    return kept


def slow_iou(one: list[float], other: list[float]) -> float:
    width = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    union = sum(areas) - width * height
    return width * height / union if union else math.nan


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_nms_keeps_what_the_rule_keeps(seed: int, threshold: float) -> None:
    chance = np.random.default_rng(seed)
    corner = chance.integers(0, 40, size=(60, 2))
    boxes = np.concatenate((corner, corner + chance.integers(1, 25, size=(60, 2))), axis=1).astype(np.float32)
    scores = chance.integers(0, 12, size=60).astype(np.float32) / 12  # many ties

    kept = nms(torch.from_numpy(boxes), torch.from_numpy(scores), threshold)

    assert kept.dtype == torch.int64
    assert kept.tolist() == slow_nms(boxes.tolist(), scores.tolist(), threshold)


def test_nms_of_nothing() -> None:
    assert nms(torch.zeros(0, 4), torch.zeros(0), 0.5).shape == (0,)


def test_a_box_that_overlaps_by_just_the_threshold_stays() -> None:
    boxes = torch.tensor([[0.0, 0.0, 2.0, 1.0], [1.0, 0.0, 3.0, 1.0]])  # IoU 1/3

    assert nms(boxes, torch.tensor([0.9, 0.8]), 1 / 3 + 1e-9).tolist() == [0, 1]
    assert nms(boxes, torch.tensor([0.9, 0.8]), 0.333).tolist() == [0]


def test_boxes_without_area_and_same_boxes() -> None:
    boxes = torch.tensor([[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 4.0, 4.0], [0.0, 0.0, 4.0, 4.0]])

    assert nms(boxes, torch.tensor([0.1, 0.2, 0.3, 0.3]), 0.5).tolist() == [2, 1, 0]


def slow_roi_align(
    features: Tensor, rois: Tensor, scale: float, height: int, width: int, ratio: int, aligned: bool
) -> Tensor:
    """Follow the operator's definition, sample by sample, in Python; differentiable through indexing."""
    shift = 0.5 if aligned else 0.0
    result = []
    for roi in rois.tolist():
        x1, y1, x2, y2 = (value * scale - shift for value in roi[1:])
        box_width, box_height = x2 - x1, y2 - y1
        if not aligned:
            box_width, box_height = max(box_width, 1.0), max(box_height, 1.0)
        cell_height, cell_width = box_height / height, box_width / width
        down = ratio if ratio > 0 else math.ceil(box_height / height)
        across = ratio if ratio > 0 else math.ceil(box_width / width)
        count = max(down * across, 1)
        cells = []
        for row in range(height):
            for column in range(width):
                total = torch.zeros(features.shape[1], dtype=features.dtype)
                for i in range(down):
                    for j in range(across):
                        y = y1 + row * cell_height + (i + 0.5) * cell_height / down
                        x = x1 + column * cell_width + (j + 0.5) * cell_width / across
                        total = total + bilinear(features[int(roi[0])], y, x)
                cells.append(total / count)
        result.append(torch.stack(cells, dim=1).reshape(-1, height, width))
    return torch.stack(result)


def bilinear(plane: Tensor, y: float, x: float) -> Tensor:
    height, width = plane.shape[1:]
    if y < -1 or y > height or x < -1 or x > width:
        return torch.zeros(plane.shape[0], dtype=plane.dtype)
    y, x = max(y, 0.0), max(x, 0.0)
    top, left = int(y), int(x)
    if top >= height - 1:
        top = bottom = height - 1
        y = float(top)
    else:
        bottom = top + 1
    if left >= width - 1:
        left = right = width - 1
        x = float(left)
    else:
        right = left + 1
    low, side = y - top, x - left
    return (
        plane[:, top, left] * (1 - low) * (1 - side)
        + plane[:, top, right] * (1 - low) * side
        + plane[:, bottom, left] * low * (1 - side)
        + plane[:, bottom, right] * low * side
    )


ROIS = torch.tensor(
    [
        [0, 1.0, 2.0, 9.0, 11.0],
        [1, 0.0, 0.0, 15.9, 12.3],
        [0, -6.0, -4.0, 7.0, 5.0],  # partly outside, above and to the left
        [1, 10.0, 9.0, 26.0, 31.0],  # partly outside, below and to the right
        [1, 5.0, 5.0, 5.2, 5.3],  # smaller than a cell
    ],
    dtype=torch.float64,
)


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("ratio", [2, -1])
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_roi_align_and_its_gradient_follow_the_definition(scale: float, ratio: int, aligned: bool) -> None:
    planes = torch.randn(2, 3, 12, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    one, other = planes.clone().requires_grad_(), planes.clone().requires_grad_()

    found = roi_align(one, ROIS, scale, 3, 2, ratio, aligned)
    expected = slow_roi_align(other, ROIS, scale, 3, 2, ratio, aligned)

    torch.testing.assert_close(found, expected, atol=1e-9, rtol=1e-9)
    weights = torch.randn(found.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    (found * weights).sum().backward()
    (expected * weights).sum().backward()
    torch.testing.assert_close(one.grad, other.grad, atol=1e-9, rtol=1e-9)


def test_roi_align_of_no_boxes() -> None:
    planes = torch.randn(1, 3, 8, 8, requires_grad=True)
    found = roi_align(planes, torch.zeros(0, 5), 1.0, 2, 2, 2, True)
    found.sum().backward()

    assert found.shape == (0, 3, 2, 2)
    assert planes.grad is not None
    assert not planes.grad.any()


def test_torchvision_can_be_imported_and_uses_working_operators() -> None:
    """In a fresh process: ours has long imported it."""
    code = (
        "from ftstudio.engine.vision.torchvision_compat import ensure; way = ensure(); import torch, torchvision\n"
        "from torchvision.ops import nms, roi_align\n"
        "boxes = torch.tensor([[0., 0., 4., 4.], [0., 0., 4., 4.1], [8., 8., 9., 9.]])\n"
        "assert nms(boxes, torch.tensor([.5, .9, .1]), .5).tolist() == [1, 2]\n"
        "assert roi_align(torch.ones(1, 2, 8, 8), [boxes], (2, 2)).shape == (3, 2, 2, 2)\n"
        "assert ensure() == 'already'; print(way)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("native", "fallback")
