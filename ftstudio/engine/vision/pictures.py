"""Pictures as a model sees them: decoded and resized once, kept, augmented and normalised batch by batch.

Size, cropping, mean and spread are the model's own, from the processor in its folder, never guessed. What is kept are
bytes (uint8) before normalisation, which is exact and a quarter of the room.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from ftstudio.core.errors import StudioError
from ftstudio.core.text import text
from ftstudio.datasets.pictures import load, why
from ftstudio.engine.layers.store import FeatureStore
from ftstudio.engine.learning.memory import TooLittleMemoryError
from ftstudio.engine.task import Batch
from ftstudio.engine.vision.augmentation import UNCHANGED, Changes, augment
from ftstudio.engine.vision.left_out import Broken, LeftOut

DECODERS = 4
COST = 256  # of a picture of 224 pixels, in tokens
BLACK = 256  # side in pixels of what stands in for a picture that is left out; any would do


STEP = 8  # pixels; sizes in between gain nothing


def smaller(side: int, share: float) -> int:
    """Return `share` of a side in pixels, as a multiple of `STEP` of at least one."""
    return min(side, max(STEP, round(side * share / STEP) * STEP))


class UnreadablePictureError(StudioError):
    """A picture that cannot be read; `where` names its file."""


@dataclass(frozen=True)
class Preparer:
    """A model's own preparation: `shape` turns a picture into uint8 [3, height, width]; then mean and spread."""

    shape: Callable[[Image.Image], Tensor]
    mean: Tensor
    spread: Tensor

    def normalised(self, pixels: Tensor) -> Tensor:
        """Return float pixels as the model wants them, from uint8 [rows, 3, height, width]."""
        return (pixels.float() / 255 - self.mean) / self.spread


def cost_of(side: int | None) -> int:
    """Return the cost of a picture of `side` pixels, in tokens; None: the usual size."""
    return COST if side is None else max(8, round(COST * (side / 224) ** 2))


def open_picture(path: Path) -> Image.Image:
    """Read a picture as `datasets.pictures.load` does.

    Raises `UnreadablePictureError` naming the file, or `TooLittleMemoryError`, which says nothing against it.
    """
    try:
        return load(path)
    except MemoryError as error:
        raise TooLittleMemoryError(
            text("There is too little memory to open the picture “{name}”.", name=path.name),
            text("Close other programs, or save very large pictures in a smaller size and import them again."),
            file=str(path),
        ) from error
    except OSError as error:
        raise UnreadablePictureError(
            text("The picture “{name}” cannot be read: {reason}", name=path.name, reason=why(error)),
            text("Remove it from the data, or save it again as JPEG or PNG."),
            file=str(path),
        ) from error


@dataclass
class PictureExamples:
    """Pictures by path; each is decoded when it is first needed and kept.

    `share` is how much of their side pictures have that are learned from (`hooks.growing`). A picture that cannot be
    read raises `UnreadablePictureError`, or is left out where that was asked for (`survive`).
    """

    paths: list[Path]
    labels: NDArray[np.int64]
    preparer: Preparer
    changes: Changes = UNCHANGED
    share: float = 1.0
    cost: int = COST
    _store: FeatureStore | None = None
    _ready: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    _left_out: LeftOut | None = None
    _forget: Callable[[int], None] | None = None
    _entered: int = 0
    _broken: set[int] = field(default_factory=set)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Relative cost of a row in tokens: all pictures are of one size."""
        return np.full(len(self.paths), self.cost, dtype=np.int64)

    @property
    def held_bytes(self) -> int:
        """The room of the decoded pictures; 0 before the first is needed."""
        return self._store.held_bytes if self._store is not None else 0

    def __len__(self) -> int:
        return len(self.paths)

    def batch(self, indices: Sequence[int], seed: int | None) -> Batch:
        """Return normalised pictures; with a `seed` they are augmented first, the same way for the same seed."""
        rows = np.asarray(indices, dtype=np.int64)
        pixels = self.pixels(rows)
        if seed is not None and self.share < 1:
            pixels = _shrunk(pixels, self.share)
        if seed is not None and self.changes.strength != "none":
            pixels = augment(pixels, self.changes, seed)
        return Batch({"pixel_values": self.normalised(pixels)}, torch.from_numpy(self.labels[rows]))

    def normalised(self, pixels: Tensor) -> Tensor:
        """Return pictures as the model wants them, laid out as it computes."""
        return self.preparer.normalised(pixels).contiguous(memory_format=torch.channels_last)

    def only(self, keep: NDArray[np.bool_]) -> PictureExamples:
        """Return the rows that `keep` marks."""
        paths = [path for path, kept in zip(self.paths, keep, strict=True) if kept]
        return PictureExamples(paths, self.labels[keep], self.preparer, self.changes, cost=self.cost)

    def survive(self, left_out: LeftOut, forget: Callable[[int], None] | None = None) -> None:
        """Leave out pictures that cannot be read from now on: `left_out` is told of each, once, and so is `forget`.

        Such a row has no label any more, so that nobody scores it; a batch with it has a black picture.
        """
        self._entered = left_out.enter(self)
        self._left_out, self._forget = left_out, forget

    def readable(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which of `rows` can be learned from, having tried to read those that were not read before.

        Of several processes each tries those that it will compute, until all of them can be read by theirs.
        """
        if self._left_out is None:
            return rows
        while True:
            self.pixels(self._left_out.share(rows))
            news = self._left_out.agree()
            rows = rows[[int(row) not in self._broken for row in rows]]
            if not news:
                return rows

    def leave_out(self, row: int) -> bool:
        """Learn from a row no more and score it no more; False where that was so already."""
        if row in self._broken:
            return False
        self._broken.add(row)
        self.labels[row] = -1
        if self._forget is not None:
            self._forget(row)
        return True

    def pixels(self, rows: NDArray[np.int64]) -> Tensor:
        """Return pictures as they were decoded, uint8 [rows, 3, height, width]."""
        missing = rows if self._store is None else rows[~self._ready[rows]]
        if len(missing):
            self._keep(missing, torch.stack(self._whole(missing.tolist())))
        assert self._store is not None, "there is no batch without rows"
        return self._store.rows(rows)

    def _keep(self, rows: NDArray[np.int64], pixels: Tensor) -> None:
        if self._store is None:
            self._store = FeatureStore.allocate(pixels, self.lengths, ragged=False)
            self._ready = np.zeros(len(self.paths), dtype=bool)
        self._store.write(rows, pixels)
        self._ready[rows] = True

    def _whole(self, rows: list[int]) -> list[Tensor]:
        """Return decoded pictures, black ones in place of those that are left out."""
        found = self._decode(rows)
        for row, one in zip(rows, found, strict=True):
            if isinstance(one, UnreadablePictureError):
                self._could_not_read(row, one)
        if all(isinstance(one, Tensor) for one in found):
            return [one for one in found if isinstance(one, Tensor)]
        black = self._black()
        return [one if isinstance(one, Tensor) else black for one in found]

    def _black(self) -> Tensor:
        return torch.zeros_like(self.preparer.shape(Image.new("RGB", (BLACK, BLACK))))

    def _could_not_read(self, row: int, error: UnreadablePictureError) -> None:
        if self._left_out is None:
            raise error
        if self.leave_out(row):
            self._left_out.add(Broken(self._entered, row, self.paths[row].name, error.message))

    def _decode(self, rows: list[int]) -> list[Tensor | UnreadablePictureError]:
        def decode(row: int) -> Tensor | UnreadablePictureError:
            try:
                return self.preparer.shape(open_picture(self.paths[row]))
            except UnreadablePictureError as error:
                return error

        if len(rows) == 1:  # somebody waits for one answer: starting threads would cost more than the picture
            return [decode(rows[0])]
        try:
            with ThreadPoolExecutor(min(DECODERS, len(rows))) as pool:
                return list(pool.map(decode, rows))
        except TooLittleMemoryError:  # perhaps only for several at once
            return [decode(row) for row in rows]


def _shrunk(pixels: Tensor, share: float) -> Tensor:
    """Return pictures [rows, 3, height, width] with a share of their sides, uint8."""
    height, width = (smaller(int(side), share) for side in pixels.shape[-2:])
    shrunk = functional.interpolate(pixels.float(), (height, width), mode="bilinear", antialias=True)
    return shrunk.round().clamp(0, 255).to(torch.uint8)


def huggingface_preparer(processor: Any) -> Preparer:
    """Return the preparation of a transformers image processor, its resizing and cropping kept as they are."""

    def shape(image: Image.Image) -> Tensor:
        prepared = processor(images=image, do_rescale=False, do_normalize=False, return_tensors="pt")
        pixels: Tensor = prepared["pixel_values"][0]
        return pixels.float().round().clamp(0, 255).to(torch.uint8)

    normalises = getattr(processor, "do_normalize", True) is not False
    mean = processor.image_mean if normalises else [0.0]
    spread = processor.image_std if normalises else [1.0]
    factor = getattr(processor, "rescale_factor", None) or 1 / 255
    scale = factor * 255 if getattr(processor, "do_rescale", True) is not False else 255.0
    return Preparer(shape, _per_channel(mean) / scale, _per_channel(spread) / scale)


def transforms_preparer(transforms: Any) -> Preparer:
    """Return the preparation of a torchvision pipeline that ends with `ToTensor` and `Normalize` (as timm's do)."""
    from torchvision import transforms as library

    normalise = next(step for step in transforms.transforms if isinstance(step, library.Normalize))
    last = (library.ToTensor, library.Normalize)
    before = library.Compose([step for step in transforms.transforms if not isinstance(step, last)])

    def shape(image: Image.Image) -> Tensor:
        shaped = before(image)
        return shaped if isinstance(shaped, Tensor) else _bytes_of(shaped)

    return Preparer(shape, _per_channel(normalise.mean), _per_channel(normalise.std))


def plain_preparer(resize: int, crop: int, interpolation: str, mean: Sequence[float], std: Sequence[float]) -> Preparer:
    """Return torchvision's classification preparation: shorter side to `resize`, centre crop of `crop` pixels."""
    method = {"bicubic": Image.Resampling.BICUBIC, "nearest": Image.Resampling.NEAREST}
    resampling = method.get(interpolation, Image.Resampling.BILINEAR)

    def shape(image: Image.Image) -> Tensor:
        scale = resize / min(image.size)
        width, height = (max(crop, math.floor(side * scale + 1e-6)) for side in image.size)
        resized = image.resize((width, height), resampling)
        left, top = round((width - crop) / 2), round((height - crop) / 2)
        return _bytes_of(resized.crop((left, top, left + crop, top + crop)))

    return Preparer(shape, _per_channel(mean), _per_channel(std))


def square_preparer(side: int, like: Preparer) -> Preparer:
    """Return the preparation of a detector: the whole picture in a square of `side` pixels, normalised as `like`."""

    def shape(image: Image.Image) -> Tensor:
        return _bytes_of(image.resize((side, side), Image.Resampling.BILINEAR))

    return Preparer(shape, like.mean, like.spread)


def _bytes_of(image: Image.Image) -> Tensor:
    return torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)


def _per_channel(values: Sequence[float] | Tensor) -> Tensor:
    return torch.as_tensor(values, dtype=torch.float32).reshape(-1, 1, 1)
