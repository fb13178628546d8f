"""One drag of the mouse: what was taken hold of, and what the boxes are while it is being moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ftstudio.core.boxes import Box
from ftstudio.core.translation import N_
from ftstudio.gui.correcting import geometry
from ftstudio.gui.correcting.geometry import INSIDE, Point, Size

PICTURE, NEW = "picture", "new"
SMALLEST = 3.0  # pixels: what is drawn smaller is no box, but an unsteady click


@dataclass
class Drag:
    """`box` is the one held (-1: none), `handle` what of it, or `NEW`, or `PICTURE`; `begun` where, in pixels of the
    picture (of the screen, for the picture itself).
    """

    before: tuple[Box, ...]
    box: int
    handle: str
    begun: Point
    was_chosen: bool = False

    @classmethod
    def of_picture(cls, at: Point) -> Drag:
        """Return one that moves the picture."""
        return cls((), -1, PICTURE, at)

    @classmethod
    def begin(cls, boxes: Sequence[Box], chosen: int, point: Point, reach: float, *, draws: bool) -> Drag:
        """Take hold of what lies under a point: a handle of the chosen box, another box, else new ground."""
        held = tuple(boxes)
        if draws:
            return cls(held, -1, NEW, point)
        if 0 <= chosen < len(held) and held[chosen].is_sound:
            handle = geometry.handle_at(held[chosen], point, reach)
            if handle is not None:
                return cls(held, chosen, handle, point, was_chosen=handle == INSIDE)
        under = geometry.box_at(held, point, reach)
        return cls(held, under, INSIDE if under >= 0 else NEW, point)

    @property
    def is_of_picture(self) -> bool:
        """Whether the picture itself is moved."""
        return self.handle == PICTURE

    @property
    def title(self) -> str:
        """What is being done."""
        return {INSIDE: N_("move a box"), NEW: N_("add a box")}.get(self.handle, N_("resize a box"))

    def step(self, at: Point) -> Point:
        """Return how far the hand has moved since it was last asked."""
        far = at[0] - self.begun[0], at[1] - self.begun[1]
        self.begun = at
        return far

    def drawn(self, point: Point, size: Size, kind: str) -> tuple[tuple[Box, ...], int]:
        """Return the boxes with the hand at a point, and which of them is held."""
        across, down = point[0] - self.begun[0], point[1] - self.begun[1]
        if self.handle == NEW:
            if not kind or min(abs(across), abs(down)) < SMALLEST:
                return self.before, -1
            return (*self.before, geometry.spanned(kind, self.begun, point, size)), len(self.before)
        changed = geometry.pulled(self.before[self.box], self.handle, across, down, size)
        return (*self.before[: self.box], changed, *self.before[self.box + 1 :]), self.box
