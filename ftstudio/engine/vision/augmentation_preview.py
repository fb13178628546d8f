"""What augmentation does to a project's own pictures, as small PNG files beside the originals.

The pictures are squares as models see them: cut where they have one label, squeezed where they have boxes. A model is
not needed for it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from ftstudio.core import boxes
from ftstudio.core.errors import InputError
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets.store import Dataset
from ftstudio.engine.learning.mixing import draw, mix_pictures
from ftstudio.engine.vision import boxed_augmentation
from ftstudio.engine.vision.augmentation import augment, changes_of
from ftstudio.engine.vision.boxed_augmentation import Truth
from ftstudio.engine.vision.boxed_pictures import truth_of
from ftstudio.engine.vision.pictures import UnreadablePictureError, open_picture

SIDE = 160
POOL = 6  # pictures that are mixed with each other, shown or not
GROUND = torch.tensor([124, 116, 104], dtype=torch.uint8)
"""The mean colour of ImageNet, which most models have as theirs, around pictures that became smaller."""


@dataclass(frozen=True)
class Shown:
    """One picture of the project: what is in it, in words, its shape as bytes [3, side, side], and the boxes in it."""

    label: str
    pixels: Tensor
    things: Truth = field(default_factory=lambda: np.zeros((0, 5)))


@dataclass(frozen=True)
class Variant:
    """A picture as one training step might see it; `mixed` says what was mixed into it, empty if nothing was."""

    pixels: Tensor
    mixed: str
    things: Truth


def pictures_of(dataset: Dataset, seed: int) -> list[Shown]:
    """Return some training pictures, of as many classes as there can be; raises `InputError` where there are none."""
    table = dataset.table(Split.TRAIN)
    if "image" not in table.column_names or not table.num_rows:
        raise InputError(text("This project has no pictures to show."), text("Import a folder of pictures first."))
    cells = table["label"].to_pylist() if "label" in table.column_names else [""] * table.num_rows
    paths = [dataset.folder / name for name in table["image"].to_pylist()]
    read = _with_boxes if dataset.answer is Answer.BOXES else _with_labels
    found: list[Shown] = []
    for one in read(dataset, paths, [cell or "" for cell in cells], seed):
        found.append(one)
        if len(found) == POOL:
            break
    return found


def _with_labels(dataset: Dataset, paths: list[Path], cells: list[str], seed: int) -> Iterator[Shown]:
    for row in _of_many_classes(np.array(cells), seed):
        image = _opened(paths[row])
        if image is not None:
            yield Shown(cells[row], _bytes_of(ImageOps.fit(image, (SIDE, SIDE), Image.Resampling.BICUBIC)))


def _with_boxes(dataset: Dataset, paths: list[Path], cells: list[str], seed: int) -> Iterator[Shown]:
    """Yield pictures with boxes first: one without any shows little."""
    numbers = {label: at for at, label in enumerate(dataset.labels)}
    order = np.random.default_rng(seed).permutation(len(paths)).tolist()
    for row in sorted(order, key=lambda one: cells[one].strip() in ("", "[]")):
        image, things = _opened(paths[row]), truth_of(paths[row], cells[row], numbers)
        if image is not None and things is not None:
            pixels = _bytes_of(image.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
            yield Shown(boxes.sentence(boxes.read(cells[row])), pixels, things)


def _opened(path: Path) -> Image.Image | None:
    try:
        return open_picture(path)
    except UnreadablePictureError:
        return None


def _bytes_of(image: Image.Image) -> Tensor:
    return torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)


def _of_many_classes(labels: NDArray[np.str_], seed: int) -> list[int]:
    """Return all rows in random order, rows of classes that have come least first."""
    order = np.random.default_rng(seed).permutation(len(labels))
    turns: dict[str, int] = {}
    ranked: list[tuple[int, int, int]] = []
    for row in order:
        turns[labels[row]] = turns.get(labels[row], 0) + 1
        ranked.append((turns[labels[row]], len(ranked), int(row)))
    return [row for _, _, row in sorted(ranked)]


def variant(pictures: Sequence[Shown], settings: TrainingSettings, seed: int, *, boxed: bool = False) -> list[Variant]:
    """Return each picture as one training step might see it; `boxed` pictures are changed with their boxes."""
    pixels, things = torch.stack([one.pixels for one in pictures]), [one.things for one in pictures]
    if settings.augmentation != "none":
        changes = changes_of(settings)
        if boxed:
            pixels, things = boxed_augmentation.augment(pixels, things, changes, seed, GROUND)
        else:
            pixels = augment(pixels, changes, seed)
    if boxed or not (settings.mixup or settings.cutmix):
        return [Variant(one, "", there) for one, there in zip(pixels, things, strict=True)]
    mix = draw(len(pictures), settings.mixup, settings.cutmix, seed)
    mixed, share = mix_pictures(pixels.float(), mix)
    others = [pictures[int(partner)].label for partner in mix.partner]
    words = [f"{other} {1 - share:.0%}" if at != mix.partner[at] else "" for at, other in enumerate(others)]
    shown = mixed.round().clamp(0, 255).to(torch.uint8)
    return [Variant(*one) for one in zip(shown, words, things, strict=True)]


def write(
    dataset: Dataset, settings: TrainingSettings, folder: Path, *, rows: int, variants: int
) -> list[dict[str, Any]]:
    """Write originals and variants into `folder`, which is emptied first; returns one entry a shown picture.

    Each entry holds `label`, `original` (a path), its `boxes` and `variants`: a `path`, the `mixed` words and the
    `boxes` each. Boxes are label, left, top, right and bottom in shares of the picture.
    """
    pictures, boxed = pictures_of(dataset, settings.seed), dataset.answer is Answer.BOXES
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = [variant(pictures, settings, settings.seed * 1009 + number, boxed=boxed) for number in range(variants)]
    shown = []
    for at, picture in enumerate(pictures[:rows]):
        entry: dict[str, Any] = {"label": picture.label, "original": _save(picture.pixels, folder / f"{at}.png")}
        entry["boxes"] = _named(picture.things, dataset.labels)
        entry["variants"] = [
            {
                "path": _save(one[at].pixels, folder / f"{at}-{number}.png"),
                "mixed": one[at].mixed,
                "boxes": _named(one[at].things, dataset.labels),
            }
            for number, one in enumerate(made, start=1)
        ]
        shown.append(entry)
    return shown


def _named(things: Truth, labels: Sequence[str]) -> list[list[Any]]:
    return [[labels[int(kind)], *corners] for kind, *corners in things.tolist()]


def _save(pixels: Tensor, path: Path) -> str:
    Image.fromarray(pixels.permute(1, 2, 0).contiguous().numpy()).save(path)
    return str(path)
