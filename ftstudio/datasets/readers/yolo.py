"""Boxes as YOLO programs have them: a folder with `data.yaml`, pictures, and one text file of boxes per picture."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ftstudio.core.boxes import Box
from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer, Modality, ReaderSpec
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.datasets import box_rows
from ftstudio.datasets.box_rows import Faults, Pictured
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.pictures import upright_size
from ftstudio.datasets.reading import Chunk, Look, Watch, unwatched
from ftstudio.datasets.roles import PICTURE_SUFFIXES

SPEC = ReaderSpec(
    key="yolo",
    title=N_("Folder of pictures with boxes (YOLO)"),
    suffixes=(),
    is_folder=True,
    modalities=frozenset({Modality.IMAGE}),
    answers=frozenset({Answer.BOXES}),
    example="pets/data.yaml\npets/images/train/1.jpg\npets/labels/train/1.txt\n",
)

_PARTS = {"train": "train", "val": "validation", "valid": "validation", "validation": "validation", "test": "test"}
_LARGEST_LIST = 4 << 20
_HINT = text(
    "It must name the classes (names) and where the pictures are (train, val, test), as YOLO programs write it."
)


def fits(source: Path) -> bool:
    """Whether a folder looks like one of these."""
    return _description(source) is not None


def look(source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
    """Go through all pictures and their boxes; raises `InputError` for a description that cannot be read."""
    return box_rows.look(source, options, partial(_rows, source), watch)


def read(source: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield one row per picture."""
    yield from box_rows.read(partial(_rows, source))


def _description(source: Path) -> Path | None:
    found = [source / name for name in ("data.yaml", "data.yml", "dataset.yaml")]
    return next((path for path in found if path.is_file()), None)


def _rows(source: Path, faults: Faults) -> Iterable[Pictured]:
    described = _description(source)
    if described is None:
        raise InputError(text("There is no data.yaml in “{folder}”.", folder=source.name), _HINT, file=str(source))
    document = _parsed(described)
    names = _names(document.get("names"), described)
    _compare_lists(source, document, names, faults)
    for key, split in _PARTS.items():
        for folder in _listed(document.get(key)):
            for path in _pictures(_below(source, document, folder, described)):
                yield Pictured(os.path.relpath(path, source).replace("\\", "/"), _boxes(path, names, faults), split)


def _parsed(path: Path) -> dict[str, Any]:
    import yaml

    if path.stat().st_size > _LARGEST_LIST:
        raise _wrong(path, text("it is too large"))
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise _wrong(path, text("{reason}", reason=next(iter(str(error).splitlines()), ""))) from None
    if not isinstance(found, dict):
        raise _wrong(path, text("it has no names and values"))
    return found


def _names(found: Any, path: Path) -> dict[int, str]:
    listed = dict(enumerate(found)) if isinstance(found, list) else found
    if not isinstance(listed, dict) or not listed or not all(_is_named(*one) for one in listed.items()):
        raise _wrong(path, text("“names” is no list of classes"))
    return {number: str(name).strip() for number, name in listed.items()}


def _compare_lists(source: Path, document: dict[str, Any], names: dict[int, str], faults: Faults) -> None:
    """Note what says otherwise than the names: their stated count, and lists that other programs leave beside them."""
    if type(count := document.get("nc")) is int and count != len(names):
        faults.note("class_lists_differ", f"nc: {count}")
    for path in (source / place / "classes.txt" for place in (".", "labels")):
        if path.is_file() and path.stat().st_size <= _LARGEST_LIST:
            listed = path.read_text(encoding="utf-8", errors="replace").split("\n")
            if [line.strip() for line in listed if line.strip()] != [names[number] for number in sorted(names)]:
                faults.note("class_lists_differ", path.relative_to(source).as_posix())
    for name in sorted({name for name in names.values() if list(names.values()).count(name) > 1}):
        faults.note("repeated_classes", name)


def _is_named(number: Any, name: Any) -> bool:
    return type(number) is int and isinstance(name, str | int | float) and bool(str(name).strip())


def _listed(found: Any) -> list[str]:
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str)]


def _below(source: Path, document: dict[str, Any], folder: str, described: Path) -> Path:
    """Return a folder of pictures, wherever the description was written: beside it, or below the `path` it names."""
    root = document.get("path")
    bases = [source, source / root if isinstance(root, str) else source]
    plain = folder.replace("\\", "/")
    tries = [base / one for base in bases for one in (plain, plain.removeprefix("../"))]
    for path in tries:
        if path.is_dir():
            return path
    raise _wrong(described, text("there is no folder “{folder}”", folder=folder))


def _pictures(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.lower().endswith(PICTURE_SUFFIXES) and not name.startswith("."):
                yield Path(place) / name


def _boxes(picture: Path, names: dict[int, str], faults: Faults) -> tuple[Box, ...]:
    parts = list(picture.parts)
    places = [at for at, part in enumerate(parts[:-1]) if part == "images"]
    if places:
        parts[places[-1]] = "labels"
    label = Path(*parts).with_suffix(".txt")
    if not label.is_file():
        faults.note("pictures_without_labels", picture.name)
        return ()
    size = upright_size(picture)
    lines = label.read_text(encoding="utf-8", errors="replace").splitlines() if size else []
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            box = _box(line.split(), names, size or (1, 1), f"{label.name}, line {number}", faults)
            found += [box] if box else []
    return tuple(found)


def _box(cells: list[str], names: dict[int, str], size: tuple[int, int], place: str, faults: Faults) -> Box | None:
    try:
        kind, numbers = int(cells[0]), [float(cell) for cell in cells[1:]]
    except ValueError:
        faults.note("unreadable_boxes", place)
        return None
    if len(numbers) != 4 and not (len(numbers) >= 6 and len(numbers) % 2 == 0):  # a polygon is a list of points
        faults.note("unreadable_boxes", place)
        return None
    if kind not in names:
        faults.note("unknown_classes", f"{place}: {kind}")
        return None
    x, y, width, height = numbers if len(numbers) == 4 else _around(numbers)
    across, down = size
    left, top = (x - width / 2) * across, (y - height / 2) * down
    return Box(label=names[kind], x=left, y=top, width=width * across, height=height * down)


def _around(points: list[float]) -> tuple[float, float, float, float]:
    """Return centre, width and height of the box around a polygon."""
    across, down = points[0::2], points[1::2]
    left, right, top, bottom = min(across), max(across), min(down), max(down)
    return (left + right) / 2, (top + bottom) / 2, right - left, bottom - top


def _wrong(path: Path, reason: Text) -> InputError:
    return InputError(text("“{file}” cannot be read: {reason}.", file=path.name, reason=reason), _HINT, file=str(path))
