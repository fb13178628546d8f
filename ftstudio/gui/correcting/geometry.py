"""How a box changes under a hand: moved, pulled by an edge or a corner, drawn anew; always inside its picture.

Points and sizes are in pixels of the upright picture. A handle is named by the edges that it moves: `l`, `t`, `r`, `b`
or two of them; `""` is the inside of a box.
"""

from __future__ import annotations

from collections.abc import Sequence

from ftstudio.core.boxes import Box

HANDLES = ("lt", "t", "rt", "r", "rb", "b", "lb", "l")
INSIDE = ""
LEAST = 1.0

Point = tuple[float, float]
Size = tuple[float, float]


def moved(box: Box, across: float, down: float, size: Size) -> Box:
    """Return a box pushed along; at the edge of the picture it stops and keeps its size."""
    x = min(max(0.0, box.x + across), max(0.0, size[0] - box.width))
    y = min(max(0.0, box.y + down), max(0.0, size[1] - box.height))
    return box.model_copy(update={"x": x, "y": y})


def pulled(box: Box, handle: str, across: float, down: float, size: Size) -> Box:
    """Return a box whose edges named by `handle` are moved; pulled past the other edge, it turns over."""
    if handle == INSIDE:
        return moved(box, across, down, size)
    left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    left, right = left + across * ("l" in handle), right + across * ("r" in handle)
    top, bottom = top + down * ("t" in handle), bottom + down * ("b" in handle)
    return spanned(box.label, (left, top), (right, bottom), size)


def spanned(label: str, one: Point, other: Point, size: Size) -> Box:
    """Return the box between two corners, cut at the edges of the picture, at least a pixel wide and high."""
    xs, ys = (sorted(min(max(0.0, point[axis]), size[axis]) for point in (one, other)) for axis in (0, 1))
    x, y = min(xs[0], size[0] - LEAST), min(ys[0], size[1] - LEAST)
    return Box(label=label, x=x, y=y, width=max(LEAST, xs[1] - x), height=max(LEAST, ys[1] - y))


def handle_at(box: Box, point: Point, reach: float) -> str | None:
    """Return the handle of a box near a point, `INSIDE` in its middle, None away from it.

    Along its whole edges a box can be pulled; of what lies within `reach` the nearest corner or edge is meant. In a box
    too small for that its middle half moves it.
    """
    left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    x, y = point
    if not (left - reach <= x <= right + reach and top - reach <= y <= bottom + reach):
        return None
    inward = (min(reach, box.width / 4), min(reach, box.height / 4))
    across = "l" if x < left + inward[0] else "r" if x > right - inward[0] else ""
    along = "t" if y < top + inward[1] else "b" if y > bottom - inward[1] else ""
    return across + along


def box_at(boxes: Sequence[Box], point: Point, reach: float, after: int = -1) -> int:
    """Return which box lies under a point, the smallest first and -1 for none; of several, the one `after` another."""
    under = [at for at, box in enumerate(boxes) if box.is_sound and handle_at(box, point, reach) is not None]
    under.sort(key=lambda at: boxes[at].width * boxes[at].height)
    if after in under:
        return under[(under.index(after) + 1) % len(under)]
    return under[0] if under else -1


def place_of(box: Box, handle: str) -> Point:
    """Return where a handle of a box lies."""
    x = box.x if "l" in handle else box.x + box.width if "r" in handle else box.x + box.width / 2
    y = box.y if "t" in handle else box.y + box.height if "b" in handle else box.y + box.height / 2
    return x, y
