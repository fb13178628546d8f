"""The project's pictures with their boxes as they are now, in the forms other programs read: COCO and YOLO folders.

Boxes are those that training sees: cut at the edges of their picture, without what has no area. Both folders can be
imported again with the same boxes and the same parts. A folder appears whole or not at all.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ftstudio.core import boxes
from ftstudio.core.boxes import Box
from ftstudio.core.errors import CancelledError, InputError
from ftstudio.core.messages import Progress
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets.roles import PICTURE_SUFFIXES
from ftstudio.datasets.store import Dataset
from ftstudio.project import atomic, disk_errors, leftovers
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.own_files import is_own

FOLDERS = {Split.TRAIN: "train", Split.VALIDATION: "val", Split.TEST: "test"}
"""What these programs call the parts."""
TOLD = 20  # pictures between two reports of progress

Report = Callable[[Progress], None]
Cancelled = Callable[[], bool]


@dataclass(frozen=True)
class Pictured:
    """A picture that goes out: where it lies, the name it gets, its part, size in pixels and boxes."""

    path: Path
    name: str
    split: Split
    size: tuple[int, int]
    boxes: tuple[Box, ...]


def export(
    dataset: Dataset,
    target: Path,
    form: str,
    progress: Report = lambda _: None,
    cancelled: Cancelled = lambda: False,
) -> int:
    """Write all usable pictures and boxes as the folder `target` in a form (`FORMS`); returns how many pictures.

    Raises:
        InputError: the data has no boxes, or `target` is there already; nothing was changed.
        StudioError: it could not be written; `CancelledError` where that was asked for. Nothing of it stays.
    """
    _check(dataset, target)
    leftovers.sweep(target.parent)
    pictures = list(_pictures(dataset))
    try:
        with atomic.room_for(target), atomic.building_folder(target, replace=target.exists()) as folder:
            for done, one in enumerate(pictures, start=1):
                if cancelled():
                    raise CancelledError
                place = folder / "images" / FOLDERS[one.split] / one.name
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(one.path, place)
                if done % TOLD == 0 or done == len(pictures):
                    progress(Progress(phase=text("Copying pictures"), done=done, total=len(pictures)))
            FORMS[form](folder, pictures, sorted(dataset.label_counts(None)))
    except OSError as error:
        raise disk_errors.explain(error, target) from error
    return len(pictures)


def _check(dataset: Dataset, target: Path) -> None:
    if dataset.answer is not Answer.BOXES:
        raise InputError(
            text("The data of this project has no boxes around things."),
            text("Export it as a table: give a name that ends in .csv, .jsonl or .parquet."),
            field="format",
        )
    if is_own(ProjectLayout(dataset.folder.parent), target):
        raise InputError(
            text("“{path}” belongs to the project itself.", path=str(target)),
            text("Choose a folder outside of it."),
            file=str(target),
            field="to",
        )
    if os.path.lexists(target) and not (target.is_dir() and not any(target.iterdir())):
        raise InputError(
            text("“{path}” is there already.", path=str(target)),
            text("Choose another name: a folder of pictures is never written over."),
            file=str(target),
            field="to",
        )


def _pictures(dataset: Dataset) -> Iterator[Pictured]:
    view = dataset.view.keep(dataset.view.in_split(None))
    names = _Names()
    rows = zip(
        view.column(ColumnRole.IMAGE).to_pylist(),
        view.table["source"].to_pylist(),
        view.column(ColumnRole.LABEL).to_pylist(),
        view.split.tolist(),
        dataset.picture_sizes(view.index),
        strict=True,
    )
    for path, source, cell, code, size in rows:
        split = list(Split)[code]
        name = names.free(source or path, path, split)
        yield Pictured(dataset.image_path(path), name, split, size, boxes.fitting(boxes.read(cell), *size))


class _Names:
    """Gives every picture of a part a name of its own, as near to its own as can be."""

    def __init__(self) -> None:
        self._taken: set[tuple[Split, str]] = set()

    def free(self, source: str, stored: str, split: Split) -> str:
        """Return the name of a picture without its folders; a number is added where it is taken."""
        plain = PurePosixPath(source.strip().replace("\\", "/"))
        suffix = plain.suffix if plain.suffix.lower() in PICTURE_SUFFIXES else PurePosixPath(stored).suffix
        number, own = 1, plain.stem
        while (split, own.casefold()) in self._taken:
            number += 1
            own = f"{plain.stem}-{number}"
        self._taken.add((split, own.casefold()))
        return f"{own}{suffix}"


def _write_coco(folder: Path, pictures: list[Pictured], kinds: list[str]) -> None:
    """Write `instances.json` of all pictures, each with its part, and one file for each part."""
    _write_json(folder / "instances.json", _coco(pictures, kinds, with_split=True))
    (folder / "annotations").mkdir()
    for split, name in FOLDERS.items():
        some = [one for one in pictures if one.split is split]
        if some:
            _write_json(folder / "annotations" / f"instances_{name}.json", _coco(some, kinds, with_split=False))


def _coco(pictures: list[Pictured], kinds: list[str], *, with_split: bool) -> dict[str, Any]:
    numbers = {kind: at for at, kind in enumerate(kinds, start=1)}
    images, things = [], []
    for at, one in enumerate(pictures, start=1):
        name = f"{FOLDERS[one.split]}/{one.name}"
        image = {"id": at, "file_name": name, "width": one.size[0], "height": one.size[1]}
        images.append(image | ({"split": one.split.value} if with_split else {}))
        things += [
            {
                "image_id": at,
                "category_id": numbers[box.label],
                "bbox": [box.x, box.y, box.width, box.height],
                "area": box.width * box.height,
                "iscrowd": 0,
            }
            for box in one.boxes
        ]
    annotations = [{"id": number, **thing} for number, thing in enumerate(things, start=1)]
    categories = [{"id": number, "name": kind} for kind, number in numbers.items()]
    return {"images": images, "annotations": annotations, "categories": categories}


def _write_json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _write_yolo(folder: Path, pictures: list[Pictured], kinds: list[str]) -> None:
    """Write `data.yaml` and a text file of boxes for each picture: kind, centre and sides in shares of the picture."""
    import yaml

    numbers = {kind: at for at, kind in enumerate(kinds)}
    for one in pictures:
        place = folder / "labels" / FOLDERS[one.split] / f"{PurePosixPath(one.name).stem}.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("".join(_line(box, numbers[box.label], one.size) for box in one.boxes), encoding="utf-8")
    there = {split for split in FOLDERS if any(one.split is split for one in pictures)}
    parts = {FOLDERS[split]: f"images/{FOLDERS[split]}" for split in FOLDERS if split in there}
    document = {"path": ".", **parts, "names": dict(enumerate(kinds))}
    (folder / "data.yaml").write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _line(box: Box, number: int, size: tuple[int, int]) -> str:
    width, height = size
    shares = (
        (box.x + box.width / 2) / width,
        (box.y + box.height / 2) / height,
        box.width / width,
        box.height / height,
    )
    return f"{number} {' '.join(f'{share:.9g}' for share in shares)}\n"


FORMS: dict[str, Callable[[Path, list[Pictured], list[str]], None]] = {"coco": _write_coco, "yolo": _write_yolo}
