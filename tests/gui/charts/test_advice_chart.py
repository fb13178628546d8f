"""The picture of a piece of evidence: names on its axis never touch each other."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from ftstudio.core.advice import Chart, Series
from ftstudio.core.text import text
from ftstudio.gui.charts.advice_chart import AdviceChart


def chart_of(names: tuple[str, ...]) -> Chart:
    places = [float(at) for at in range(len(names))]
    line = Series(name=text("Accuracy"), x=places, y=places)
    words = {"title": text("T"), "x_title": text("X"), "y_title": text("Y"), "message": text("M")}
    return Chart(key="depth", series=(line,), names=names, **words)


def test_few_names_are_all_shown_and_many_are_thinned_out(qtbot: QtBot) -> None:
    for count, all_fit in ((4, True), (40, False)):
        names = tuple(f"blocks.{at}.0" for at in range(count))
        chart = AdviceChart(chart_of(names))
        qtbot.addWidget(chart)
        ((step, places),) = chart.plot.getAxis("bottom").tickValues(0.0, count - 1.0, 500)
        shown = chart.plot.getAxis("bottom").tickStrings(places, 1.0, step)

        assert shown == [names[int(at)] for at in places]
        assert (len(shown) == count) is all_fit
        assert len(shown) * 60 < 600
