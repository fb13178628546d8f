"""Slightly changed pictures for detectors, with their boxes: crops, smaller pictures on plain ground, mirror images.

Every change of place is a window in pixels of the picture: inside of it a crop (as SSD was trained with, Liu et al.
2016), around it a picture that becomes smaller (their “zoom out”). A thing stays while enough of it is in the window;
of a picture with things at least one always stays, so that no crop teaches that there is nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ftstudio.engine.vision.augmentation import Changes, recolour

VISIBLE = 1 / 3
"""The share of a thing's area from which it counts as seen; so does one whose middle is seen, as in torchvision."""
LEAST_SIDE = 1.0  # pixel; less is nothing to learn from
SHRUNK, CROPPED = 0.25, 0.5
"""The shares of pictures that become smaller, and of which a part is shown; the rest stays whole."""
STRETCH = 1.33  # of the sides of a crop against each other, at most
TRIES = 40

Window = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels of a picture; beyond its edges is plain ground."""
Truth = NDArray[np.float64]
"""Kind and corners (in shares of the picture) of things, shape [things, 5]."""


@dataclass(frozen=True)
class Reach:
    """How far windows go: the least side of a crop and the largest side around a picture, in shares of its own."""

    crop: float
    around: float


REACH = {"light": Reach(0.5, 1.4), "strong": Reach(0.3, 2.0), "randaugment": Reach(0.5, 1.4)}


def augment(
    pixels: Tensor, truth: Sequence[Truth], changes: Changes, seed: int, ground: Tensor
) -> tuple[Tensor, list[Truth]]:
    """Return changed copies of pictures, and what is then in them.

    Args:
        pixels: uint8, shape [rows, 3, height, width].
        truth: of each picture; pictures whose things are not known (kind -1) stay as they are.
        changes: what may be done to them; its strength is not `none`.
        seed: starts the chance; the chance of everything else is left as it was.
        ground: the colour around pictures, uint8, shape [3].
    """
    chance = np.random.default_rng(seed)
    height, width = (int(side) for side in pixels.shape[-2:])
    shown, there = [], []
    for picture, things in zip(pixels, truth, strict=True):
        mirrored = changes.mirrors and chance.random() < 0.5
        window = draw(things, (width, height), REACH[changes.strength], chance)
        if len(things) and things[0, 0] < 0:
            shown.append(picture)
            there.append(things)
            continue
        seen, left = through(picture, window, ground), moved(things, window, (width, height))
        shown.append(seen.flip(2) if mirrored else seen)
        there.append(turned(left) if mirrored else left)
    return recolour(torch.stack(shown), changes, seed), there


def draw(truth: Truth, size: tuple[int, int], reach: Reach, chance: np.random.Generator) -> Window:
    """Return a window on a picture of `size` (width, height) that some thing stays in, the whole if none is found."""
    luck = chance.random()
    make = _around if luck < SHRUNK else _crop
    if luck < SHRUNK + CROPPED:
        for _ in range(TRIES):
            window = make(size, reach, chance)
            if not len(truth) or len(moved(truth, window, size)):
                return window
    return (0, 0, *size)


def _around(size: tuple[int, int], reach: Reach, chance: np.random.Generator) -> Window:
    scale = chance.uniform(1.0, reach.around)
    wide, tall = (round(side * scale) for side in size)
    left, top = (-int(chance.integers(0, more - side + 1)) for more, side in zip((wide, tall), size, strict=True))
    return left, top, left + wide, top + tall


def _crop(size: tuple[int, int], reach: Reach, chance: np.random.Generator) -> Window:
    share = chance.uniform(reach.crop, 1.0)
    stretch = STRETCH ** (chance.uniform(-1.0, 1.0) / 2)
    wide, tall = (
        max(1, min(side, round(side * share * one))) for side, one in zip(size, (stretch, 1 / stretch), strict=True)
    )
    left, top = (int(chance.integers(0, side - less + 1)) for side, less in zip(size, (wide, tall), strict=True))
    return left, top, left + wide, top + tall


def moved(truth: Truth, window: Window, size: tuple[int, int]) -> Truth:
    """Return what is seen through a window of a picture of `size`, cut at its edges, in shares of the window."""
    if window == (0, 0, *size):
        return truth
    low, high = np.array(window[:2], dtype=np.float64), np.array(window[2:], dtype=np.float64)
    corners = truth[:, 1:].reshape(-1, 2, 2) * np.array(size, dtype=np.float64)
    cut = corners.clip(low, high)
    areas = [(one[:, 1] - one[:, 0]).prod(axis=1) for one in (corners, cut)]
    shares = (cut - low) / (high - low)
    sides = (shares[:, 1] - shares[:, 0]) * np.array(size)
    middle = corners.mean(axis=1)
    inside = ((middle >= low) & (middle < high)).all(axis=1)
    stays = (inside | (areas[1] >= VISIBLE * areas[0])) & (sides.min(axis=1) >= LEAST_SIDE)
    seen: Truth = np.concatenate([truth[:, :1], shares.reshape(-1, 4)], axis=1)[stays]
    return seen


def through(picture: Tensor, window: Window, ground: Tensor) -> Tensor:
    """Return what a window shows of a picture (uint8 [3, height, width]) at the size of the picture."""
    height, width = (int(side) for side in picture.shape[-2:])
    left, top, right, bottom = window
    if window == (0, 0, width, height):
        return picture
    seen = picture[:, max(0, top) : bottom, max(0, left) : right]
    if left < 0 or top < 0 or right > width or bottom > height:
        canvas = ground.reshape(3, 1, 1).repeat(1, bottom - top, right - left)
        x, y = max(0, -left), max(0, -top)
        canvas[:, y : y + seen.shape[1], x : x + seen.shape[2]] = seen
        seen = canvas
    return _resized(seen, (height, width))


def _resized(pixels: Tensor, size: tuple[int, int]) -> Tensor:
    from torchvision.transforms.v2 import functional

    changed: Tensor = functional.resize(pixels, list(size), antialias=True)
    return changed


def turned(truth: Truth) -> Truth:
    """Return things as they lie in a picture that is mirrored left to right."""
    mirror = truth.copy()
    mirror[:, 1], mirror[:, 3] = 1 - truth[:, 3], 1 - truth[:, 1]
    return mirror
