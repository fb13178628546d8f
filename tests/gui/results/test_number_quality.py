"""Answers that are numbers, against the true ones: drawn, read row by row, and told in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ftstudio.gui.charts.scatter_chart import MOST, ScatterChart
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.results.number_quality import NumberQualityView
from tests.gui.results.test_label_quality import quality_of
from tests.support.shaped_runs import shaped_project, shaped_run


def test_the_rows_are_drawn_and_told(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    view = quality_of(window, shaped_run(shaped_project(tmp_path / "project", "number")), qtbot)

    assert isinstance(view, NumberQualityView)
    assert len(view.scatter.rows()) == 61
    assert not view.histogram.is_empty
    assert "Half of the answers are within 0.2" in view.within.text()
    assert view.within.text() in view.scatter.accessibleDescription()
    QTest.keyClick(view.scatter, Qt.Key.Key_Right)
    assert view.scatter.reading.text().startswith("row ")


def test_of_very_many_rows_some_are_drawn_and_that_is_said(qtbot: QtBot) -> None:
    chart = ScatterChart("title", "true", "said", "nothing")
    qtbot.addWidget(chart)
    truth = np.arange(MOST * 2, dtype=np.float64)
    chart.show_points(truth, truth + 1, str, "told")
    assert f"{MOST:,}" in chart.reading.text()
    assert len(chart.rows()) == len(truth) + 1
    for _ in range(3):
        QTest.keyClick(chart, Qt.Key.Key_Right)
    assert int(chart.reading.text()) > 0


def test_equal_numbers_and_no_numbers_can_be_drawn(qtbot: QtBot) -> None:
    chart = ScatterChart("title", "true", "said", "nothing")
    qtbot.addWidget(chart)
    chart.show_points(np.ones(3), np.ones(3), lambda at: "", "")
    assert not chart.is_empty
    chart.show_points(np.zeros(0), np.zeros(0), lambda at: "", "")
    assert chart.is_empty
