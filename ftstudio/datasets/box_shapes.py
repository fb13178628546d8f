"""How large the boxes of a data set are beside their pictures, and what shape they have."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ftstudio.core import boxes
from ftstudio.core.specs import ColumnRole
from ftstudio.datasets.store import Dataset

SAMPLED = 5_000  # pictures

Floats = npt.NDArray[np.float64]


def measure(dataset: Dataset) -> tuple[Floats, Floats]:
    """Return of all boxes the root of their share of the picture's area, and width over height, [boxes] each.

    Of very many pictures an even sample is measured.
    """
    view = dataset.view.keep(dataset.view.in_split(None))
    chosen = np.arange(len(view))
    if len(chosen) > SAMPLED:
        chosen = np.linspace(0, len(view) - 1, SAMPLED).astype(np.int64)
    cells = view.column(ColumnRole.LABEL).take(chosen).to_pylist()
    sizes = dataset.picture_sizes(view.index[chosen])
    sides, shapes = list[float](), list[float]()
    for cell, (width, height) in zip(cells, sizes, strict=True):
        for one in boxes.fitting(boxes.read(cell), width, height):
            sides.append((one.width * one.height / (width * height)) ** 0.5)
            shapes.append(one.width / one.height)
    return np.array(sides), np.array(shapes)
