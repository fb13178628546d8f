"""What augmentation does to a project's own pictures, as small PNG files beside the originals.

The pictures are cut to a square as models see them; a model is not needed for it.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from ftstudio.core.errors import InputError
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets.store import Dataset
from ftstudio.engine.learning.mixing import draw, mix_pictures
from ftstudio.engine.vision.augmentation import augment, changes_of
from ftstudio.engine.vision.pictures import UnreadablePictureError, open_picture

SIDE = 128
POOL = 6  # pictures that are mixed with each other, shown or not


@dataclass(frozen=True)
class Shown:
    """One picture of the project: its label and its shape as bytes [3, side, side]."""

    label: str
    pixels: Tensor


def pictures_of(dataset: Dataset, seed: int) -> list[Shown]:
    """Return some training pictures, of as many classes as there can be; raises `InputError` where there are none."""
    table = dataset.table(Split.TRAIN)
    if "image" not in table.column_names or not table.num_rows:
        raise InputError(text("This project has no pictures to show."), text("Import a folder of pictures first."))
    labels = np.array(table["label"].to_pylist()) if "label" in table.column_names else np.full(table.num_rows, "")
    found: list[Shown] = []
    for row in _of_many_classes(labels, seed):
        try:
            image = open_picture(dataset.folder / table["image"][int(row)].as_py())
        except UnreadablePictureError:
            continue
        square = ImageOps.fit(image, (SIDE, SIDE), Image.Resampling.BICUBIC)
        pixels = torch.from_numpy(np.asarray(square).copy()).permute(2, 0, 1)
        found.append(Shown(str(labels[row]), pixels))
        if len(found) == POOL:
            break
    return found


def _of_many_classes(labels: NDArray[np.str_], seed: int) -> list[int]:
    """Return all rows in random order, rows of classes that have come least first."""
    order = np.random.default_rng(seed).permutation(len(labels))
    turns: dict[str, int] = {}
    ranked: list[tuple[int, int, int]] = []
    for row in order:
        turns[labels[row]] = turns.get(labels[row], 0) + 1
        ranked.append((turns[labels[row]], len(ranked), int(row)))
    return [row for _, _, row in sorted(ranked)]


def variant(pictures: Sequence[Shown], settings: TrainingSettings, seed: int) -> list[tuple[Tensor, str]]:
    """Return each picture as one training step might see it, and what was mixed into it (empty: nothing)."""
    pixels = torch.stack([one.pixels for one in pictures])
    if settings.augmentation != "none":
        pixels = augment(pixels, changes_of(settings), seed)
    if not (settings.mixup or settings.cutmix):
        return [(one, "") for one in pixels]
    mix = draw(len(pictures), settings.mixup, settings.cutmix, seed)
    mixed, share = mix_pictures(pixels.float(), mix)
    others = [pictures[int(partner)].label for partner in mix.partner]
    words = [f"{other} {1 - share:.0%}" if at != mix.partner[at] else "" for at, other in enumerate(others)]
    return list(zip(mixed.round().clamp(0, 255).to(torch.uint8), words, strict=True))


def write(
    dataset: Dataset, settings: TrainingSettings, folder: Path, *, rows: int, variants: int
) -> list[dict[str, Any]]:
    """Write originals and variants into `folder`, which is emptied first; returns one entry a shown picture.

    Each entry holds `label`, `original` (a path) and `variants`: a `path` and the `mixed` words each.
    """
    pictures = pictures_of(dataset, settings.seed)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = [variant(pictures, settings, settings.seed * 1009 + number) for number in range(variants)]
    shown = []
    for at, picture in enumerate(pictures[:rows]):
        entry: dict[str, Any] = {"label": picture.label, "original": _save(picture.pixels, folder / f"{at}.png")}
        entry["variants"] = [
            {"path": _save(one[at][0], folder / f"{at}-{number}.png"), "mixed": one[at][1]}
            for number, one in enumerate(made, start=1)
        ]
        shown.append(entry)
    return shown


def _save(pixels: Tensor, path: Path) -> str:
    Image.fromarray(pixels.permute(1, 2, 0).contiguous().numpy()).save(path)
    return str(path)
