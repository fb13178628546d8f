"""What charts draw, say and save."""

from __future__ import annotations

import csv
import errno
import os
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from ftstudio.core.errors import StudioError
from ftstudio.core.messages import Kept, Measured, Remark
from ftstudio.core.text import text_plural
from ftstudio.gui.charts.bar_chart import BarChart
from ftstudio.gui.charts.confusion import ConfusionMatrix
from ftstudio.gui.charts.curve_chart import CurveChart
from ftstudio.gui.charts.curves import RunCurves
from ftstudio.gui.charts.histogram import Histogram
from ftstudio.gui.main_window import MainWindow


@pytest.fixture
def curves() -> RunCurves:
    made = RunCurves()
    for step in range(1, 11):
        values = {"loss": 1 / step}
        made.feed(Measured(split="train", step=step, epoch=step / 5, seconds=step * 2.0, values=values))
    for step, value in ((5, 0.8), (10, 0.7)):
        made.feed(Measured(split="validation", step=step, epoch=1, seconds=1, values={"macro_f1": value}))
    made.feed(Kept(which="best", step=5, metric="macro_f1", value=0.8))
    return made


@pytest.fixture
def chart(window: MainWindow, qtbot: QtBot) -> CurveChart:
    made = CurveChart("Macro-F1", "macro_f1", higher_is_better=True)
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    return made


def test_an_empty_chart_says_what_will_come(chart: CurveChart) -> None:
    assert chart.is_empty
    assert "appears" in chart.accessibleDescription()


def test_ticks_are_told_apart_and_a_hair_is_no_cliff(chart: CurveChart) -> None:
    axis = chart.plot.getAxis("left")
    assert axis.tickStrings([0.5085, 0.509, 0.5095, 0.51], 1.0, 0.0005) == ["0.5085", "0.5090", "0.5095", "0.5100"]
    assert axis.tickStrings([0.5, 0.6], 1.0, 0.1) == ["0.5", "0.6"]
    made = RunCurves()
    for step, value in ((5, 0.5101), (10, 0.5094)):
        made.feed(Measured(split="validation", step=step, epoch=1, seconds=1, values={"macro_f1": value}))
    chart.show_curves(made)
    low, high = chart.plot.getPlotItem().getViewBox().viewRange()[1]
    assert high - low > 0.02


def test_the_best_point_is_the_kept_one(chart: CurveChart, curves: RunCurves) -> None:
    chart.show_curves(curves)

    assert chart.best_point() == (5.0, 0.8)
    assert not chart.is_empty
    assert "Best: 0.800" in chart.accessibleDescription()


def test_live_events_and_the_journal_give_the_same_curves(tmp_path: Path, curves: RunCurves) -> None:
    from ftstudio.project.journal import Journal

    with Journal(tmp_path / "metrics.jsonl") as journal:
        for step in range(1, 11):
            journal.append(
                Measured(split="train", step=step, epoch=step / 5, seconds=step * 2.0, values={"loss": 1 / step})
            )

    read = RunCurves.read(tmp_path / "metrics.jsonl").series("train", "loss")

    assert read.values.tolist() == curves.series("train", "loss").values.tolist()


def test_events_that_the_journal_held_already_are_not_drawn_twice(curves: RunCurves) -> None:
    for step in (9, 10, 11):
        curves.feed(Measured(split="train", step=step, epoch=2, seconds=20, values={"loss": 1 / step}))

    assert curves.series("train", "loss").x("step").tolist() == list(range(1, 12))


def test_points_wear_the_theme(chart: CurveChart, curves: RunCurves, window: MainWindow) -> None:
    chart.show_curves(curves)
    before = chart._now.points()[0].brush().color()

    window.set_theme("dark")

    assert chart._now.points()[0].brush().color() != before


def test_arrow_keys_move_the_crosshair(chart: CurveChart, curves: RunCurves, qtbot: QtBot) -> None:
    chart.show_curves(curves)

    qtbot.keyClick(chart, Qt.Key.Key_Left)
    at_the_end = chart.reading.text()
    qtbot.keyClick(chart, Qt.Key.Key_Left)

    assert "step 10" in at_the_end and "0.700" in at_the_end
    assert "step 5" in chart.reading.text() and "0.800" in chart.reading.text()


def test_a_reading_without_room_is_cut_at_its_end(chart: CurveChart, curves: RunCurves, qtbot: QtBot) -> None:
    chart.show_curves(curves)
    chart.resize(260, 300)
    chart.reading.setText("a reading that is much longer than the chart is wide, and still goes on")
    qtbot.waitUntil(lambda: chart.reading.width() < 260)

    chart.grab()

    assert chart.reading.toolTip().startswith("a reading")
    assert chart.minimumSizeHint().width() < 260


def test_a_chart_is_saved_as_picture_drawing_and_table(chart: CurveChart, curves: RunCurves, tmp_path: Path) -> None:
    chart.show_curves(curves)

    for suffix in (".png", ".svg", ".csv"):
        chart.save(tmp_path / f"chart{suffix}")

    assert QImage(str(tmp_path / "chart.png")).width() == 800
    assert "<svg" in (tmp_path / "chart.svg").read_text(encoding="utf-8")
    rows = list(csv.reader((tmp_path / "chart.csv").open(encoding="utf-8", newline="")))
    assert rows[0] == ["split", "step", "epoch", "seconds", "macro_f1"]
    assert rows[1] == ["validation", "5.0", "1.0", "1.0", "0.8"]


def test_a_label_of_a_saved_chart_is_no_formula(window: MainWindow, tmp_path: Path) -> None:
    bars = BarChart("Rows per label")
    bars.show_bars(["train"], {"=HYPERLINK(1)": [4.0]})

    bars.save(tmp_path / "bars.csv")

    assert (tmp_path / "bars.csv").read_text(encoding="utf-8").splitlines()[1] == "'=HYPERLINK(1),4.0"


def test_a_chart_that_cannot_be_saved_says_why(chart: CurveChart, curves: RunCurves, tmp_path: Path) -> None:
    chart.show_curves(curves)

    with pytest.raises(StudioError, match="not there any more"):
        chart.save(tmp_path / "missing" / "chart.csv")


@pytest.mark.parametrize("suffix", [".png", ".svg", ".csv"])
def test_a_full_disk_leaves_the_chart_that_was_saved_before(
    chart: CurveChart, curves: RunCurves, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    chart.show_curves(curves)
    target = tmp_path / f"chart{suffix}"
    target.write_text("as it was", encoding="utf-8")

    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as faulty:
        faulty.setattr(os, "write", refuse)
        with pytest.raises(StudioError, match="no room left"):
            chart.save(target)

    assert target.read_text(encoding="utf-8") == "as it was"
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_bars_say_most_and_fewest(window: MainWindow, qtbot: QtBot) -> None:
    bars = BarChart("Rows per label")
    qtbot.addWidget(bars)

    bars.show_bars(["Training", "Test"], {"cat": [90, 10], "dog": [9, 1]})

    assert "most rows in cat (100), fewest in dog (10)" in bars.accessibleDescription()
    assert bars.rows()[1] == ("cat", 90, 10)


def test_a_histogram_counts_what_is_cut_off(window: MainWindow, qtbot: QtBot) -> None:
    histogram = Histogram("Length", "tokens")
    qtbot.addWidget(histogram)

    histogram.show_counts([75, 25], [0, 10, 20], cut=10)

    assert histogram.share_beyond() == 0.25
    assert "25.0 %" in histogram.reading.text()


def test_a_confusion_matrix_names_the_worst_mistake_and_tells_clicks(window: MainWindow, qtbot: QtBot) -> None:
    matrix = ConfusionMatrix()
    qtbot.addWidget(matrix)
    matrix.resize(420, 400)
    matrix.show_matrix(["cat", "dog"], [[8, 2], [0, 10]])
    matrix.show()

    left, top, cell = matrix.grid._layout()
    from PySide6.QtCore import QPoint

    with qtbot.waitSignal(matrix.cell_clicked) as told:
        place = QPoint(int(left + 1.5 * cell), int(top + 0.5 * cell))
        qtbot.mouseClick(matrix.grid, Qt.MouseButton.LeftButton, pos=place)

    assert told.args == ["cat", "dog"]
    assert matrix.accessibleDescription() == "18 of 20 right. 2 times cat was taken for dog."


def test_a_score_axis_ends_just_above_one_and_keeps_the_best_value_inside(chart: CurveChart) -> None:
    made = RunCurves()
    for step, value in ((1, 0.4), (2, 0.97), (3, 1.0)):
        made.feed(Measured(split="validation", step=step, epoch=1, seconds=1, values={"macro_f1": value}))
    chart.show_curves(made)

    bottom, top = chart.plot.getPlotItem().getViewBox().viewRange()[1]
    assert 1.0 < top <= 1.0 + 0.05 * (1.0 - bottom) + 1e-9
    assert chart._anchor_at(3.0, 1.0)[1] < 0, "the value stands below its point, where there is room"
    assert chart._anchor_at(3.0, 0.7)[1] > 1


def test_a_loss_axis_is_not_bound_by_one(window: MainWindow, qtbot: QtBot, curves: RunCurves) -> None:
    made = CurveChart("Loss", "loss", mark_best=False)
    qtbot.addWidget(made)

    made.show_curves(curves)

    assert made.plot.getPlotItem().getViewBox().viewRange()[1][1] > 1.1


def test_long_labels_are_whole_in_the_tips_of_matrix_and_bars(window: MainWindow, qtbot: QtBot) -> None:
    long = "a label that is far too long to be written beside any matrix of confusion"
    matrix, bars = ConfusionMatrix(), BarChart("Rows per label")
    for chart in (matrix, bars):
        qtbot.addWidget(chart)
        chart.resize(420, 400)
    matrix.show_matrix([long, "dog"], [[8, 2], [0, 10]])
    bars.show_bars(["Training"], {"dog": [9], long: [4]})
    matrix.show()
    left, top, cell = matrix.grid._layout()

    assert matrix.grid.tip_at(QPointF(left / 2, top + cell / 2)) == long
    assert matrix.grid.tip_at(QPointF(left + cell / 2, top / 2)) == long
    assert matrix.grid.tip_at(QPointF(left + cell * 1.5, top / 2)) == "dog"
    assert long in matrix.grid.tip_at(QPointF(left + cell / 2, top + cell / 2))
    assert matrix.grid.tip_at(QPointF(1, 1)) == ""
    assert bars._bars.tip_at(30) == f"{long}: 4" and bars._bars.tip_at(900) == ""


STOPPED = Remark(
    code="stopped_early_stopping",
    step=10,
    text=text_plural("Stopped here: no gain for one check.", "Stopped here: no gain for {count} checks.", count=4),
)


def test_where_and_why_a_run_was_ended_early_stands_on_its_curve(chart: CurveChart, curves: RunCurves) -> None:
    chart.show_curves(curves)
    assert chart.stop_point() is None
    assert not chart._stop.line.isVisible()

    curves.feed(STOPPED)
    chart._repaint_if_changed()

    assert chart.stop_point() == 10.0
    assert chart._stop.line.isVisible()
    assert float(chart._stop.line.value()) == 10.0
    assert chart._stop.words.toPlainText() == "Stopped here: no gain for 4 checks."
    assert "Stopped here: no gain for 4 checks." in chart.accessibleDescription()
    chart.set_axis("seconds")
    assert chart.stop_point() == 1.0


def test_the_mark_of_an_early_end_is_read_from_the_journal_and_goes_when_the_run_goes_on(
    tmp_path: Path, curves: RunCurves
) -> None:
    from ftstudio.project.journal import Journal

    with Journal(tmp_path / "metrics.jsonl") as journal:
        journal.append(Measured(split="train", step=10, epoch=1, seconds=1, values={"loss": 1.0}))
        journal.append(STOPPED)
    again = RunCurves.read(tmp_path / "metrics.jsonl")
    assert again.stopped == STOPPED

    again.feed(Measured(split="train", step=11, epoch=1, seconds=1, values={"loss": 1.0}))
    assert again.stopped is None
