"""Corrected boxes leave as COCO and YOLO folders, and come back the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from ftstudio.core import boxes, catalog
from ftstudio.core.boxes import Box
from ftstudio.core.errors import CancelledError, InputError
from ftstudio.core.specs import ColumnRole
from ftstudio.datasets import label_edits
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan
from ftstudio.datasets.store import Dataset
from ftstudio.planning import box_export
from tests.support.box_projects import box_project

CORRECTED = (
    Box(label="star", x=3.25, y=4.5, width=20.1, height=30),
    Box(label="cross", x=40, y=40, width=12, height=9),
)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    made = Dataset.open(box_project(tmp_path / "project", 12) / "data")
    half_out = Box(label="square", x=-5, y=80, width=20, height=50)
    cells = {2: boxes.write(CORRECTED), 3: boxes.write((half_out,)), 4: "[]"}
    made.set_edits([label_edits.relabel(place, cell) for place, cell in cells.items()])
    return made


def again(source: Path, data: Path) -> Dataset:
    import_data(data, catalog.tasks().spec("object-detection"), ImportPlan(sources=(source,)))
    return Dataset.open(data)


def content(dataset: Dataset) -> dict[str, tuple[str, frozenset[Box]]]:
    """Return part and boxes of every picture by its name, boxes as training sees them."""
    rows, places = dataset.table().to_pylist(), dataset.view.index[dataset.view.in_split(None)]
    sizes = dataset.picture_sizes(places)
    return {
        Path(row["source"]).name: (row["split"], frozenset(boxes.fitting(boxes.read(row["label"]), *size)))
        for row, size in zip(rows, sizes, strict=True)
    }


@pytest.mark.parametrize(("form", "entry"), [("coco", "instances.json"), ("yolo", "")])
def test_what_goes_out_comes_in_again_with_the_same_boxes_and_parts(
    dataset: Dataset, tmp_path: Path, form: str, entry: str
) -> None:
    assert box_export.export(dataset, tmp_path / "out", form) == 12

    returned = content(again(tmp_path / "out" / entry, tmp_path / "again"))
    assert returned == content(dataset)
    assert frozenset(CORRECTED) in {found for _, found in returned.values()}


def test_each_part_is_a_file_that_pycocotools_reads(dataset: Dataset, tmp_path: Path) -> None:
    from pycocotools.coco import COCO

    box_export.export(dataset, tmp_path / "out", "coco")

    whole = COCO(str(tmp_path / "out" / "instances.json"))
    parts = [COCO(str(path)) for path in sorted((tmp_path / "out" / "annotations").iterdir())]
    assert sum(len(part.imgs) for part in parts) == len(whole.imgs) == 12
    assert sum(len(part.anns) for part in parts) == len(whole.anns)
    for part in parts:
        for image in part.imgs.values():
            with Image.open(tmp_path / "out" / "images" / image["file_name"]) as picture:
                assert picture.size == (image["width"], image["height"])


def test_pictures_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    folder = tmp_path / "two"
    for place in ("a", "b"):
        (folder / place).mkdir(parents=True)
        Image.new("RGB", (50, 40), "red" if place == "a" else "blue").save(folder / place / "x.png")
    document = {
        "images": [{"id": at, "file_name": f"{place}/x.png"} for at, place in enumerate("ab")],
        "annotations": [{"id": at, "image_id": at, "category_id": 1, "bbox": [at, 2, 9, 9]} for at in range(2)],
        "categories": [{"id": 1, "name": "dot"}],
    }
    (folder / "all.json").write_text(json.dumps(document), encoding="utf-8")
    small = again(folder / "all.json", tmp_path / "data")
    small.set_edits([label_edits.Edit(key="move_rows", params={"splits": {"train": [0, 1]}})])

    box_export.export(small, tmp_path / "out", "yolo")

    assert sorted(path.name for path in (tmp_path / "out").rglob("*.png")) == ["x-2.png", "x.png"]
    labels = sorted(path.read_text(encoding="utf-8") for path in (tmp_path / "out").rglob("*.txt"))
    assert len(set(labels)) == 2


def test_nothing_is_written_over_and_nothing_half_written_stays(dataset: Dataset, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "mine.txt").write_text("precious", encoding="utf-8")
    with pytest.raises(InputError, match="there already"):
        box_export.export(dataset, target, "coco")
    with pytest.raises(InputError, match="belongs to the project"):
        box_export.export(dataset, dataset.folder / "out", "coco")
    with pytest.raises(CancelledError):
        box_export.export(dataset, tmp_path / "other", "coco", cancelled=lambda: True)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "project", "project-source"]
    assert ColumnRole.LABEL in dataset.roles
