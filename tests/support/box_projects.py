"""Pictures with boxes for tests: bright shapes on dark ground, written as COCO."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ftstudio.core import boxes, catalog
from ftstudio.core.detections import GEOMETRY
from ftstudio.core.states import Split
from ftstudio.datasets.importing import ImportPlan, import_data
from ftstudio.datasets.store import Dataset
from ftstudio.engine.answers import detecting
from ftstudio.engine.answers.outputs import by_row
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.schema import DataReference, now
from ftstudio.project.store import create_project
from tests.support.marked_runs import finished_run

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


def box_run(project: Path) -> RunLayout:
    """Put a finished run into a project: of every other picture the first box is missed, all else is found.

    Boxes are drawn with a probability of 0.9, and in every picture a wrong one with 0.2.
    """
    layout = ProjectLayout(project)
    dataset = Dataset.open(layout.data)
    columns: dict[str, list[object]] = {name: [] for name in ("split", "row", "label", "logits", "truth")}
    told: dict[str, Any] = {"metrics": {}, "intervals": {}, "tables": {}}
    for split in (Split.VALIDATION, Split.TEST):
        answers, truths = [], []
        for at, row in enumerate(dataset.table(split).to_pylist()):
            there = boxes.read(row["label"])
            kinds = np.array([dataset.labels.index(one.label) for one in there], dtype=np.float64).reshape(-1, 1)
            truth = np.concatenate([kinds, boxes.corners(there) / SIDE], axis=1)
            found = [(kind, 0.9, box) for kind, *box in truth[at % 2 :].tolist()]
            said = _places([*found, (0.0, 0.2, [0.9, 0.9, 1.0, 1.0])], len(dataset.labels))
            values = (split.value, row["row"], 0, said.ravel().tolist(), truth.tolist())
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
            answers.append(said)
            truths.append(truth)
        both = by_row(answers), by_row(truths)
        told["metrics"][split.value] = detecting.score(*both, dataset.labels)
        told["tables"][split.value] = detecting.report(*both, dataset.labels)
    return finished_run(layout, columns, dataset.labels, told, monitor="map_50")


def _places(drawn: list[tuple[float, float, list[float]]], kinds: int) -> np.ndarray:
    """Return what a model says that draws these boxes (kind, probability, corners in shares), exactly there."""
    said = np.zeros((len(drawn), kinds + 1 + GEOMETRY), np.float32)
    for at, (kind, share, corners) in enumerate(drawn):
        said[at, 1 : 1 + kinds] = -30
        said[at, 1 + int(kind)] = np.log(share / (1 - share))
        said[at, -4:] = corners
    return said
