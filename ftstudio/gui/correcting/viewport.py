"""Which part of a picture is looked at, how closely: from points of the picture to points of the screen and back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF

from ftstudio.core.boxes import Box

CLOSEST = 16.0  # screen pixels a pixel of the picture


@dataclass(frozen=True)
class Viewport:
    """A picture of `size` pixels behind a window of `view` pixels, at `scale` screen pixels a pixel.

    `left` and `top` are where the picture's corner lies on the screen; with `fits` it is kept whole and as large as
    there is room.
    """

    size: tuple[float, float]
    view: tuple[float, float]
    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0
    fits: bool = True

    @property
    def fitting_scale(self) -> float:
        """The scale at which the whole picture is seen."""
        return max(1e-3, min(self.view[0] / max(1.0, self.size[0]), self.view[1] / max(1.0, self.size[1])))

    def fitted(self) -> Viewport:
        """Return the view of the whole picture."""
        scale = min(CLOSEST, self.fitting_scale)
        left, top = ((view - side * scale) / 2 for view, side in zip(self.view, self.size, strict=True))
        return replace(self, scale=scale, left=left, top=top, fits=True)

    def resized(self, width: float, height: float) -> Viewport:
        """Return the view in a window of another size."""
        other = replace(self, view=(width, height))
        return other.fitted() if self.fits else other.held()

    def zoomed(self, factor: float, at: tuple[float, float]) -> Viewport:
        """Return a closer or wider view; what lies under the point `at` of the screen stays there."""
        scale = min(CLOSEST, self.scale * factor)
        if scale <= self.fitting_scale:
            return self.fitted()
        x, y = self.to_picture(*at)
        return replace(self, scale=scale, left=at[0] - x * scale, top=at[1] - y * scale, fits=False).held()

    def shifted(self, across: float, down: float) -> Viewport:
        """Return the view moved along the picture, by pixels of the screen."""
        return self if self.fits else replace(self, left=self.left + across, top=self.top + down).held()

    def showing(self, box: Box) -> Viewport:
        """Return the view moved so that a box is seen; where some of it is, the view stays."""
        frame = self.frame_of(box)
        if self.fits or frame.intersects(QRectF(0, 0, *self.view)):
            return self
        centre = frame.center()
        return self.shifted(self.view[0] / 2 - centre.x(), self.view[1] / 2 - centre.y())

    def held(self) -> Viewport:
        """Return the view pushed back where it left the picture; a side that is seen whole is centred."""
        places = []
        for view, side, start in ((self.view[0], self.size[0], self.left), (self.view[1], self.size[1], self.top)):
            long = side * self.scale
            places.append((view - long) / 2 if long <= view else min(0.0, max(view - long, start)))
        return replace(self, left=places[0], top=places[1])

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """Return the point of the picture that lies at a point of the screen."""
        return (x - self.left) / self.scale, (y - self.top) / self.scale

    def to_screen(self, x: float, y: float) -> QPointF:
        """Return where on the screen a point of the picture lies."""
        return QPointF(self.left + x * self.scale, self.top + y * self.scale)

    def frame_of(self, box: Box) -> QRectF:
        """Return where on the screen a box lies."""
        return QRectF(self.to_screen(box.x, box.y), self.to_screen(box.x + box.width, box.y + box.height))

    def seen(self) -> QRectF:
        """Return the part of the picture that is seen, in its pixels."""
        left, top = self.to_picture(0, 0)
        right, bottom = self.to_picture(*self.view)
        return QRectF(QPointF(left, top), QPointF(right, bottom)).intersected(QRectF(0, 0, *self.size))
