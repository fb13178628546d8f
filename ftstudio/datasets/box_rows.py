"""What readers of boxes have in common: rows of pictures, what was wrong with their boxes, and both as a look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa

from ftstudio.core import boxes
from ftstudio.core.boxes import Box
from ftstudio.core.errors import Where
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.text import Text, text, text_plural
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.reading import PREVIEW_ROWS, WATCHED, Chunk, Look, Watch, no_rows, string_batch

COLUMNS = ("image", "label", "split")
ROWS_AT_ONCE = 2_000
MOST_EXAMPLES = 5

_MESSAGES: dict[str, Callable[[int], Text]] = {
    "unreadable_boxes": partial(
        text_plural,
        "{count} box cannot be read and is left out.",
        "{count} boxes cannot be read and are left out.",
    ),
    "unknown_classes": partial(
        text_plural,
        "{count} box is of a class that is not in the list of classes; it is left out.",
        "{count} boxes are of classes that are not in the list of classes; they are left out.",
    ),
    "boxes_without_picture": partial(
        text_plural,
        "{count} box belongs to no picture of the file and is left out.",
        "{count} boxes belong to no picture of the file and are left out.",
    ),
    "masks_without_box": partial(
        text_plural,
        "{count} thing has only a mask (RLE) that cannot be read; it is left out.",
        "{count} things have only masks (RLE) that cannot be read; they are left out.",
    ),
    "crowds": partial(
        text_plural,
        "{count} box is around a crowd of things, not one; it is left out.",
        "{count} boxes are around crowds of things, not one; they are left out.",
    ),
    "repeated_ids": partial(
        text_plural,
        "{count} picture has the number of another one; boxes with it are given to the first.",
        "{count} pictures have the number of another one; boxes with it are given to the first.",
    ),
    "repeated_box_ids": partial(
        text_plural,
        "{count} box has the number of another one; both are read.",
        "{count} boxes have the numbers of others; all are read.",
    ),
    "class_lists_differ": partial(
        text_plural,
        "{count} list of classes says otherwise than “names”, which is used.",
        "{count} lists of classes say otherwise than “names”, which is used.",
    ),
    "repeated_classes": partial(
        text_plural,
        "{count} class has the name or the number of another one; the boxes of both are taken for one class.",
        "{count} classes have the names or numbers of others; the boxes of those alike are taken for one class.",
    ),
    "pictures_without_labels": partial(
        text_plural,
        "{count} picture has no file of boxes; it is taken as one that shows nothing.",
        "{count} pictures have no file of boxes; they are taken as ones that show nothing.",
    ),
}


@dataclass
class Faults:
    """What a reader met that is not as it should be, by kind: how often, and where first."""

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def note(self, code: str, place: str) -> None:
        """Count one fault of a kind (`_MESSAGES`)."""
        self.counts[code] = self.counts.get(code, 0) + 1
        shown = self.examples.setdefault(code, [])
        if len(shown) < MOST_EXAMPLES:
            shown.append(place)

    def problems(self, source: Path) -> Iterator[Problem]:
        """Yield each kind as a problem."""
        for code, count in self.counts.items():
            yield Problem(
                severity=Severity.WARNING,
                code=code,
                message=_MESSAGES[code](count),
                hint=text("Correct the places that are named, then import again; everything else is read."),
                count=count,
                where=Where(file=str(source)),
                examples=tuple(self.examples[code]),
            )


@dataclass(frozen=True)
class Pictured:
    """One picture with its boxes: `path` below (or beside) the source with forward slashes, `split` empty: none."""

    path: str
    boxes: tuple[Box, ...]
    split: str = ""


Rows = Callable[[Faults], Iterable[Pictured]]


def look(source: Path, options: ReadOptions, rows: Rows, watch: Watch) -> Look:
    """Go through all rows once: the first are shown, and what is wrong with any is told. Raises `InputError`."""
    faults, first, count = Faults(), list[Pictured](), 0
    for count, row in enumerate(rows(faults), start=1):
        if count <= PREVIEW_ROWS:
            first.append(row)
        if count % WATCHED == 0:
            watch(count)
    if not count:
        raise no_rows(source)
    return Look(options, pa.Table.from_batches([_batch(first)]), count, tuple(faults.problems(source)))


def read(rows: Rows) -> Iterator[Chunk]:
    """Yield all rows, boxes as one cell."""
    waiting, done = iter(rows(Faults())), 0
    while part := list(islice(waiting, ROWS_AT_ONCE)):
        done += len(part)
        yield Chunk(_batch(part), done)


def _batch(part: list[Pictured]) -> pa.RecordBatch:
    return string_batch(COLUMNS, [(one.path, boxes.write(one.boxes), one.split or None) for one in part])
