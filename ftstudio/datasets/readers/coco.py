"""Boxes as COCO has them: one JSON file of pictures, things and classes; other JSON is read as a list of rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from ftstudio.core.boxes import Box
from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer, Modality, ReaderSpec
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.datasets import box_rows, encoding, run_lengths
from ftstudio.datasets.box_rows import Faults, Pictured
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.readers import json_array
from ftstudio.datasets.reading import Chunk, Look, Watch, unwatched

SPEC = ReaderSpec(
    key="coco",
    title=N_("Pictures with boxes (COCO)"),
    suffixes=(".json",),
    modalities=frozenset({Modality.IMAGE}),
    answers=frozenset({Answer.BOXES}),
    example='{"images": [{"id": 1, "file_name": "1.jpg"}], "categories": [{"id": 1, "name": "cat"}], '
    '"annotations": [{"image_id": 1, "category_id": 1, "bbox": [10, 20, 64, 48]}]}\n',
    streams=False,
)

_START = 65536
_HINT = text("It must be as COCO has it: images, annotations, categories. Correct that place, or save it again.")


def look(source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
    """Read the file and count what is wrong with it; a file that is a list of rows is left to the reader of those."""
    name = encoding.detect(source, options.encoding).name
    if not _is_object(source, name):
        return json_array.look(source, options, watch)
    document = _parsed(source, name)
    return box_rows.look(source, ReadOptions(encoding=name), partial(_rows, document, source), watch)


def read(source: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield one row per picture."""
    name = encoding.detect(source, options.encoding).name
    if not _is_object(source, name):
        yield from json_array.read(source, options)
        return
    yield from box_rows.read(partial(_rows, _parsed(source, name), source))


def _is_object(source: Path, name: str) -> bool:
    start = b"".join(block for block, _ in islice(encoding.utf8_blocks(source, name, _START), 1)).lstrip()
    return start.startswith(b"{") and any(key in start for key in (b'"images"', b'"annotations"', b'"info"'))


def _parsed(source: Path, name: str) -> dict[str, Any]:
    raw = b"".join(block for block, _ in encoding.utf8_blocks(source, name))
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        reason = next(iter(str(error).splitlines()), "")
        raise InputError(
            text("“{file}” is not valid JSON: {reason}", file=source.name, reason=reason), _HINT, file=str(source)
        ) from None
    return found if isinstance(found, dict) else {}


def _rows(document: Mapping[str, Any], source: Path, faults: Faults) -> Iterable[Pictured]:
    pictures, things, kinds = (_list(document, key, source) for key in ("images", "annotations", "categories"))
    names = _names(kinds, faults)
    known: set[Any] = set()
    for picture in pictures:
        if not isinstance(picture.get("file_name"), str):
            raise _wrong(source, text("a picture has no “{key}”", key="file_name"))
        if picture.get("id") in known:
            faults.note("repeated_ids", picture["file_name"])
        known.add(picture.get("id"))
    by_picture: dict[Any, list[Box]] = {}
    numbers: set[Any] = set()
    for thing in things:
        if thing.get("id") is not None and thing["id"] in numbers:
            faults.note("repeated_box_ids", f"annotation {thing['id']}")
        numbers.add(thing.get("id"))
        if thing.get("image_id") not in known:
            faults.note("boxes_without_picture", f"image_id {thing.get('image_id')}")
        elif (box := _box(thing, names, faults)) is not None:
            by_picture.setdefault(thing.get("image_id"), []).append(box)
    find = _Finder(source)
    for picture in pictures:
        split = picture.get("split")  # our own exports say it
        known_split = split if split in list(Split) else ""
        yield Pictured(find(picture["file_name"]), tuple(by_picture.pop(picture.get("id"), ())), known_split)


def _names(kinds: Iterable[Mapping[str, Any]], faults: Faults) -> dict[Any, str]:
    """Return the names of classes by number; of two with one number the last counts."""
    names: dict[Any, str] = {}
    for one in kinds:
        if name := str(one.get("name") or "").strip():
            if one.get("id") in names or name in names.values():
                faults.note("repeated_classes", name)
            names[one.get("id")] = name
    return names


def _box(thing: Mapping[str, Any], names: Mapping[Any, str], faults: Faults) -> Box | None:
    place = f"annotation {thing.get('id', '?')}"
    label = names.get(thing.get("category_id"))
    sides = thing.get("bbox") or _around(thing.get("segmentation")) or run_lengths.around(thing.get("segmentation"))
    if label is None:
        faults.note("unknown_classes", f"category_id {thing.get('category_id')}")
    elif thing.get("iscrowd") == 1:
        faults.note("crowds", place)
    elif sides is None and isinstance(thing.get("segmentation"), Mapping):
        faults.note("masks_without_box", place)
    elif not isinstance(sides, list) or len(sides) != 4 or not all(type(side) in (int, float) for side in sides):
        faults.note("unreadable_boxes", place)
    else:
        x, y, width, height = (float(side) for side in sides)
        return Box(label=label, x=x, y=y, width=width, height=height)
    return None


def _around(polygons: Any) -> list[float] | None:
    """Return left, top, width and height of the box around polygons (`[[x, y, x, y, …], …]`)."""
    if not isinstance(polygons, list) or not all(isinstance(one, list) for one in polygons):
        return None
    across, down = ([value for one in polygons for value in one[start::2]] for start in (0, 1))
    if not across or not down or not all(type(value) in (int, float) for value in (*across, *down)):
        return None
    return [min(across), min(down), max(across) - min(across), max(down) - min(down)]


class _Finder:
    """Finds pictures where programs put them: beside the file, in `images`, or in a folder named like the file."""

    def __init__(self, source: Path) -> None:
        self._base = source.parent
        part = source.stem.partition("_")[2] or source.stem
        self._folders = ["", "images", part, f"images/{part}", "../images", f"../{part}", f"../images/{part}", ".."]

    def __call__(self, name: str) -> str:
        """Return the path of a picture beside the source; its name where it is nowhere to be found."""
        plain = name.strip().replace("\\", "/")
        for at, folder in enumerate(self._folders):
            path = f"{folder}/{plain}" if folder else plain
            if (self._base / path).is_file():
                self._folders.insert(0, self._folders.pop(at))  # the others lie there, too
                return path
        return plain


def _list(document: Mapping[str, Any], key: str, source: Path) -> list[dict[str, Any]]:
    found = document.get(key)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _wrong(source, text("“{key}” is missing, or is no list of objects", key=key))
    return found


def _wrong(source: Path, reason: Text) -> InputError:
    return InputError(
        text("“{file}” cannot be read: {reason}.", file=source.name, reason=reason), _HINT, file=str(source)
    )
