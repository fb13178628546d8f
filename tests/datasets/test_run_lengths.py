"""Boxes around masks in run lengths are those of pycocotools; what is no mask is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ftstudio.datasets.run_lengths import around


@pytest.mark.parametrize("seed", range(12))
def test_boxes_are_those_of_pycocotools(seed: int) -> None:
    from pycocotools import mask as masks

    chance = np.random.default_rng(seed)
    height, width = (int(side) for side in chance.integers(5, 300, 2))
    drawn = np.zeros((height, width), np.uint8)
    for _ in range(3):
        x, y = int(chance.integers(0, width)), int(chance.integers(0, height))
        drawn[y : y + int(chance.integers(1, height)), x : x + int(chance.integers(1, width))] = 1
    drawn &= (chance.random(drawn.shape) < 0.6).astype(np.uint8)
    packed = masks.encode(np.asfortranarray(drawn))
    runs, last = [], 0
    for value in drawn.flatten(order="F").tolist():
        if not runs or value != last:
            runs += [0] if not runs and value else []
            runs.append(0)
            last = value
        runs[-1] += 1

    expected = masks.toBbox(packed).tolist() if drawn.any() else None
    assert around({"counts": packed["counts"].decode(), "size": [height, width]}) == expected
    assert around({"counts": runs, "size": [height, width]}) == expected


@pytest.mark.parametrize(
    "mask",
    [
        None,
        [1, 2],
        {"counts": "abc", "size": [80, 100]},
        {"counts": "ooo", "size": [3, 3]},
        {"counts": [3, 2], "size": [3, 3]},
        {"counts": [9], "size": [3, 3]},
        {"counts": [-1, 10], "size": [3, 3]},
        {"counts": [1, 8], "size": [3]},
        {"counts": [True, 8], "size": [3, 3]},
        {"size": [3, 3]},
    ],
)
def test_what_is_no_mask_has_no_box(mask: Any) -> None:
    assert around(mask) is None
