"""Boxes that cannot be learned as they stand: unreadable, without area, outside, twice; pictures without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import numpy.typing as npt

from ftstudio.core import boxes
from ftstudio.core.boxes import Box
from ftstudio.core.errors import Where
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text, text_plural
from ftstudio.datasets.checks import MOST_EXAMPLES, Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.splits import LEFT_OUT
from ftstudio.datasets.view import Mask

ANSWERS = frozenset({Answer.BOXES})
FEWEST = 8
SLACK = 1.0  # pixels: programs round, and some count from 1

Found = tuple[Box, ...]
Size = tuple[int, int]


def find(case: Case) -> Iterator[Problem]:
    """Report boxes that are left out or cut, pictures that show nothing, and kinds hardly seen in training."""
    yield from _unreadable(case)
    view = case.view
    found = [_read(cell) for cell in view.column(ColumnRole.LABEL).to_pylist()]
    sizes = case.dataset.picture_sizes(view.index)
    for severity, code, message, hint, is_so in _FAULTS:
        counts = np.array([is_so(one, size) for one, size in zip(found, sizes, strict=True)], np.int64)
        counts[view.split == LEFT_OUT] = 0
        if counts.any():
            yield _problem(case, severity, code, counts, message, hint)
    yield from _kinds(case)


def _read(cell: str | None) -> Found:
    try:
        return boxes.read(cell or "")
    except ValueError:
        return ()


def _unsound(found: Found, size: Size) -> int:
    return sum(not one.is_sound for one in found)


def _sound(found: Found) -> list[Box]:
    return [one for one in found if one.is_sound]


def _gone(found: Found, size: Size) -> int:
    return sum(not boxes.fitting([one], *size) for one in _sound(found))


def _over(found: Found, size: Size) -> int:
    width, height = size
    inside = [one for one in _sound(found) if boxes.fitting([one], width, height)]
    return sum(
        min(one.x, one.y) < -SLACK or one.x + one.width > width + SLACK or one.y + one.height > height + SLACK
        for one in inside
    )


def _doubles(found: Found, size: Size) -> int:
    sound = _sound(found)
    return len(sound) - len(set(sound))


def _none(found: Found, size: Size) -> int:
    return int(not found)


_FAULTS: tuple[tuple[Severity, str, Callable[[int], Text], Text, Callable[[Found, Size], int]], ...] = (
    (
        Severity.WARNING,
        "boxes_without_area",
        partial(
            text_plural,
            "{count} box has no area, or a side that is no number; it is left out.",
            "{count} boxes have no area, or a side that is no number; they are left out.",
        ),
        text("Width and height must be more than 0. Correct the file and import it again."),
        _unsound,
    ),
    (
        Severity.WARNING,
        "boxes_outside",
        partial(
            text_plural,
            "{count} box lies outside its picture; it is left out.",
            "{count} boxes lie outside their pictures; they are left out.",
        ),
        text("Boxes count in pixels of the upright picture, from its upper left corner. Were the pictures resized?"),
        _gone,
    ),
    (
        Severity.WARNING,
        "boxes_over_edge",
        partial(
            text_plural,
            "{count} box reaches over the edge of its picture; it is cut there.",
            "{count} boxes reach over the edge of their pictures; they are cut there.",
        ),
        text("If many do, the pictures may have been resized after they were annotated: look at an example."),
        _over,
    ),
    (
        Severity.WARNING,
        "boxes_twice",
        partial(
            text_plural,
            "{count} box is there twice; it counts once.",
            "{count} boxes are there twice; they count once.",
        ),
        text("Nothing has to be done."),
        _doubles,
    ),
    (
        Severity.NOTE,
        "pictures_without_boxes",
        partial(
            text_plural,
            "{count} picture has no box: it teaches what is nothing.",
            "{count} pictures have no box: they teach what is nothing.",
        ),
        text("That is good, if there is really nothing to find in them."),
        _none,
    ),
)


def _problem(
    case: Case,
    severity: Severity,
    code: str,
    counts: npt.NDArray[np.int64],
    message: Callable[[int], Text],
    hint: Text,
) -> Problem:
    total = int(counts.sum())
    return Problem(
        severity=severity,
        code=code,
        message=message(total),
        hint=hint,
        count=total,
        where=Where(column=case.dataset.roles.get(ColumnRole.LABEL)),
        **places(case.view, counts > 0),
    )


def _unreadable(case: Case) -> Iterator[Problem]:
    view = case.view
    unreadable: Mask = (view.label_numbers < 0) & view.filled(ColumnRole.LABEL)
    if count := int(unreadable.sum()):
        yield Problem(
            severity=Severity.WARNING,
            code="unreadable_boxes_of_rows",
            message=text_plural(
                "{count} row has boxes that cannot be read; it is left out.",
                "{count} rows have boxes that cannot be read; they are left out.",
                count,
            ),
            hint=text('Write boxes as [["cat", 10, 20, 64, 48]]: what it is, left, top, width and height in pixels.'),
            count=count,
            where=Where(column=case.dataset.roles.get(ColumnRole.LABEL)),
            fix=Fix(key="drop_left_out", label=text("Remove these rows")),
            **places(view, unreadable),
        )


def _kinds(case: Case) -> Iterator[Problem]:
    counts = case.view.counts_by_label(Split.TRAIN)
    few = {kind: counts.get(kind, 0) for kind in case.view.counts_by_label() if counts.get(kind, 0) < FEWEST}
    if few:
        yield Problem(
            severity=Severity.WARNING,
            code="rare_kinds",
            message=text_plural(
                "{count} kind of thing is in fewer than {fewest} training pictures.",
                "{count} kinds of things are in fewer than {fewest} training pictures.",
                len(few),
                fewest=FEWEST,
            ),
            hint=text("They will hardly be found. Add pictures of them."),
            count=len(few),
            where=Where(column=case.dataset.roles.get(ColumnRole.LABEL)),
            examples=tuple(f"{kind}: {rows}" for kind, rows in sorted(few.items())[:MOST_EXAMPLES]),
        )
