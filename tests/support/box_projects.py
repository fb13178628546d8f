"""Pictures with boxes for tests: bright shapes on dark ground, written as COCO."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from ftstudio.core import catalog
from ftstudio.datasets.importing import ImportPlan, import_data
from ftstudio.project.schema import DataReference, now
from ftstudio.project.store import create_project

KINDS = ("square", "cross")
SIDE = 96


def write_shapes(folder: Path, pictures: int = 40, seed: int = 5) -> Path:
    """Write pictures of one or two shapes and `shapes.json`, which says where they are; returns that file."""
    chance = np.random.default_rng(seed)
    (folder / "images").mkdir(parents=True)
    images, things = [], []
    for number in range(pictures):
        pixels = chance.integers(0, 60, (SIDE, SIDE, 3))
        for half in range(int(chance.integers(1, 3))):
            side, kind = int(chance.integers(20, 40)), int(chance.integers(0, 2))
            x, y = (
                half * SIDE // 2 + int(chance.integers(0, SIDE // 2 - side + 1)),
                int(chance.integers(0, SIDE - side)),
            )
            _draw(pixels[y : y + side, x : x + side], kind)
            things.append({"id": len(things), "image_id": number, "category_id": kind + 1, "bbox": [x, y, side, side]})
        images.append({"id": number, "file_name": f"{number:03}.png"})
        Image.fromarray(pixels.astype(np.uint8)).save(folder / "images" / f"{number:03}.png")
    kinds = [{"id": at, "name": name} for at, name in enumerate(KINDS, start=1)]
    path = folder / "shapes.json"
    path.write_text(json.dumps({"images": images, "annotations": things, "categories": kinds}), encoding="utf-8")
    return path


def _draw(patch: np.ndarray, kind: int) -> None:
    third = len(patch) // 3
    if kind == 0:
        patch[:] = (230, 60, 60)
    else:
        patch[third:-third] = patch[:, third:-third] = (60, 220, 230)


def box_project(root: Path, pictures: int = 20) -> Path:
    """Make a project for finding things in such pictures; returns its folder."""
    task = catalog.tasks().spec("object-detection")
    source = write_shapes(root.parent / f"{root.name}-source", pictures)
    with create_project(root, "Shapes", task.key) as project:
        result = import_data(project.layout.data, task, ImportPlan(sources=(source,)))
        reference = DataReference(name=source.name, fingerprint=result.manifest.fingerprint, imported=now())
        project.save(project.file.model_copy(update={"data": reference}))
    return root
