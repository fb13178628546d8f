"""A picture with boxes to be corrected by mouse and keyboard, smooth with large pictures.

Drag a box to move it, its edge to resize it, empty ground (or anything, with Shift) to draw a new one; the wheel zooms,
the middle button moves the picture. By keyboard: Tab goes through the boxes, arrows move the chosen one (with Shift
they resize it, with Ctrl ten pixels at a time), N adds one, Delete takes it away, + - and F zoom.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ftstudio.core.boxes import Box
from ftstudio.core.translation import N_, tr
from ftstudio.gui import theme
from ftstudio.gui.correcting import geometry
from ftstudio.gui.correcting.drag import Drag
from ftstudio.gui.correcting.painting import paint_boxes, paint_picture
from ftstudio.gui.correcting.pyramid import Pyramid
from ftstudio.gui.correcting.viewport import Viewport

REACH = 7.0  # screen pixels from an edge within which it is meant
PAUSE_MS = 350  # after the last press of an arrow, its moves are one edit
ZOOM = 1.25
NOTHING = -1
MOVE, RESIZE, ADD = N_("move a box"), N_("resize a box"), N_("add a box")
DELETE, RENAME = N_("delete a box"), N_("rename a box")

_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
_CURSORS = {
    "": Qt.CursorShape.SizeAllCursor,
    **dict.fromkeys(("l", "r"), Qt.CursorShape.SizeHorCursor),
    **dict.fromkeys(("t", "b"), Qt.CursorShape.SizeVerCursor),
    **dict.fromkeys(("lt", "rb"), Qt.CursorShape.SizeFDiagCursor),
    **dict.fromkeys(("rt", "lb"), Qt.CursorShape.SizeBDiagCursor),
}


class BoxCanvas(QWidget):
    """`edited(boxes, title)` when a correction is made, `chosen(int)` when another box is; `kind` is what a new box is
    of.
    """

    edited = Signal(object, str)
    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.boxes: tuple[Box, ...] = ()
        self.selected, self.kind, self.may_change = NOTHING, "", True
        self.view = Viewport((1, 1), (1, 1))
        self._pyramid: Pyramid | None = None
        self._drag: Drag | None = None
        self._waiting = ""
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.finish)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(240, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Picture with its boxes"))
        self._keys: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_N: self.add_one,
            Qt.Key.Key_Delete: self.delete,
            Qt.Key.Key_Backspace: self.delete,
            Qt.Key.Key_Escape: lambda: self.choose(NOTHING),
            Qt.Key.Key_Plus: lambda: self.zoom(ZOOM),
            Qt.Key.Key_Equal: lambda: self.zoom(ZOOM),
            Qt.Key.Key_Minus: lambda: self.zoom(1 / ZOOM),
            Qt.Key.Key_F: self.fit,
        }

    def sizeHint(self) -> QSize:
        """Ask for much room."""
        return QSize(640, 480)

    # Showing

    def show_picture(self, pyramid: Pyramid | None) -> None:
        """Show another picture, whole; None while it is being read."""
        self._pyramid, self._drag = pyramid, None
        size = pyramid.size if pyramid is not None else (1, 1)
        self.view = Viewport(size, (self.width(), self.height())).fitted()
        self.update()

    def show_boxes(self, boxes: Sequence[Box], selected: int = NOTHING) -> None:
        """Show the boxes as they are on disk."""
        self._pause.stop()
        self._waiting, self._drag, self.boxes = "", None, tuple(boxes)
        self.choose(selected)

    def choose(self, at: int) -> None:
        """Choose a box; the picture moves if it is out of sight."""
        if at != self.selected:
            self.finish()
        self.selected = at = at if at < len(self.boxes) else NOTHING
        if at >= 0 and self.boxes[at].is_sound and self._drag is None:
            self.view = self.view.showing(self.boxes[at])
        words = [f"{box.label} {box.width:.0f} × {box.height:.0f}" for box in self.boxes]
        self.setAccessibleDescription(words[at] if at >= 0 else ", ".join(words))
        self.chosen.emit(at)
        self.update()

    @property
    def size_of_picture(self) -> geometry.Size:
        """Width and height of the picture in its pixels."""
        return self.view.size

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw picture and boxes."""
        painter, tokens = QPainter(self), theme.current()
        painter.fillRect(self.rect(), tokens.color("sunken"))
        if self._pyramid is None or not self._pyramid.levels:
            painter.setPen(tokens.color("muted" if self._pyramid is None else "danger"))
            words = tr("Reading the picture…") if self._pyramid is None else tr("This picture cannot be read.")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)
        else:
            paint_picture(painter, self._pyramid, self.view)
            paint_boxes(painter, self.boxes, self.selected, self.view)
        if self.hasFocus():
            painter.setPen(tokens.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the whole picture whole."""
        self.view = self.view.resized(self.width(), self.height())

    def zoom(self, factor: float, at: tuple[float, float] | None = None) -> None:
        """Look closer or from further away."""
        self.view = self.view.zoomed(factor, at or (self.width() / 2, self.height() / 2))
        self.update()

    def fit(self) -> None:
        """Show the whole picture."""
        self.view = self.view.fitted()
        self.update()

    # Correcting

    @property
    def _can_correct(self) -> bool:
        return self.may_change and self._pyramid is not None and bool(self._pyramid.levels)

    def add_one(self) -> None:
        """Put a new box into the middle of what is seen."""
        seen = self.view.seen()
        centre, half = seen.center(), (seen.width() / 8, seen.height() / 8)
        corners = [(centre.x() + way * half[0], centre.y() + way * half[1]) for way in (-1, 1)]
        self._add(geometry.spanned(self.kind, corners[0], corners[1], self.size_of_picture))

    def delete(self) -> None:
        """Take the chosen box away."""
        if self._has_chosen:
            gone, left = self.selected, len(self.boxes) - 1
            self._put([box for at, box in enumerate(self.boxes) if at != gone], DELETE, min(gone, left - 1))

    def rename(self, kind: str) -> None:
        """Say that the chosen box is of another kind; new ones are of it, too."""
        self.kind = kind
        if self._has_chosen and self.boxes[self.selected].label != kind:
            self._change(self.boxes[self.selected].model_copy(update={"label": kind}))
            self._tell(RENAME)

    def finish(self) -> None:
        """Let what the arrows did so far be an edit."""
        self._pause.stop()
        if self._waiting:
            self._tell(self._waiting)

    @property
    def _has_chosen(self) -> bool:
        return self._can_correct and 0 <= self.selected < len(self.boxes)

    def _add(self, box: Box) -> None:
        if self._can_correct and self.kind:
            self.finish()
            self._put([*self.boxes, box], ADD, len(self.boxes))

    def _change(self, box: Box) -> None:
        self.boxes = tuple(box if at == self.selected else one for at, one in enumerate(self.boxes))
        self.update()

    def _put(self, boxes: Sequence[Box], title: str, selected: int) -> None:
        self.finish()
        self.boxes, self.selected = tuple(boxes), selected
        self._tell(title)
        self.choose(selected)

    def _tell(self, title: str) -> None:
        self._waiting = ""
        self.edited.emit(self.boxes, title)

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a box, an edge, new ground, or the picture itself."""
        self.setFocus()
        at = (event.position().x(), event.position().y())
        if event.button() is Qt.MouseButton.MiddleButton:
            self._drag = Drag.of_picture(at)
        elif event.button() is Qt.MouseButton.LeftButton and self._pyramid is not None:
            self.finish()
            point, reach = self.view.to_picture(*at), REACH / self.view.scale
            draws = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._drag = Drag.begin(self.boxes, self.selected, point, reach, draws=draws and self.may_change)
            if self._drag.box != self.selected:
                self.choose(self._drag.box)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the hand."""
        at = (event.position().x(), event.position().y())
        if self._drag is None:
            self._show_cursor(at)
        elif self._drag.is_of_picture:
            self.view = self.view.shifted(*self._drag.step(at))
            self.update()
        elif self._can_correct:
            self.boxes, self.selected = self._drag.drawn(self.view.to_picture(*at), self.size_of_picture, self.kind)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Make what was dragged an edit; a mere click on a chosen box chooses the one below."""
        drag, self._drag = self._drag, None
        if drag is None or drag.is_of_picture:
            return
        if self.boxes != drag.before:
            self._tell(drag.title)
            self.choose(self.selected)
        elif drag.was_chosen:
            point = self.view.to_picture(event.position().x(), event.position().y())
            self.choose(geometry.box_at(self.boxes, point, REACH / self.view.scale, after=self.selected))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom where the pointer is."""
        steps = event.angleDelta().y() / 120
        self.zoom(ZOOM**steps, (event.position().x(), event.position().y()))
        event.accept()

    def _show_cursor(self, at: tuple[float, float]) -> None:
        point, reach = self.view.to_picture(*at), REACH / self.view.scale
        handle = geometry.handle_at(self.boxes[self.selected], point, reach) if self._has_chosen else None
        if handle is None and geometry.box_at(self.boxes, point, reach) < 0:
            self.setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.setCursor(_CURSORS[handle or ""])

    # Keyboard

    def event(self, event: QEvent) -> bool:
        """Before an undo what the arrows did is an edit; Tab goes through the boxes before it leaves the picture."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.matches(QKeySequence.StandardKey.Undo):
                self.finish()
        elif event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            way = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}.get(Qt.Key(event.key()), 0)
            if way and self._go_on(way):
                return True
        return super().event(event)

    def _go_on(self, way: int) -> bool:
        following = self.selected + way if self.selected >= 0 else (0 if way > 0 else NOTHING)
        inside = 0 <= following < len(self.boxes)
        self.choose(following if inside else NOTHING)
        return inside

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, resize, add, delete, zoom."""
        key = Qt.Key(event.key())
        act = self._keys.get(key)
        if key in _ARROWS and self._has_chosen:
            self._push(_ARROWS[key], event.modifiers())
        elif act is not None and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            act()
        else:
            super().keyPressEvent(event)

    def _push(self, way: tuple[int, int], held: Qt.KeyboardModifier) -> None:
        resizes = bool(held & Qt.KeyboardModifier.ShiftModifier)
        step = 10 if held & Qt.KeyboardModifier.ControlModifier else 1
        title = RESIZE if resizes else MOVE
        if self._waiting not in ("", title):
            self.finish()
        across, down = way[0] * step, way[1] * step
        box = self.boxes[self.selected]
        self._change(geometry.pulled(box, "rb" if resizes else "", across, down, self.size_of_picture))
        self._waiting = title
        self._pause.start()
