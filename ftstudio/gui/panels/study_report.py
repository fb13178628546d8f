"""The result of a study: what it advises, the charts, tables and rows it rests on, and whether it is still true."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core.advice import Cell, Table
from ftstudio.core.quantities import byte_size, duration, score
from ftstudio.core.text import Text
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts.advice_chart import AdviceChart
from ftstudio.gui.panels.advice_card import AdviceCard
from ftstudio.gui.panels.pair_list import PairList
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.feedback import Banner
from ftstudio.gui.widgets.labels import caption
from ftstudio.gui.widgets.number_table import NumberTable
from ftstudio.project.studies import StudyReport

WRITERS = {"score": score, "seconds": duration, "bytes": byte_size, "plain": number}


class StudyResult(QWidget):
    """Emits `chosen(Remedy)`. `outdated` says why the advice may no longer hold, empty when it does.

    Pictures of rows are looked for below `folder`.
    """

    chosen = Signal(object)

    def __init__(self, report: StudyReport, outdated: str, *, may_act: bool, folder: Path = Path()) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.L)
        if outdated:
            column.addWidget(Banner(outdated, "warning", tr("Start it again to be sure.")))
        self.cards = [AdviceCard(advice, may_act=may_act, is_outdated=bool(outdated)) for advice in report.advice]
        for card in self.cards:
            card.chosen.connect(self.chosen)
            column.addWidget(card)
        self.charts = [AdviceChart(chart) for chart in report.charts]
        self.tables = [_table(one) for one in report.tables]
        self.pairs = [PairList(one, folder) for one in report.pairs]
        for widget in (*self.charts, *self.tables, *self.pairs):
            column.addWidget(widget)
        column.addWidget(caption(tr("Measured in {time}.").format(time=duration(report.seconds))))
        column.addStretch(1)


def _table(one: Table) -> Card:
    card = Card(one.title.render())
    made = NumberTable(one.title.render(), [column.render() for column in one.columns], sortable=False)
    made.show_rows([[(_written(cell, one.unit), _value(cell)) for cell in row] for row in one.rows])
    made.widen_columns()
    made.fit_height()
    card.add(made)
    return card


def _written(cell: Cell, unit: str) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return WRITERS[unit](cell)
    return number(cell) if isinstance(cell, int) else str(cell)


def _value(cell: Cell) -> object:
    return cell.render() if isinstance(cell, Text) else cell
