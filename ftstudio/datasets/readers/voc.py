"""Boxes as Pascal VOC has them: a folder of XML files, one per picture. Files that define entities are refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from ftstudio.core.boxes import Box
from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer, Modality, ReaderSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.datasets import box_rows
from ftstudio.datasets.box_rows import Faults, Pictured
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.reading import Chunk, Look, Watch, unwatched

SPEC = ReaderSpec(
    key="voc",
    title=N_("Folder of pictures with boxes (Pascal VOC)"),
    suffixes=(),
    is_folder=True,
    modalities=frozenset({Modality.IMAGE}),
    answers=frozenset({Answer.BOXES}),
    example="pets/JPEGImages/1.jpg\npets/Annotations/1.xml\n",
)

_FOLDERS = ("Annotations", "annotations", "xml", ".")
_PICTURES = ("JPEGImages", "images", "Images", ".", "Annotations")
_SPLITS = {"train": "train", "val": "validation", "test": "test"}
_LARGEST = 16 << 20
_HINT = text("Save the annotations again from the program that made them, as Pascal VOC XML.")


def fits(source: Path) -> bool:
    """Whether a folder looks like one of these."""
    return _annotations(source) is not None


def look(source: Path, options: ReadOptions, watch: Watch = unwatched) -> Look:
    """Go through all pictures and their boxes; raises `InputError` for a file that is no safe XML."""
    return box_rows.look(source, options, partial(_rows, source), watch)


def read(source: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield one row per picture."""
    yield from box_rows.read(partial(_rows, source))


def _annotations(source: Path) -> Path | None:
    for name in _FOLDERS:
        folder = source / name
        if folder.is_dir() and next(folder.glob("*.xml"), None) is not None:
            return folder
    return None


def _rows(source: Path, faults: Faults) -> Iterable[Pictured]:
    folder = _annotations(source)
    if folder is None:
        raise InputError(
            text("There are no XML files in “{folder}”.", folder=source.name),
            text("Choose the folder that holds Annotations and JPEGImages."),
            file=str(source),
        )
    split_of = _stated_splits(source)
    for path in sorted(folder.glob("*.xml")):
        found = _parsed(path)
        things = [_box(one, f"{path.name}, object {at}", faults) for at, one in enumerate(found.iter("object"), 1)]
        picture = _picture(source, path, found.findtext("filename"))
        yield Pictured(picture, tuple(box for box in things if box is not None), split_of.get(path.stem, ""))


def _stated_splits(source: Path) -> dict[str, str]:
    """Return the split of each picture, by its name without ending, as ImageSets/Main states it for all of them."""
    stated: dict[str, str] = {}
    for name, split in _SPLITS.items():
        listed = source / "ImageSets" / "Main" / f"{name}.txt"
        if listed.is_file():
            for line in listed.read_text(encoding="utf-8", errors="replace").splitlines():
                if line.strip():
                    stated[line.split()[0]] = split
    return stated


def _parsed(path: Path) -> ElementTree.Element:
    """Parse a file without ever expanding an entity: a few lines of those can fill all memory."""
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = partial(_refuse, path)
    try:
        if path.stat().st_size > _LARGEST:
            _refuse(path)
        parser.Parse(path.read_bytes(), True)
        return builder.close()
    except (expat.ExpatError, AssertionError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), "")
        raise InputError(
            text("“{file}” is not valid XML: {reason}", file=path.name, reason=reason), _HINT, file=str(path)
        ) from None


def _refuse(path: Path, *_: object) -> None:
    raise InputError(
        text("“{file}” defines abbreviations (entities) or is huge, which no list of boxes needs.", file=path.name),
        text("It may be made to do harm. Remove the file, or get it again from where it came from."),
        file=str(path),
    )


def _picture(source: Path, path: Path, named: str | None) -> str:
    """Return the path of a picture below the folder: the one that is named, else the one named like the XML file."""
    names = [Path(named.strip().replace("\\", "/")).name] if named and named.strip() else []
    names += [f"{path.stem}{ending}" for ending in (".jpg", ".png", ".jpeg", ".JPG")]
    for name in names:
        for folder in _PICTURES:
            if (source / folder / name).is_file():
                return name if folder == "." else f"{folder}/{name}"
    return names[0]


def _box(found: ElementTree.Element, place: str, faults: Faults) -> Box | None:
    label, bounds = (found.findtext("name") or "").strip(), found.find("bndbox")
    try:
        sides = (
            [float(bounds.findtext(key) or "") for key in ("xmin", "ymin", "xmax", "ymax")]
            if bounds is not None
            else []
        )
    except ValueError:
        sides = []
    if not label or not sides:
        faults.note("unreadable_boxes", place)
        return None
    left, top, right, bottom = sides  # counted from 1, the last pixel included
    return Box(label=label, x=left - 1, y=top - 1, width=right - left + 1, height=bottom - top + 1)
