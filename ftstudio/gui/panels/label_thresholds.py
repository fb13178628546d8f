"""From which probability on each of several labels is given: a table of all, and a curve for the chosen one."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from ftstudio.core.deciding import USUAL
from ftstudio.core.metrics import shown_title
from ftstudio.core.quantities import percent, score
from ftstudio.core.row_words import name_rows
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.panels.one_threshold import OneThreshold
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.labels import caption, label
from ftstudio.gui.widgets.number_table import NumberTable
from ftstudio.planning.quality.label_thresholds import LabelLook

NARROW = 860
TABLE_SHARE, CURVE_SHARE = 5, 6
MOST_ROWS_HIGH = 8  # of the table, before it scrolls in a small window


class LabelThresholdsPanel(QWidget):
    """`chosen` carries a decision with other thresholds and the name of that edit; until then nothing is changed."""

    chosen = Signal(object, str)

    def __init__(self) -> None:
        super().__init__()
        self._look: LabelLook | None = None
        self._can_choose = False
        self.wanted: dict[str, float] = {}
        self.table = NumberTable(
            tr("Thresholds by label"),
            [tr("label"), tr("rows"), tr("given from"), tr("precision"), tr("recall"), "F1"],
            sortable=False,
        )
        self.table.currentCellChanged.connect(lambda row, *_: self._choose_label(row))
        self.one = OneThreshold()
        self.one.moved.connect(self._move)
        self.sentence, self.note = label("", wrap=True), caption("", wrap=True)
        self.save_all = button(tr("Save the thresholds"), "primary", clicked=self._save)
        self.by_validation = button(tr("As validation chose"), clicked=self._take_validation)
        self.usual = button(tr("All from 50 %"), clicked=lambda: self._take({}))
        self._lay_out()

    def _lay_out(self) -> None:
        card = Card(tr("From when on is each label given?"))
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        for part in (self.save_all, self.by_validation, self.usual):
            row.addWidget(part)
        row.addStretch(1)
        card.body.addWidget(self.table, 1)
        card.add(self.sentence, self.note)
        card.body.addLayout(row)
        self._pair = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._pair.setContentsMargins(0, 0, 0, 0)
        self._pair.setSpacing(theme.L)
        self._pair.addWidget(card, TABLE_SHARE)
        self._pair.addWidget(self.one, CURVE_SHARE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the curve stands below the table."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        self._pair.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    def show_look(self, look: LabelLook, *, can_write: bool) -> None:
        """Show the rows looked at with the thresholds in force; the label that was chosen stays."""
        before = self.one.label_name
        self._look, self._can_choose = look, can_write and look.may_choose
        self.wanted = dict(look.decision.thresholds)
        self.note.setText(name_rows(tr("Choose them on validation rows; test rows only tell how it turned out.")))
        self.note.setHidden(look.may_choose)
        self.table.blockSignals(True)
        self._fill()
        at = list(look.labels).index(before) if before in look.labels else 0
        self.table.setCurrentCell(at, 0)
        self.table.blockSignals(False)
        self._choose_label(at)
        self._tell()

    def _at(self, name: str) -> float:
        return self.wanted.get(name, USUAL)

    def _fill(self) -> None:
        look = self._look
        if look is None:
            return
        rows = []
        for at, name in enumerate(look.labels):
            made, there = look.effect(name, self._at(name)), int(look.there[:, at].sum())
            shares = [(score(one), one) for one in (made.precision, made.recall, made.f1)]
            rows.append([(name, name), (number(there), there), (percent(self._at(name), 1), self._at(name)), *shares])
        chosen = self.table.currentRow()
        self.table.show_rows(rows)
        self.table.widen_columns()
        header = self.table.horizontalHeader().sizeHint().height()
        self.table.setMinimumHeight(header + min(len(rows), MOST_ROWS_HIGH) * theme.ROW + theme.XS)
        self.table.setCurrentCell(chosen, 0)

    def _choose_label(self, row: int) -> None:
        look = self._look
        if look is not None and 0 <= row < len(look.labels):
            name = look.labels[row]
            self.one.show_label(look, name, self._at(name), can_choose=self._can_choose)

    def _move(self, name: str, threshold: float) -> None:
        self._set({**self.wanted, name: threshold})

    def _take(self, thresholds: Mapping[str, float]) -> None:
        self._set(thresholds)
        self._choose_label(self.table.currentRow())

    def _take_validation(self) -> None:
        if self._look is not None and self._look.by_validation is not None:
            self._take(self._look.by_validation)

    def _set(self, thresholds: Mapping[str, float]) -> None:
        self.wanted = {name: at for name, at in thresholds.items() if at != USUAL}
        self.table.blockSignals(True)
        self._fill()
        self.table.blockSignals(False)
        self._tell()

    def _tell(self) -> None:
        """Say what all thresholds together do, and which of the buttons would change anything."""
        look = self._look
        if look is None:
            return
        now, before = look.rates(self.wanted), look.rates(look.decision.thresholds)
        differs = self.wanted != look.decision.thresholds
        said = tr("{micro} {micro_f1}, {macro} {macro_f1}; {exact} of rows have just the right labels.").format(
            micro=shown_title("micro_f1"),
            micro_f1=score(now["micro_f1"]),
            macro=shown_title("macro_f1"),
            macro_f1=score(now["macro_f1"]),
            exact=percent(now["subset_accuracy"], 1),
        )
        if differs:
            kept = tr("As it is saved: {micro_f1}, {macro_f1} and {exact}.").format(
                micro_f1=score(before["micro_f1"]),
                macro_f1=score(before["macro_f1"]),
                exact=percent(before["subset_accuracy"], 1),
            )
            said = f"{said} {kept}"
        self.sentence.setText(said)
        self.save_all.setEnabled(self._can_choose and differs)
        offered = look.by_validation
        self.by_validation.setEnabled(self._can_choose and offered is not None and dict(offered) != self.wanted)
        self.usual.setEnabled(self._can_choose and bool(self.wanted))

    def _save(self) -> None:
        if self._look is not None:
            decision = self._look.decision.model_copy(update={"thresholds": self.wanted})
            self.chosen.emit(decision, tr("choose thresholds"))
