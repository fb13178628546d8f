"""How each label fares: rows, precision, recall and F1."""

from __future__ import annotations

from ftstudio.core.quantities import score
from ftstudio.core.translation import number, tr
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.number_table import NumberTable


class ResultClasses(Card):
    """The per-class table of one split."""

    def __init__(self) -> None:
        super().__init__(tr("By label"))
        headers = [tr("label"), tr("rows"), tr("precision"), tr("recall"), "F1"]
        self.classes = NumberTable(tr("Scores by label"), headers)
        self.body.addWidget(self.classes, 1)

    def show_result(self, document: RunDocument, split: str) -> None:
        """Show the labels on the rows of a split."""
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
