"""What follows a run is redrawn in turns, one at a time, and nobody is forgotten."""

from __future__ import annotations

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from ftstudio.core.messages import Measured
from ftstudio.gui.charts.curve_chart import CurveChart
from ftstudio.gui.charts.curves import RunCurves
from ftstudio.gui.charts.turns import Turns
from ftstudio.gui.main_window import MainWindow


class Member(QObject):
    def __init__(self, name: str, told: list[str]) -> None:
        super().__init__()
        self.name, self.told, self.wants = name, told, True

    def redraw(self) -> bool:
        if self.wants:
            self.told.append(self.name)
        return self.wants


def test_one_is_redrawn_at_a_turn_and_all_in_order(qtbot: QtBot) -> None:
    turns, told = Turns(), list[str]()
    turns._timer.stop()
    members = [Member(name, told) for name in "abc"]
    for member in members:
        turns.join(member.redraw)
    members[1].wants = False

    for _ in range(4):
        turns.next()

    assert told == ["a", "c", "a", "c"]


def test_what_is_gone_has_no_turn(qtbot: QtBot) -> None:
    turns, told = Turns(), list[str]()
    turns._timer.stop()
    gone, stays = Member("gone", told), Member("stays", told)
    for member in (gone, stays):
        turns.join(member.redraw)
    del member, gone

    for _ in range(2):
        turns.next()

    assert told == ["stays", "stays"]


def test_a_chart_is_repainted_at_its_turn_and_only_for_news(window: MainWindow, qtbot: QtBot) -> None:
    chart, curves = CurveChart("Loss", "loss"), RunCurves()
    qtbot.addWidget(chart)
    chart.show()
    chart.show_curves(curves)
    assert not chart._repaint_if_changed()

    curves.feed(Measured(split="train", step=1, epoch=1, seconds=1, values={"loss": 0.5}))

    assert chart._repaint_if_changed() and "0.500" in chart.reading.text()
    assert not chart._repaint_if_changed()
