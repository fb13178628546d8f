"""Beside a picture under correction: its boxes as a list, and the kinds of things they can be."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem

from ftstudio.core.boxes import Box
from ftstudio.core.translation import number, tr, tr_plural
from ftstudio.gui import theme
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.labels import caption, section

WIDTH = 284
DIGITS = 9


class BoxSide(Card):
    """`box_chosen(int)`, `kind_chosen(str)`, `add_asked()`, `delete_asked()`."""

    box_chosen = Signal(int)
    kind_chosen = Signal(str)
    add_asked = Signal()
    delete_asked = Signal()

    def __init__(self) -> None:
        super().__init__(margin=theme.M)
        self.setFixedWidth(WIDTH)
        self.counted = section("")
        self.boxes, self.kinds = QListWidget(), QListWidget()
        self.boxes.setAccessibleName(tr("Boxes of this picture"))
        self.kinds.setAccessibleName(tr("Kinds of things"))
        for one in (self.boxes, self.kinds):
            one.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.boxes.currentRowChanged.connect(self.box_chosen)
        self.kinds.itemClicked.connect(lambda item: self.kind_chosen.emit(item.data(Qt.ItemDataRole.UserRole)))
        self.kinds.itemActivated.connect(lambda item: self.kind_chosen.emit(item.data(Qt.ItemDataRole.UserRole)))
        self.add_button = button(tr("Add (N)"), icon="plus", clicked=self.add_asked.emit)
        self.delete_button = button(tr("Delete"), icon="trash", tip=tr("Delete"), clicked=self.delete_asked.emit)
        self.new_kind = QLineEdit()
        self.new_kind.setPlaceholderText(tr("Another kind…"))
        self.new_kind.setAccessibleName(tr("Name of another kind"))
        self.new_kind.setMaxLength(80)
        self.new_kind.returnPressed.connect(self._take_new)
        self.help = caption(
            tr("Drag to move or to draw, edges resize. Tab and arrows do the same by keyboard; Ctrl+Z takes it back."),
            wrap=True,
        )
        self._lay_out()

    def _lay_out(self) -> None:
        acts = QHBoxLayout()
        acts.setSpacing(theme.S)
        acts.addWidget(self.add_button)
        acts.addWidget(self.delete_button)
        acts.addStretch(1)
        self.body.addWidget(self.counted)
        self.body.addWidget(self.boxes, 3)
        self.body.addLayout(acts)
        self.body.addSpacing(theme.S)
        self.body.addWidget(section(tr("What it is")))
        self.body.addWidget(self.kinds, 2)
        self.body.addWidget(self.new_kind)
        self.body.addWidget(self.help)

    def show_kinds(self, kinds: Sequence[str], kind: str) -> None:
        """Show the kinds there are; digits choose the first nine."""
        self.kinds.clear()
        for at, one in enumerate(kinds):
            self.kinds.addItem(self._item(f"{at + 1}  {one}" if at < DIGITS else one, one))
        self.mark_kind(kind)

    def show_boxes(self, boxes: Sequence[Box]) -> None:
        """List the boxes of a picture."""
        words = tr_plural("One box", "{count} boxes", len(boxes)) if boxes else tr("No boxes")
        self.counted.setText(words.format(count=number(len(boxes))))
        self.boxes.blockSignals(True)
        self.boxes.clear()
        for box in boxes:
            self.boxes.addItem(self._item(_line(box), box.label))
        self.boxes.blockSignals(False)

    def mark(self, at: int, boxes: Sequence[Box], *, may_change: bool) -> None:
        """Show which box is chosen, and what it is."""
        self.boxes.blockSignals(True)
        self.boxes.setCurrentRow(at)
        self.boxes.blockSignals(False)
        self.delete_button.setEnabled(may_change and at >= 0)
        self.add_button.setEnabled(may_change)
        self.new_kind.setEnabled(may_change)
        if 0 <= at < len(boxes):
            self.mark_kind(boxes[at].label)

    def mark_kind(self, kind: str) -> None:
        """Show which kind is chosen."""
        rows = [at for at in range(self.kinds.count()) if self._kind(at) == kind]
        self.kinds.setCurrentRow(rows[0] if rows else -1)

    def kind_of_digit(self, digit: int) -> str:
        """Return the kind that a digit from 1 stands for; empty for none."""
        return self._kind(digit - 1) if 1 <= digit <= min(DIGITS, self.kinds.count()) else ""

    def _kind(self, at: int) -> str:
        return str(self.kinds.item(at).data(Qt.ItemDataRole.UserRole))

    def _take_new(self) -> None:
        name = self.new_kind.text().strip()
        self.new_kind.clear()
        if name:
            self.kind_chosen.emit(name)

    @staticmethod
    def _item(words: str, value: str) -> QListWidgetItem:
        item = QListWidgetItem(words)
        item.setData(Qt.ItemDataRole.UserRole, value)
        item.setSizeHint(QSize(0, theme.TARGET))
        return item


def _line(box: Box) -> str:
    if not box.is_sound:
        return tr("{label}: has no area").format(label=box.label)
    size = tr("{width} × {height} pixels").format(width=number(round(box.width)), height=number(round(box.height)))
    return f"{box.label}  ·  {size}"
