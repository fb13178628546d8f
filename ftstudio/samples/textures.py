"""Textures: crops of photographs of brick, grass and gravel (scikit-image's data, CC0)."""

from __future__ import annotations

from pathlib import Path

from ftstudio.core.translation import N_
from ftstudio.datasets import pictures
from ftstudio.samples import SampleSpec
from ftstudio.samples._packages import folder_inside, missing

SPEC = SampleSpec(
    key="textures",
    title=N_("Textures"),
    summary=N_("Tell brick, grass and gravel apart in small photographs."),
    task="image-classification",
    starter="efficientnet-lite0",
    picture="image",
)

NAMES = ("brick", "grass", "gravel")
SIDE = 64
TRAINING_ROWS = 5


def write_source(folder: Path) -> Path:
    """Cut each photograph into squares, divided by place so that no split has a neighbour's pixels; return the root.

    The upper five eighths of a photograph become training, the next one validation, the last two test.
    """
    photographs = folder_inside("skimage", "data")
    root = folder / "textures"
    for name in NAMES:
        file = photographs / f"{name}.png"
        if not file.is_file():
            raise missing("scikit-image")
        _cut(file, name, root)
    return root


def _cut(file: Path, name: str, root: Path) -> None:
    photograph = pictures.load(file)
    for top in range(0, photograph.height - SIDE + 1, SIDE):
        row = top // SIDE
        split = "train" if row < TRAINING_ROWS else "validation" if row == TRAINING_ROWS else "test"
        target = root / split / name
        target.mkdir(parents=True, exist_ok=True)
        for left in range(0, photograph.width - SIDE + 1, SIDE):
            square = photograph.crop((left, top, left + SIDE, top + SIDE))
            square.save(target / f"{name}_{top:03d}_{left:03d}.png")
