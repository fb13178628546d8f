"""Boxes around things in a picture: how they are written in a cell of a table, read back, cut to size and compared."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

_LABELS = ("label", "name", "class", "category", "type")
_BOXES = ("bbox", "box")
_SIDES = ("x", "y", "width", "height")

Boxes = NDArray[np.float64]


class Box(BaseModel):
    """A thing in a picture: its left and upper edge, width and height in pixels of the upright picture, what it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    x: float
    y: float
    width: float
    height: float

    @property
    def is_sound(self) -> bool:
        """Whether its numbers are numbers, and it has an area."""
        return all(map(math.isfinite, (self.x, self.y, self.width, self.height))) and min(self.width, self.height) > 0


class Spotted(Box):
    """A box that a model has drawn, and how sure the model is of it, in [0, 1]."""

    probability: float = 1.0


def write(boxes: Iterable[Box]) -> str:
    """Return the boxes as one cell of a table: `[["cat", 10, 20, 64, 48]]`; a picture without any is `[]`."""
    cells = [[one.label, *(_short(getattr(one, side)) for side in _SIDES)] for one in boxes]
    return json.dumps(cells, ensure_ascii=False)


def _short(value: float) -> float:
    return round(value, 2) if math.isfinite(value) else value


def read(cell: str) -> tuple[Box, ...]:
    """Return the boxes of a cell, as they stand there.

    Takes lists of `[label, left, top, width, height]` and of objects with such keys, or with a `bbox` of four numbers.
    Raises `ValueError` for anything else. Whether they lie in the picture is for `fitting` to say.
    """
    try:
        found = json.loads(cell)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, list):
        raise ValueError("not a list")
    return tuple(_box(one) for one in found)


def _box(found: Any) -> Box:
    if isinstance(found, Mapping):
        label = next((found[name] for name in _LABELS if name in found), None)
        sides = next((found[name] for name in _BOXES if name in found), [found.get(side) for side in _SIDES])
        found = [label, *sides] if isinstance(sides, list) else None
    if not isinstance(found, list) or len(found) != 5 or not isinstance(found[0], str) or not found[0].strip():
        raise ValueError("not a label and four numbers")
    if not all(type(side) in (int, float) for side in found[1:]):
        raise ValueError("not a label and four numbers")
    x, y, width, height = (float(side) for side in found[1:])
    return Box(label=found[0].strip(), x=x, y=y, width=width, height=height)


def fitting(boxes: Iterable[Box], width: float, height: float) -> tuple[Box, ...]:
    """Return the boxes cut at the edges of a picture of this size; what then has no area is left out, as are doubles.

    The numbers that are left lie in the picture, so that a model can learn them.
    """
    kept: dict[Box, None] = {}
    for one in boxes:
        if not one.is_sound:
            continue
        left, top = max(0.0, one.x), max(0.0, one.y)
        right, bottom = min(width, one.x + one.width), min(height, one.y + one.height)
        cut = Box(label=one.label, x=left, y=top, width=right - left, height=bottom - top)
        if cut.is_sound:
            kept[cut] = None
    return tuple(kept)


def corners(boxes: Iterable[Box]) -> Boxes:
    """Return left, top, right and bottom of boxes, shape [boxes, 4]."""
    rows = [(one.x, one.y, one.x + one.width, one.y + one.height) for one in boxes]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def overlaps(one: Boxes, other: Boxes) -> Boxes:
    """Return the intersection over union of every box of `one` with every box of `other` (corners), shape [n, m]."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    common = np.clip(high - low, 0.0, None).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (one, other)]
    union = areas[0][:, None] + areas[1][None, :] - common
    shares: Boxes = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    return shares


def sentence(boxes: Iterable[Box]) -> str:
    """Say in one line what is in a picture: `2 cat, 1 dog`."""
    counts: dict[str, int] = {}
    for one in boxes:
        counts[one.label] = counts.get(one.label, 0) + 1
    return ", ".join(f"{count} {label}" for label, count in counts.items())
