"""How each label, or kind of place, fares: how many there are, precision, recall and F1."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTableWidgetItem

from ftstudio.core.quantities import score
from ftstudio.core.row_words import name_rows
from ftstudio.core.specs import Answer
from ftstudio.core.translation import number, tr
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.number_table import NumberTable


class ResultClasses(Card):
    """The per-class table of one split. `label_chosen` tells that a row was double-clicked, or Enter pressed on it."""

    label_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__(tr("By label"))
        headers = [tr("label"), tr("rows"), tr("precision"), tr("recall"), "F1"]
        self.classes = NumberTable(tr("Scores by label"), headers)
        self.classes.itemActivated.connect(self._activate)
        self.body.addWidget(self.classes, 1)

    def _activate(self, item: QTableWidgetItem) -> None:
        first = self.classes.item(item.row(), 0)
        if first is not None:
            self.label_chosen.emit(first.text())

    def _name(self, answer: Answer) -> None:
        """Call the rows and the counts what they are."""
        places = answer in (Answer.SPANS, Answer.BOXES)
        self.title_label.setText(
            tr("By kind of thing") if answer is Answer.BOXES else tr("By kind of place") if places else tr("By label")
        )
        for at, words in enumerate(
            (tr("kind"), tr("things") if answer is Answer.BOXES else tr("places"))
            if places
            else (tr("label"), name_rows(tr("rows")))
        ):
            if (header := self.classes.horizontalHeaderItem(at)) is not None:
                header.setText(words)
        tip = (
            tr("Double-click a kind to see its samples.") if places else tr("Double-click a label to see its samples.")
        )
        self.classes.setToolTip(tip)

    def show_result(self, document: RunDocument, split: str, answer: Answer = Answer.LABEL) -> None:
        """Show the labels, or kinds of places, on the rows of a split."""
        self._name(answer)
        self.classes.show_rows(
            [
                [
                    (row.label, row.label),
                    (number(row.rows), row.rows),
                    *((score(value), value) for value in (row.precision, row.recall, row.f1)),
                ]
                for row in document.classes(split)
            ]
        )
        self.classes.widen_columns()
