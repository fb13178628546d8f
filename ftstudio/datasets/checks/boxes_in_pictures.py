"""Boxes that cannot be learned as they stand: unreadable, without area, outside, twice; pictures without."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ftstudio.core import boxes
from ftstudio.core.boxes import Box
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import Answer
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.checks import Case, _boxes, _marks
from ftstudio.datasets.checks._boxes import Found, Size
from ftstudio.datasets.checks._marks import Fault

ANSWERS = frozenset({Answer.BOXES})
SLACK = 1.0  # pixels: programs round, and some count from 1


def find(case: Case) -> Iterator[Problem]:
    """Report boxes that are left out or cut, pictures that show nothing, and kinds hardly seen in training."""
    yield from _marks.unreadable(case, "unreadable_boxes_of_rows", _UNREADABLE, _HOW_TO_WRITE)
    yield from _marks.counted(case, _FAULTS, _boxes.of_rows(case))
    yield from _marks.rare_kinds(case, _RARE, text("They will hardly be found. Add pictures of them."))


_UNREADABLE = partial(
    text_plural,
    "{count} row has boxes that cannot be read; it is left out.",
    "{count} rows have boxes that cannot be read; they are left out.",
)
_HOW_TO_WRITE = text(
    "A box is what it is, and left, top, width and height in pixels, all of them numbers; in a table "
    '[["cat", 10, 20, 64, 48]].'
)
_RARE = partial(
    text_plural,
    "{count} kind of thing is in fewer than {fewest} training pictures.",
    "{count} kinds of things are in fewer than {fewest} training pictures.",
)


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


_FAULTS = (
    Fault(
        "boxes_without_area",
        partial(
            text_plural,
            "{count} box has no area, or a side that is no number; it is left out.",
            "{count} boxes have no area, or a side that is no number; they are left out.",
        ),
        text("Width and height must be more than 0. Correct the file and import it again."),
        _unsound,
    ),
    Fault(
        "boxes_outside",
        partial(
            text_plural,
            "{count} box lies outside its picture; it is left out.",
            "{count} boxes lie outside their pictures; they are left out.",
        ),
        text("Boxes count in pixels of the upright picture, from its upper left corner. Were the pictures resized?"),
        _gone,
    ),
    Fault(
        "boxes_over_edge",
        partial(
            text_plural,
            "{count} box reaches over the edge of its picture; it is cut there.",
            "{count} boxes reach over the edge of their pictures; they are cut there.",
        ),
        text("If many do, the pictures may have been resized after they were annotated: look at an example."),
        _over,
    ),
    Fault(
        "boxes_twice",
        partial(
            text_plural,
            "{count} box is there twice; it counts once.",
            "{count} boxes are there twice; they count once.",
        ),
        text("Nothing has to be done."),
        _doubles,
    ),
    Fault(
        "pictures_without_boxes",
        partial(
            text_plural,
            "{count} picture has no box: it teaches what is nothing.",
            "{count} pictures have no box: they teach what is nothing.",
        ),
        text("That is good, if there is really nothing to find in them."),
        _none,
        Severity.NOTE,
    ),
)
