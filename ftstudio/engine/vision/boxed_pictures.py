"""Pictures with boxes as a detector learns from them: squeezed to a square, decoded once, changed by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ftstudio.core import boxes
from ftstudio.core.detections import READ_SIDE
from ftstudio.datasets.pictures import upright_size
from ftstudio.engine.answers.detecting import matched
from ftstudio.engine.answers.outputs import by_row
from ftstudio.engine.task import Batch
from ftstudio.engine.vision.augmentation import Changes
from ftstudio.engine.vision.boxed_augmentation import augment
from ftstudio.engine.vision.left_out import LeftOut
from ftstudio.engine.vision.pictures import PictureExamples, Preparer

COST = 512  # of a picture of the usual size, in tokens
UNKNOWN = np.full((1, 5), -1.0)
"""The truth of a picture whose boxes are not known."""


@dataclass
class BoxedPictures:
    """Pictures and the boxes in each (`engine.answers.detecting`); `places` are where the model looks, shape
    [places, 4].

    `losses` counts the places that answer for a box: of so many is the loss of a row the sum. A model that draws its
    boxes itself has no places; `drawn` says how many boxes it draws, and each row counts once (`vision.own_loss`).
    """

    pictures: PictureExamples
    truth: NDArray[np.object_]
    places: NDArray[np.float64]
    changes: Changes
    drawn: int = 0
    losses: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        if self.drawn:
            self.losses = np.ones(len(self.truth), dtype=np.int64)
            return
        self.losses = np.array([self._answering(one) for one in self.truth], dtype=np.int64)

    def _answering(self, truth: NDArray[np.float64]) -> int:
        return int((matched(truth[:, 1:], self.places) >= 0).sum())

    @property
    def labels(self) -> NDArray[np.int64]:
        """0 for a row whose boxes are known, else -1."""
        return self.pictures.labels

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Relative cost of a row in tokens: all pictures are of one size."""
        return self.pictures.lengths

    @property
    def items(self) -> NDArray[np.int64]:
        """How many places the model answers for, or boxes it draws (and one remark), shape [rows]."""
        return np.full(len(self), self.drawn + 1 if self.drawn else len(self.places), dtype=np.int64)

    @property
    def row_by_row(self) -> bool:
        """Whether what the model makes of a row can be stored by row: not where its loss is one of all rows."""
        return not self.drawn

    @property
    def held_bytes(self) -> int:
        """The room of the decoded pictures."""
        return self.pictures.held_bytes

    def __len__(self) -> int:
        return len(self.pictures)

    def batch(self, indices: Sequence[int], seed: int | None) -> Batch:
        """Return normalised pictures with their boxes, kind -1 where a picture has fewer than another.

        With a `seed` and augmentation pictures are changed, and their boxes with them (`boxed_augmentation`).
        """
        rows = np.asarray(indices, dtype=np.int64)
        pixels, truth, weight = self.pictures.pixels(rows), list(self.truth[rows]), 1.0
        if seed is not None and self.changes.strength != "none":
            pixels, truth = augment(pixels, truth, self.changes, seed, self._ground)
            weight = self._weight(rows, truth)
        wanted = torch.from_numpy(_filled(truth))
        known = {"wanted": wanted} if self.drawn and (self.labels[rows] >= 0).all() else {}
        return Batch({"pixel_values": self.pictures.normalised(pixels), **known}, wanted, weight)

    @property
    def _ground(self) -> Tensor:
        """The colour that means nothing to the model: the mean of what it was pretrained on."""
        mean = self.pictures.preparer.mean.reshape(-1)
        return (mean.expand(3) * 255).round().clamp(0, 255).to(torch.uint8)

    def _weight(self, rows: NDArray[np.int64], truth: Sequence[NDArray[np.float64]]) -> float:
        """Return by what the losses of changed pictures count, so that a step averages over their own answers."""
        now = 0 if self.drawn else sum(map(self._answering, truth))
        return float(self.losses[rows].sum()) / now if now else 1.0

    def survive(self, left_out: LeftOut) -> None:
        """Leave out pictures that cannot be read from now on (`PictureExamples.survive`)."""
        self.pictures.survive(left_out, self._forget)

    def readable(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which of `rows` can be learned from."""
        return self.pictures.readable(rows)

    def _forget(self, row: int) -> None:
        self.truth[row], self.losses[row] = UNKNOWN.copy(), 0

    def only(self, keep: NDArray[np.bool_]) -> BoxedPictures:
        """Return the rows that `keep` marks."""
        return BoxedPictures(self.pictures.only(keep), self.truth[keep], self.places, self.changes, self.drawn)


def _filled(truth: Sequence[NDArray[np.float64]]) -> NDArray[np.float32]:
    """Return boxes of pictures as one array [rows, boxes, 5], kind -1 where a picture has fewer than another."""
    wanted = np.full((len(truth), max(1, *map(len, truth)), 5), -1.0, dtype=np.float32)
    for filled, there in zip(wanted, truth, strict=True):
        filled[: len(there)] = there
    return wanted


def encode(
    paths: Sequence[Path],
    cells: Sequence[str | None],
    labels: Sequence[str],
    preparer: Preparer,
    places: NDArray[np.float64],
    changes: Changes,
    drawn: int = 0,
    side: int | None = None,
) -> BoxedPictures:
    """Take note of pictures and their boxes; pictures are decoded when first needed.

    `cells` are boxes as `core.boxes` writes them, None or unreadable where they are not known. `side` is that of the
    pictures in pixels where it is not the usual one.
    """
    numbers = {label: at for at, label in enumerate(labels)}
    truth = [truth_of(path, cell, numbers) for path, cell in zip(paths, cells, strict=True)]
    known = np.array([0 if one is not None else -1 for one in truth], dtype=np.int64)
    filled = [one if one is not None else UNKNOWN.copy() for one in truth]
    cost = COST if side is None else max(8, round(COST * (side / READ_SIDE) ** 2))
    return BoxedPictures(
        PictureExamples(list(paths), known, preparer, cost=cost), by_row(filled), places, changes, drawn
    )


def truth_of(path: Path, cell: str | None, numbers: Mapping[str, int]) -> NDArray[np.float64] | None:
    """Return kind and corners of the boxes of a picture, in shares of it, shape [boxes, 5]; None if they are not known.

    `numbers` are those of the labels.
    """
    try:
        found = boxes.read(cell or "")
    except ValueError:
        return None
    width, height = upright_size(path) or (1, 1)
    here = [one for one in boxes.fitting(found, width, height) if one.label in numbers]
    kinds = np.array([[numbers[one.label]] for one in here], dtype=np.float64).reshape(-1, 1)
    return np.concatenate([kinds, boxes.corners(here) / np.array([width, height, width, height])], axis=1)
