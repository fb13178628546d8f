"""One metric of several runs over each other: what is ringed as the best."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ftstudio.core.messages import Kept, Measured
from ftstudio.gui.charts.curves import RunCurves
from ftstudio.gui.charts.overlay_chart import Line, OverlayChart
from ftstudio.gui.main_window import MainWindow


@pytest.mark.parametrize(("kept", "ringed"), [(None, 0.0), (5, 5.0)])
def test_of_equal_checks_the_kept_one_is_ringed(
    window: MainWindow, qtbot: QtBot, kept: int | None, ringed: float
) -> None:
    curves = RunCurves()
    for step, value in ((0, 0.77), (5, 0.77), (10, 0.7)):
        curves.feed(Measured(split="validation", step=step, epoch=step, seconds=step, values={"macro_f1": value}))
    if kept is not None:
        curves.feed(Kept(which="best", step=kept, metric="macro_f1", value=0.77))
    chart = OverlayChart("Macro-F1", "validation", "macro_f1")
    qtbot.addWidget(chart)
    chart.higher_is_better = True

    chart.show_lines([Line("one", curves, 0)])

    assert chart.best_point(chart.lines[0]) == (ringed, 0.77)
