"""A picture as a grid of fields that can be weighed and taken away, and what of it a model sees at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from ftstudio.core.specs import Modality
from ftstudio.engine.explaining.subject import Removal, model_of
from ftstudio.engine.inference.answering import Trained
from ftstudio.engine.vision.pictures import Preparer, open_picture

GRID = 7
COARSE = 2
AT_ONCE = 16

Box = tuple[float, float, float, float]


class Fields:
    """One picture as a `Subject`; its parts are the fields of a grid of `GRID` × `GRID`, row by row.

    A field is taken away by blurring it beyond recognition: a patch of one colour would be a new thing to see.
    """

    modality = Modality.IMAGE

    def __init__(self, trained: Trained, path: Path) -> None:
        self.trained, self.path = trained, path
        table = pa.table({"image": pa.array([str(path.absolute())], pa.string())})
        feed = trained.feed(table, Path())
        self.inputs: dict[str, Tensor] = feed.batch([0]).to(trained.hardware.device).inputs
        self.pixels = self.inputs["pixel_values"]
        self.blurred = blurred(self.pixels)
        self.parts = GRID * GRID
        self.worth = np.ones(self.parts, dtype=bool)

    def without(self, removals: Sequence[Removal]) -> NDArray[np.float32]:
        """Return the logits of the picture with some fields blurred."""
        masks = torch.from_numpy(np.stack(removals).reshape(-1, 1, GRID, GRID)).to(self.pixels)
        parts = []
        with torch.inference_mode(), self.trained.hardware.autocast():
            for some in torch.split(masks, AT_ONCE):
                mask = functional.interpolate(some, self.pixels.shape[-2:], mode="nearest")
                seen = self.pixels * (1 - mask) + self.blurred * mask
                logits = self.trained.task.logits(model_of(self), {"pixel_values": seen})
                parts.append(logits.float().cpu().numpy())
        return np.concatenate(parts)

    def part_weights(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean weight within each field, from weights over the picture."""
        heat = torch.from_numpy(np.ascontiguousarray(weights))[None, None]
        return functional.adaptive_avg_pool2d(heat, GRID).numpy().reshape(self.parts)

    def box(self) -> Box:
        """Return which part of the upright picture the model sees."""
        _, preparer = self.trained.bundle.processor
        return seen_box(preparer, open_picture(self.path).size)


def blurred(pixels: Tensor) -> Tensor:
    """Return pictures [rows, channels, height, width] of which only a few soft spots of colour are left."""
    coarse = functional.adaptive_avg_pool2d(pixels, COARSE)
    return functional.interpolate(coarse, pixels.shape[-2:], mode="bilinear", align_corners=False)


def seen_box(preparer: Preparer, size: tuple[int, int]) -> Box:
    """Return the part of a picture of `size` that a preparation leaves to the model, in shares of the picture.

    Models resize and crop in many ways; instead of knowing them, a picture whose colours are its own coordinates is
    prepared, and the coordinates are read off the result.
    """
    width, height = size
    chart = np.zeros((height, width, 3), dtype=np.uint8)
    chart[:, :, 0] = np.linspace(0, 255, width)[None, :]
    chart[:, :, 1] = np.linspace(0, 255, height)[:, None]
    prepared = preparer.shape(Image.fromarray(chart)).float().numpy() / 255
    left, right = _reach(np.median(prepared[0], axis=0))
    top, bottom = _reach(np.median(prepared[1], axis=1))
    return left, top, right - left, bottom - top


def _reach(values: NDArray[np.floating]) -> tuple[float, float]:
    """Return the coordinates at both edges from those of the pixels between, by a straight line through them."""
    inner = np.flatnonzero((values > 0.02) & (values < 0.98))
    if len(inner) < 2:
        return 0.0, 1.0
    slope, start = np.polyfit(inner + 0.5, values[inner], 1)
    return float(round(start, 4)), float(round(start + slope * len(values), 4))
