"""Pictures with boxes from COCO, YOLO and Pascal VOC: all that is there is read, and what is wrong is counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ftstudio.core import boxes, catalog
from ftstudio.core.boxes import Box
from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer, Modality
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan, ReadOptions
from ftstudio.datasets.reading import reader_for
from ftstudio.datasets.store import Dataset
from tests.support.box_projects import write_shapes

CAT = Box(label="cat", x=10, y=20, width=30, height=40)


def picture(path: Path, width: int = 100, height: int = 80) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), "grey").save(path)
    return path


def rows_of(source: Path) -> tuple[dict[str, tuple[Box, ...]], dict[str, int], list[str | None]]:
    reader = reader_for(source, Modality.IMAGE, Answer.BOXES)
    looked = reader.look(source, ReadOptions())
    found: dict[str, tuple[Box, ...]] = {}
    splits: list[str | None] = []
    for chunk in reader.read(source, looked.options):
        table = chunk.batch.to_pydict()
        found |= {name: boxes.read(cell) for name, cell in zip(table["image"], table["label"], strict=True)}
        splits += table["split"]
    assert looked.preview.num_rows == min(200, len(found))
    return found, {one.code: one.count for one in looked.problems}, splits


def coco(folder: Path, **changed: Any) -> Path:
    document = {
        "images": [{"id": 1, "file_name": "1.png"}, {"id": 2, "file_name": "2.png"}],
        "categories": [{"id": 7, "name": "cat"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [10, 20, 30, 40]}],
    }
    for name in ("1.png", "2.png"):
        picture(folder / "images" / name)
    path = folder / "instances.json"
    path.write_text(json.dumps(document | changed), encoding="utf-8")
    return path


def test_coco_finds_pictures_in_the_folder_beside_and_keeps_those_without_boxes(tmp_path: Path) -> None:
    assert rows_of(coco(tmp_path)) == ({"images/1.png": (CAT,), "images/2.png": ()}, {}, [None, None])


def test_coco_counts_what_it_cannot_use_and_reads_the_rest(tmp_path: Path) -> None:
    things = [
        {"id": 1, "image_id": 1, "category_id": 7, "bbox": [10, 20, 30, 40]},
        {"id": 2, "image_id": 1, "category_id": 9, "bbox": [1, 2, 3, 4]},
        {"id": 3, "image_id": 5, "category_id": 7, "bbox": [1, 2, 3, 4]},
        {"id": 4, "image_id": 1, "category_id": 7, "segmentation": {"counts": "abc", "size": [80, 100]}},
        {"id": 5, "image_id": 1, "category_id": 7, "bbox": [1, 2, 3]},
        {"id": 6, "image_id": 1, "category_id": 7, "bbox": [1, 2, 3, 4], "iscrowd": 1},
        {"id": 7, "image_id": 2, "category_id": 7, "segmentation": [[10, 20, 40, 20, 40, 60]]},
    ]
    images = [{"id": 1, "file_name": "1.png"}, {"id": 2, "file_name": "2.png"}, {"id": 2, "file_name": "3.png"}]

    found, problems, _ = rows_of(coco(tmp_path, annotations=things, images=images))

    assert found == {"images/1.png": (CAT,), "images/2.png": (CAT,), "3.png": ()}
    assert problems == dict.fromkeys(
        ("unknown_classes", "boxes_without_picture", "masks_without_box", "unreadable_boxes", "crowds", "repeated_ids"),
        1,
    )


@pytest.mark.parametrize("changed", [{"images": 3}, {"annotations": None}, {"images": [{"id": 1}]}])
def test_coco_without_its_parts_is_refused_in_words(tmp_path: Path, changed: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        rows_of(coco(tmp_path, **changed))


def yolo(folder: Path, *lines: str) -> Path:
    picture(folder / "images" / "train" / "1.png")
    picture(folder / "images" / "val" / "2.png")
    (folder / "labels" / "train").mkdir(parents=True)
    (folder / "labels" / "train" / "1.txt").write_text("\n".join(lines), encoding="utf-8")
    (folder / "data.yaml").write_text("path: .\ntrain: images/train\nval: images/val\nnames:\n  0: cat\n", "utf-8")
    return folder


def test_yolo_is_read_in_pixels_with_its_splits(tmp_path: Path) -> None:
    found, problems, splits = rows_of(yolo(tmp_path, "0 0.25 0.5 0.3 0.5", "0 0.1 0.25 0.4 0.25 0.4 0.75"))

    assert found == {"images/train/1.png": (CAT, CAT), "images/val/2.png": ()}
    assert problems == {"pictures_without_labels": 1}
    assert splits == ["train", "validation"]


def test_yolo_lines_that_cannot_be_right_are_counted(tmp_path: Path) -> None:
    found, problems, _ = rows_of(yolo(tmp_path, "0 0.25 0.5 0.3 0.5 0.9", "3 0.5 0.5 0.1 0.1", "cat", "0 2 2 1 1"))

    assert problems == {"unreadable_boxes": 2, "unknown_classes": 1, "pictures_without_labels": 1}
    assert len(found["images/train/1.png"]) == 1, "what lies outside is for the check to say"


XML = "<annotation><filename>1.png</filename>{}</annotation>"
OBJECT = (
    "<object><name>cat</name><bndbox><xmin>11</xmin><ymin>21</ymin><xmax>40</xmax><ymax>60</ymax></bndbox></object>"
)
BOMB = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>'


@pytest.mark.parametrize("names", ["[[cat, dog], bird]", "{0: {cat: dog}}", "[cat, '']", "[cat, null]"])
def test_yolo_classes_that_are_no_names_are_refused(tmp_path: Path, names: str) -> None:
    folder = yolo(tmp_path / "pets")
    (folder / "data.yaml").write_text(f"train: images/train\nval: images/val\nnames: {names}\n", "utf-8")

    with pytest.raises(InputError, match="no list of classes"):
        rows_of(folder)


def test_lists_of_classes_that_disagree_are_told(tmp_path: Path) -> None:
    folder = yolo(tmp_path / "pets", "0 0.25 0.5 0.3 0.5")
    told = (folder / "data.yaml").read_text("utf-8")
    (folder / "data.yaml").write_text(told + "nc: 7\n", "utf-8")
    (folder / "classes.txt").write_text("wolf\n", "utf-8")

    found, problems, _ = rows_of(folder)

    assert problems["class_lists_differ"] == 2
    assert {box.label for row in found.values() for box in row} == {"cat"}


def test_coco_classes_of_one_name_or_number_are_told(tmp_path: Path) -> None:
    kinds = [{"id": 7, "name": "cat"}, {"id": 8, "name": "cat"}, {"id": 7, "name": "cat "}, {"id": 9, "name": "dog"}]

    assert rows_of(coco(tmp_path, categories=kinds))[1] == {"repeated_classes": 2}


def voc(folder: Path, content: str) -> Path:
    picture(folder / "JPEGImages" / "1.png")
    (folder / "Annotations").mkdir()
    (folder / "Annotations" / "1.xml").write_text(content, encoding="utf-8")
    return folder


def test_voc_counts_from_one_and_includes_the_last_pixel(tmp_path: Path) -> None:
    found, problems, _ = rows_of(voc(tmp_path, XML.format(OBJECT + "<object><name>cat</name></object>")))

    assert found == {"JPEGImages/1.png": (CAT,)}
    assert problems == {"unreadable_boxes": 1}


@pytest.mark.parametrize("content", [BOMB + XML.format("&c;"), "<annotation>", ""])
def test_voc_that_is_no_safe_xml_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError):
        rows_of(voc(tmp_path, content))


def test_a_folder_of_nothing_of_the_kind_is_refused(tmp_path: Path) -> None:
    picture(tmp_path / "cat" / "1.png")
    with pytest.raises(InputError, match="holds no boxes"):
        reader_for(tmp_path, Modality.IMAGE, Answer.BOXES)


def test_bad_boxes_are_told_by_the_check_and_rows_stay(tmp_path: Path) -> None:
    source = write_shapes(tmp_path / "shapes", 30)
    document = json.loads(source.read_text(encoding="utf-8"))
    bad = ([5, 5, -3, 4], [float("nan"), 1, 2, 3], [500, 500, 10, 10], [90, 90, 30, 30], [1, 2, 9, 9], [1, 2, 9, 9])
    things = [one for one in document["annotations"] if one["image_id"] != 0]
    things += [{"id": 900 + at, "image_id": 0, "category_id": 1, "bbox": box} for at, box in enumerate(bad)]
    document["annotations"] = [one for one in things if one["image_id"] != 1]
    source.write_text(json.dumps(document), encoding="utf-8")
    task = catalog.tasks().spec("object-detection")

    import_data(tmp_path / "data", task, ImportPlan(sources=(source,), seed=1))
    dataset = Dataset.open(tmp_path / "data")

    told = {one.code: one.count for one in run_checks(dataset, task)}
    assert sum(dataset.counts().values()) == 30
    assert dataset.labels == ["cross", "square"]
    wanted = {"boxes_without_area": 2, "boxes_outside": 1, "boxes_over_edge": 1, "boxes_twice": 1}
    assert {code: told.get(code) for code in wanted} == wanted
    assert told["pictures_without_boxes"] == 1
