"""The report on boxes: too small for what the model reads, pictures far apart in size, turned pictures, real masks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ftstudio.core import boxes, catalog
from ftstudio.core.detections import READ_SIDE, READ_SIDES
from ftstudio.core.problems import Problem
from ftstudio.core.specs import Answer
from ftstudio.datasets import box_shapes
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.checks.box_sizes import read_side
from ftstudio.datasets.importing import ImportResult, import_data
from ftstudio.datasets.options import ImportPlan
from ftstudio.datasets.store import Dataset

TASK = catalog.tasks().spec("object-detection")


def brought_in(folder: Path, pictures: dict[str, list[list[float]]], **more: Any) -> tuple[Dataset, ImportResult]:
    """Import pictures that lie in `folder/source`, each with boxes around cats."""
    document = {
        "images": [{"id": at, "file_name": name} for at, name in enumerate(pictures)],
        "annotations": [
            {"id": f"{at}-{number}", "image_id": at, "category_id": 1, "bbox": box}
            for at, found in enumerate(pictures.values())
            for number, box in enumerate(found)
        ],
        "categories": [{"id": 1, "name": "cat"}],
    }
    (folder / "source" / "all.json").write_text(json.dumps(document | more), encoding="utf-8")
    result = import_data(folder / "data", TASK, ImportPlan(sources=(folder / "source" / "all.json",)))
    return Dataset.open(folder / "data"), result


def grounds(folder: Path, *sizes: tuple[int, int]) -> list[str]:
    (folder / "source").mkdir()
    chance = np.random.default_rng(1)
    for at, (width, height) in enumerate(sizes):
        Image.fromarray(chance.integers(0, 255, (height, width, 3), np.uint8)).save(folder / "source" / f"{at}.png")
    return [f"{at}.png" for at in range(len(sizes))]


def found(dataset: Dataset) -> dict[str, Problem]:
    return {one.code: one for one in run_checks(dataset, TASK)}


def test_boxes_that_nearly_vanish_and_pictures_far_apart_are_told(tmp_path: Path) -> None:
    names = grounds(tmp_path, *[(1024, 1024)] * 4, *[(128, 128)] * 6)
    pictures = {name: [[10.0, 10.0, 31.0, 200.0], [300.0, 10.0, 33.0, 200.0]] for name in names[:4]}
    pictures |= {name: [[1.0, 1.0, 5.0, 5.0]] for name in names[4:]}
    dataset, _ = brought_in(tmp_path, pictures)

    problems = found(dataset)

    assert problems["boxes_too_small"].count == 4
    assert len(problems["boxes_too_small"].rows) == 4
    assert "1024 × 1024" in str(problems["sizes_far_apart"].message)
    larger = {one.code: one for one in run_checks(dataset, TASK, picture_size=512)}
    assert "boxes_too_small" not in larger, "21 of 1024 pixels are 10 of 512"


def test_ordinary_boxes_are_not_complained_about(tmp_path: Path) -> None:
    dataset, _ = brought_in(tmp_path, {name: [[5.0, 5.0, 30.0, 30.0]] for name in grounds(tmp_path, *[(128, 96)] * 10)})

    assert not {"boxes_too_small", "sizes_far_apart"} & set(found(dataset))


def test_what_a_model_reads_is_what_new_detectors_are_made_for(tmp_path: Path) -> None:
    from ftstudio.engine.vision import detector_network, detectors, pyramid_network

    assert read_side(None) == READ_SIDE == detector_network.SIDE == READ_SIDES["ssdlite"]
    assert {READ_SIDES[one] for one in ("faster_rcnn", "retinanet", "fcos")} == {pyramid_network.SIDE}
    assert set(READ_SIDES) == set(detectors.TYPES) - {pyramid_network.WHOLE}
    (tmp_path / "config.json").write_text('{"model_type": "ssdlite", "image_size": 512}', encoding="utf-8")
    assert read_side(tmp_path) == 512
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    assert read_side(tmp_path) == READ_SIDE


def test_sizes_and_shapes_are_measured_beside_the_picture(tmp_path: Path) -> None:
    names = grounds(tmp_path, *[(200, 100)] * 10)
    dataset, _ = brought_in(tmp_path, {key: [[0.0, 0.0, 100.0, 50.0]] for key in names})

    sides, shapes = box_shapes.measure(dataset)

    assert (set(sides), set(shapes), len(sides)) == ({0.5}, {2.0}, 10)


@pytest.mark.parametrize("suffix", ["png", "webp", "jpg"])
def test_boxes_count_in_the_upright_picture_whatever_form_tells_how_the_camera_was_held(
    tmp_path: Path, suffix: str
) -> None:
    (tmp_path / "source").mkdir()
    names = []
    for at in range(10):
        picture = Image.fromarray(np.random.default_rng(at).integers(0, 255, (40, 120, 3), np.uint8))
        turned = Image.Exif()
        turned[0x0112] = 6  # a quarter turn: it is 40 wide and 120 high
        names.append(f"{at}.{suffix}")
        picture.save(tmp_path / "source" / names[-1], exif=turned)
    dataset, _ = brought_in(tmp_path, {key: [[5.0, 90.0, 30.0, 25.0]] for key in names})

    assert set(dataset.picture_sizes(dataset.view.index)) == {(40, 120)}
    assert not {"boxes_outside", "boxes_over_edge"} & set(found(dataset))


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "I;16", "CMYK"])
def test_pictures_of_every_kind_come_in_with_their_boxes(tmp_path: Path, mode: str) -> None:
    (tmp_path / "source").mkdir()
    names = []
    for at in range(10):
        grey = np.random.default_rng(at).integers(0, 255, (50, 60), np.uint8)
        picture = Image.fromarray(grey.astype(np.uint16) * 257 if mode == "I;16" else grey)
        picture = picture if mode == "I;16" else picture.convert("RGB").convert(mode)
        names.append(f"{at}.{'jpg' if mode == 'CMYK' else 'png'}")
        picture.save(tmp_path / "source" / names[-1])
    dataset, result = brought_in(tmp_path, {key: [[5.0, 6.0, 20.0, 30.0]] for key in names})

    assert sum(result.counts.values()) == 10
    assert set(dataset.table()["label"].to_pylist()) == {'[["cat", 5.0, 6.0, 20.0, 30.0]]'}
    assert "broken_images" not in found(dataset)


def test_masks_become_boxes_and_a_repeated_number_loses_none(tmp_path: Path) -> None:
    names = grounds(tmp_path, *[(100, 80)] * 10)
    mask = {"counts": [80 * 10 + 20, 5, 75, 5, 80 * 100 - 80 * 10 - 20 - 85], "size": [80, 100]}
    things = [{"id": 1, "image_id": at, "category_id": 1, "segmentation": mask} for at in range(10)]
    dataset, result = brought_in(tmp_path, {key: [] for key in names}, annotations=things)

    assert {boxes.read(cell) for cell in dataset.table()["label"].to_pylist()} == {
        (boxes.Box(label="cat", x=10, y=20, width=2, height=5),)
    }
    assert {one.code: one.count for one in result.problems} == {"repeated_box_ids": 9}
    assert dataset.answer is Answer.BOXES
