"""Boxes that the model can hardly see at the size it reads pictures in, and pictures of wildly different sizes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ftstudio.core.detections import READ_SIDE
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import Answer
from ftstudio.core.strict_json import JsonError, parse
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.checks import Case, _boxes, _marks
from ftstudio.datasets.checks._boxes import Found, Size
from ftstudio.datasets.checks._marks import Fault
from ftstudio.datasets.splits import LEFT_OUT

ANSWERS = frozenset({Answer.BOXES})
LEAST = 8.0  # pixels of what the model reads: below, nearly nothing of a thing is left
APART = 16.0  # times the area of the smallest picture


def find(case: Case) -> Iterator[Problem]:
    """Report boxes that shrink to next to nothing, and sizes of pictures that lie far apart."""
    side = case.picture_size or read_side(case.model)
    rows = _boxes.of_rows(case)
    hint = text(
        "The model reads every picture at {side} × {side} pixels. Choose a larger picture size in the settings, or "
        "cut large pictures into parts and mark these.",
        side=side,
    )
    fault = Fault("boxes_too_small", _TOO_SMALL, hint, partial(_too_small, side))
    yield from _marks.counted(case, (fault,), rows)
    in_use = [size for (_, size), split in zip(rows, case.view.split, strict=True) if split != LEFT_OUT and min(size)]
    yield from _far_apart(in_use, side)


_TOO_SMALL = partial(
    text_plural,
    "{count} box is less than 8 pixels wide or high when the model reads its picture; it will hardly be found.",
    "{count} boxes are less than 8 pixels wide or high when the model reads their pictures; they will hardly be found.",
)


def read_side(model: Path | None) -> int:
    """Return the side of the square that a model reads pictures at, the usual one where it does not say."""
    try:
        config = parse((model / "config.json").read_bytes()) if model is not None else None
    except (OSError, JsonError):
        return READ_SIDE
    side = config.get("image_size") if isinstance(config, dict) and config.get("model_type") == "ssdlite" else None
    return side if isinstance(side, int) and side > 0 else READ_SIDE


def _too_small(side: int, found: Found, size: Size) -> int:
    if not min(size):
        return 0
    across, down = side / size[0], side / size[1]
    return sum(one.is_sound and min(one.width * across, one.height * down) < LEAST for one in found)


def _far_apart(sizes: list[Size], side: int) -> Iterator[Problem]:
    small, large = (choose(sizes, key=lambda one: one[0] * one[1], default=(0, 0)) for choose in (min, max))
    if small[0] and large[0] * large[1] >= APART * small[0] * small[1]:
        yield Problem(
            severity=Severity.NOTE,
            code="sizes_far_apart",
            message=text(
                "The pictures are of very different sizes, from {small} to {large} pixels.",
                small=f"{small[0]} × {small[1]}",
                large=f"{large[0]} × {large[1]}",
            ),
            hint=text("All are read at {side} × {side} pixels, so things in the largest become smallest.", side=side),
        )
