"""Looking at pictures one after the other and correcting their boxes, in the project's copy of the data.

Every correction is an edit of the project, on disk at once, that Ctrl+Z takes back; runs keep the boxes that they were
trained on. Page Up and Page Down go to the picture before and after, digits say what a box is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core import boxes
from ftstudio.core.boxes import Box
from ftstudio.core.errors import StudioError
from ftstudio.core.specs import ColumnRole
from ftstudio.core.translation import number, tr
from ftstudio.datasets import label_edits
from ftstudio.datasets.manifest import Edit
from ftstudio.datasets.store import Dataset
from ftstudio.gui import notifications, theme
from ftstudio.gui.correcting.album import Album
from ftstudio.gui.correcting.canvas import NOTHING, ZOOM, BoxCanvas
from ftstudio.gui.correcting.side import BoxSide
from ftstudio.gui.operations import Operations
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button, icon_button
from ftstudio.gui.widgets.elided import ElidedLabel
from ftstudio.gui.widgets.labels import caption, label


@dataclass(frozen=True)
class Correctable:
    """One picture: its place in the stored table, its name, its boxes, and whether these could be read."""

    place: int
    name: str
    boxes: tuple[Box, ...]
    is_readable: bool


class BoxCorrector(QWidget):
    """Shows the pictures at `places` of the stored table, one at a time. `shown(int)` names the place on show."""

    shown = Signal(int)

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__()
        self._session = session
        self.places: list[int] = []
        self.position = 0
        self._edits: tuple[Edit, ...] = ()
        self._own_kinds: list[str] = []
        self._put_place: int | None = None
        self.canvas, self.side, self.album = BoxCanvas(), BoxSide(), Album(operations)
        self.where, self.name, self.note = label("", "strong"), ElidedLabel("", "muted"), caption("")
        self._build()
        self._connect()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        head = QHBoxLayout()
        head.setSpacing(theme.S)
        self.previous = button(tr("Previous"), icon="chevron-left", clicked=lambda: self.go(-1))
        self.next = button(tr("Next"), icon="chevron-right", clicked=lambda: self.go(1))
        self.previous.setToolTip(tr("Page Up"))
        self.next.setToolTip(tr("Page Down"))
        head.addWidget(self.where)
        head.addWidget(self.name, 1)
        head.addWidget(self.note)
        for name, words, act in (
            ("minus", tr("Zoom out (-)"), lambda: self.canvas.zoom(1 / ZOOM)),
            ("plus", tr("Zoom in (+)"), lambda: self.canvas.zoom(ZOOM)),
            ("fit", tr("Show the whole picture (F)"), self.canvas.fit),
        ):
            head.addWidget(icon_button(name, words, clicked=act))
        head.addWidget(self.previous)
        head.addWidget(self.next)
        column.addLayout(head)
        body = QHBoxLayout()
        body.setSpacing(theme.L)
        body.addWidget(self.canvas, 1)
        body.addWidget(self.side)
        column.addLayout(body, 1)
        self.setFocusProxy(self.canvas)

    def _connect(self) -> None:
        self.canvas.edited.connect(self._store)
        self.canvas.chosen.connect(self._mark)
        self.side.box_chosen.connect(self.canvas.choose)
        self.side.kind_chosen.connect(self._rename)
        self.side.add_asked.connect(self.canvas.add_one)
        self.side.delete_asked.connect(self.canvas.delete)
        self.album.came.connect(self._picture_came)
        self._session.data_changed.connect(self._follow)

    def show_places(self, places: Sequence[int], first: int | None = None) -> None:
        """Go through some pictures, beginning with the one at a place."""
        self.places = list(places)
        self.position = self.places.index(first) if first in self.places else 0
        self._own_kinds = []
        self.album.forget()
        self.refresh()

    def go(self, by: int) -> None:
        """Go to another picture."""
        self.canvas.finish()
        self.position = min(max(0, self.position + by), max(0, len(self.places) - 1))
        self.refresh()

    def current(self) -> Correctable | None:
        """Return the picture on show as it is on disk; None where there is none."""
        dataset = self._session.dataset
        if dataset is None or not self.places:
            return None
        return _read(dataset, self.places[self.position])

    def refresh(self, selected: int = NOTHING) -> None:
        """Show the picture that is next, with its boxes as they are on disk."""
        session, dataset = self._session, self._session.dataset
        self._edits = tuple(dataset.edits) if dataset is not None else ()
        found = self.current()
        if dataset is None or found is None:
            return
        self.where.setText(
            tr("Picture {at} of {count}").format(at=number(self.position + 1), count=number(len(self.places)))
        )
        self.name.show_text(found.name)
        self.note.setText("" if found.is_readable else tr("Its boxes could not be read; what you draw replaces them."))
        self.canvas.may_change = session.can_write
        self.canvas.show_picture(self.album.get(found.place, dataset))
        self.album.prepare(self.places[self.position + 1 : self.position + 2], dataset)
        self._show_kinds(dataset)
        self._show_boxes(found, selected)
        self.previous.setEnabled(self.position > 0)
        self.next.setEnabled(self.position < len(self.places) - 1)
        self.shown.emit(found.place)

    def _show_kinds(self, dataset: Dataset) -> None:
        kinds = sorted({*dataset.label_counts(None), *self._own_kinds})
        if self.canvas.kind not in kinds:
            self.canvas.kind = kinds[0] if kinds else ""
        self.side.show_kinds(kinds, self.canvas.kind)

    def _show_boxes(self, found: Correctable, selected: int) -> None:
        self.side.show_boxes(found.boxes)
        self.canvas.show_boxes(found.boxes, selected)

    def _picture_came(self, place: int) -> None:
        dataset = self._session.dataset
        if dataset is not None and self.places and self.places[self.position] == place:
            self.canvas.show_picture(self.album.get(place, dataset))

    def _mark(self, at: int) -> None:
        self.side.mark(at, self.canvas.boxes, may_change=self._session.can_write)

    def _rename(self, kind: str) -> None:
        dataset = self._session.dataset
        if dataset is None:
            return
        if kind not in dataset.label_counts(None):
            self._own_kinds.append(kind)
        self.canvas.rename(kind)
        self._show_kinds(dataset)
        self.canvas.setFocus()

    # Storing

    def _store(self, changed: tuple[Box, ...], title: str) -> None:
        """Make a correction an edit of the project; what is refused is told, and what is on disk is shown."""
        if not self.places:
            return
        place, chosen = self.places[self.position], self.canvas.selected
        self._put_place = place
        try:
            self._session.set_boxes(place, changed, tr(title))
        except StudioError as error:
            notifications.centre().error(error)
            self.refresh(chosen)
        finally:
            self._put_place = None

    def _follow(self) -> None:
        """Show what is on disk; after an undo, the picture that it was about."""
        dataset = self._session.dataset
        if dataset is None or not self.places or not self.isVisible():
            return
        there = set(dataset.view.index.tolist())
        place = self._put_place if self._put_place is not None else self._place_of_change(dataset)
        now = self.places[self.position]
        self.places = [one for one in self.places if one in there]
        wanted = place if place in self.places else now
        stays = wanted == now
        self.position = self.places.index(wanted) if wanted in self.places else 0
        if stays:
            self._show_again(dataset)
        else:
            self.refresh()

    def _show_again(self, dataset: Dataset) -> None:
        """Show other boxes of the same picture, which stays as closely looked at as it was."""
        found = self.current()
        self._edits = tuple(dataset.edits)
        if found is not None:
            self._show_kinds(dataset)
            self._show_boxes(found, self.canvas.selected)

    def _place_of_change(self, dataset: Dataset) -> int | None:
        before, after = self._edits, tuple(dataset.edits)
        same = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), None)
        longer = max(before, after, key=len)
        same = min(len(before), len(after)) if same is None else same
        if same < len(longer) and longer[same].key == label_edits.RELABEL:
            return int(longer[same].params["place"])
        return None

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn pages, and choose a kind by its digit."""
        key = event.key()
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.go(1 if key == Qt.Key.Key_PageDown else -1)
        elif (kind := self.side.kind_of_digit(key - Qt.Key.Key_0)) and self._session.can_write:
            self._rename(kind)
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Lose nothing on the way out."""
        self.canvas.finish()
        super().hideEvent(event)


def _read(dataset: Dataset, place: int) -> Correctable:
    view = dataset.view
    at = int(np.searchsorted(view.index, place))
    cell, name = view.column(ColumnRole.LABEL)[at].as_py() or "", view.table["source"][at].as_py() or ""
    try:
        return Correctable(place, name, boxes.read(cell), is_readable=True)
    except ValueError:
        return Correctable(place, name, (), is_readable=not cell)
