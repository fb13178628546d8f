"""One metric of a run over its whole length: train and validation together, best and current point marked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent

from ftstudio.core.quantities import score
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.charts import axes
from ftstudio.gui.charts.curves import SPLITS, RunCurves
from ftstudio.gui.charts.frame import ChartFrame, Row
from ftstudio.gui.charts.series import AXES, Series
from ftstudio.gui.charts.stop_mark import StopMark
from ftstudio.gui.charts.turns import turns

# Qt strokes wide smoothed lines slowly (160 ms for 1600 points, 10 ms at one pixel), and dense ones need less ink.
DENSE = 300
EDGE = 0.08
TEXT_ROOM = 0.14
SCORE_MARGIN = 0.05
LEAST_SPAN = 0.02
_COLOURS = {"train": "muted", "validation": "accent"}


def split_title(split: str) -> str:
    """Return the name of a split as readings write it."""
    return {"train": tr("train"), "validation": tr("validation"), "test": tr("test")}.get(split, split)


class CurveChart(ChartFrame):
    """Draws `metric` from a `RunCurves` and follows it: repainted when its turn comes, only if something changed."""

    def __init__(
        self,
        title: str,
        metric: str,
        *,
        higher_is_better: bool = False,
        write: Callable[[float], str] = score,
        empty_text: str = "",
        mark_best: bool = True,
        tick: Callable[[float], str] = axes.plain,
    ) -> None:
        super().__init__(title, empty_text or tr("The curve appears with the first measured step."))
        self.key, self.write = metric, write
        self._higher, self._mark_best = higher_is_better, mark_best
        self.axis = "step"
        self.curves = RunCurves()
        self._painted = -1
        self._pointer: float | None = None
        self._build(tick)
        turns().join(self._repaint_if_changed)
        theme.notifier().changed.connect(self._dress)
        self._dress()
        self.set_empty(True)

    def _build(self, tick: Callable[[float], str]) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plot = axes.plot_widget(axes.NumberAxis("left", tick), axes.NumberAxis("bottom"))
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.picture_layout.addWidget(self.plot)
        self._lines = {split: pg.PlotCurveItem(antialias=True) for split in SPLITS}
        self._now = pg.ScatterPlotItem(size=8, pxMode=True)
        self._best = pg.ScatterPlotItem(size=13, pxMode=True)
        self._best_text = pg.TextItem()
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._stop = StopMark(self.plot, at_top=not self._higher)
        for item in (*self._lines.values(), self._now, self._best, self._cross):
            self.plot.addItem(item, ignoreBounds=True)
        self.plot.addItem(self._best_text, ignoreBounds=True)
        self._cross.hide()
        self._best_text.hide()
        self.plot.scene().sigMouseMoved.connect(self._point_at)
        self.plot.viewport().installEventFilter(self)
        view = self.plot.getPlotItem().getViewBox()
        view.sigRangeChangedManually.connect(self._moved)
        view.sigXRangeChanged.connect(self._redraw_lines)
        self._follow = True

    # What is shown

    def show_curves(self, curves: RunCurves) -> None:
        """Draw another run from now on."""
        self.curves, self._painted, self._follow = curves, -1, True
        self._repaint_if_changed()

    def follow(self, key: str, title: str, write: Callable[[float], str], *, higher_is_better: bool) -> None:
        """Draw another metric from now on."""
        if (key, title, higher_is_better) == (self.key, self.chart_title, self._higher):
            return
        self.key, self.write, self._higher = key, write, higher_is_better
        self._stop.at_top = not higher_is_better
        self.set_title(title)
        self.fit()

    def set_axis(self, axis: str) -> None:
        """Choose what runs along the bottom: `step`, `epoch` or `seconds`."""
        self.axis, self._painted, self._follow = axis, -1, True
        axes.bottom_label(self.plot, axis)
        self._repaint_if_changed()

    def fit(self) -> None:
        """Show the whole run again after zooming."""
        self._follow, self._painted = True, -1
        self._repaint_if_changed()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while hidden."""
        super().showEvent(event)
        self._repaint_if_changed()

    def _repaint_if_changed(self) -> bool:
        if self._painted == self.curves.revision or not (self.isVisible() or self._painted < 0):
            return False
        self._painted = self.curves.revision
        self.repaint_curves()
        return True

    def repaint_curves(self) -> None:
        """Draw the curves as they are now."""
        drawn = [self.curves.series(split, self.key) for split in SPLITS]
        if not any(len(series) for series in drawn):
            self.set_empty(True)
            return
        if self._follow:
            self._fit_to([series for series in drawn if len(series)])
        self._redraw_lines()
        self._redraw_points()
        self._read()
        self.set_empty(False)
        self.plot.scene().prepareForPaint()  # or the picture would be moved while painted, and painted a second time

    def _fit_to(self, drawn: list[Series]) -> None:
        high_x = max(float(series.x(self.axis)[-1]) for series in drawn)
        low_x = min(float(series.x(self.axis)[0]) for series in drawn)
        low = min(series.low for series in drawn)
        high = max(series.high for series in drawn)
        if low > high:
            low, high = 0.0, 1.0
        is_score = self._higher and high <= 1.0
        if is_score and (lacking := LEAST_SPAN - (high - low)) > 0:  # a hair's breadth is not drawn as a cliff
            low, high = low - lacking / 2, high + lacking / 2
        room = (high - low) * 0.14 or max(abs(high) * 0.1, 1e-9)
        bottom = max(low - room, -0.03 * high) if low >= 0 else low - room
        view = self.plot.getPlotItem().getViewBox()
        top = high + room * 1.4
        if is_score:  # nothing is above 1
            top = min(top, 1.0 + SCORE_MARGIN * (1.0 - bottom))
        right = high_x + max((high_x - low_x) * 0.02, 1e-9)
        left = low_x - max((high_x - low_x) * 0.02, 1e-9)
        view.setRange(xRange=(left, right), yRange=(bottom, top), padding=0)

    def _redraw_lines(self, *_: object) -> None:
        view = self.plot.getPlotItem().getViewBox()
        (low, high), columns = view.viewRange()[0], max(64, int(view.width()))
        for split, line in self._lines.items():
            x, y = self.curves.series(split, self.key).visible(self.axis, low, high, columns)
            line.setPen(pg.mkPen(theme.current().color(_COLOURS[split]), width=2 if len(x) <= DENSE else 1))
            line.setData(x, y)

    def _redraw_points(self) -> None:
        ends = [self.curves.series(split, self.key).last(self.axis) for split in SPLITS]
        known = [(*point, _COLOURS[split]) for split, point in zip(SPLITS, ends, strict=True) if point]
        self._now.setData(
            [point[0] for point in known],
            [point[1] for point in known],
            brush=[pg.mkBrush(theme.current().color(point[2])) for point in known],
        )
        best = self.best_point()
        self._best.setData([best[0]] if best else [], [best[1]] if best else [])
        self._best_text.setVisible(best is not None)
        self._stop.show(self.stop_point(), self.curves.stopped.text.render() if self.curves.stopped else "")
        if best:
            self._best_text.setText(self.write(best[1]))
            self._best_text.setAnchor(self._anchor_at(*best))
            self._best_text.setPos(*best)

    def _anchor_at(self, x: float, y: float) -> tuple[float, float]:
        """Keep the best value's text inside the chart: beside its point at the edges, else above or below it."""
        across, up = (
            (value - low) / (high - low) if high > low else 0.5
            for value, (low, high) in zip((x, y), self.plot.getPlotItem().getViewBox().viewRange(), strict=True)
        )
        above = up < 1 - TEXT_ROOM if self._higher else up < TEXT_ROOM
        return 0.0 if across < EDGE else 1.0 if across > 1 - EDGE else 0.5, 1.35 if above else -0.35

    def best_point(self) -> tuple[float, float] | None:
        """Return position and value of the best validation point (of the kept step where that is known)."""
        series = self.curves.series("validation", self.key)
        if not self._mark_best or not len(series):
            return None
        best = self.curves.best
        if best is not None:
            at = series.nearest("step", best.step)
        else:
            values = series.values
            at = int(values.argmax() if self._higher else values.argmin())
        assert at is not None
        return float(series.x(self.axis)[at]), float(series.values[at])

    def stop_point(self) -> float | None:
        """Return where along the bottom the run was ended early, None where it was not."""
        series = self._main_series()
        if self.curves.stopped is None or not len(series):
            return None
        at = series.nearest("step", self.curves.stopped.step or 0)
        assert at is not None
        return float(series.x(self.axis)[at])

    # The crosshair

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        """Take the crosshair away when the pointer leaves."""
        if event.type() is QEvent.Type.Leave:
            self._pointer = None
            self._read()
        elif event.type() is QEvent.Type.MouseButtonDblClick:
            self.fit()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the crosshair point by point with the arrow keys."""
        direction = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        series = self._main_series()
        if direction is None or not len(series):
            super().keyPressEvent(event)
            return
        at = len(series) - 1 if self._pointer is None else (series.nearest(self.axis, self._pointer) or 0)
        at = min(len(series) - 1, max(0, at + (direction if self._pointer is not None else 0)))
        self._pointer = float(series.x(self.axis)[at])
        self._read()

    def _main_series(self) -> Series:
        validation = self.curves.series("validation", self.key)
        return validation if len(validation) else self.curves.series("train", self.key)

    def _point_at(self, position: QPointF) -> None:
        view = self.plot.getPlotItem().getViewBox()
        inside = view.sceneBoundingRect().contains(position)
        self._pointer = float(view.mapSceneToView(position).x()) if inside else None
        self._read()

    def _moved(self, *_: object) -> None:
        self._follow = False

    def _read(self) -> None:
        self._cross.setVisible(self._pointer is not None)
        if self._pointer is not None:
            self._cross.setPos(self._pointer)
        parts = [self._reading_of(split) for split in SPLITS]
        place = ""
        series = self._main_series()
        at = series.nearest(self.axis, self._pointer) if self._pointer is not None else None
        if at is not None:
            place = f"{tr(axes.TITLES[self.axis])} {self.plot.getAxis('bottom').write(float(series.x(self.axis)[at]))}"
        self.reading.setText("  ·  ".join(part for part in (place, *parts) if part))

    def _reading_of(self, split: str) -> str:
        series = self.curves.series(split, self.key)
        if not len(series):
            return ""
        at = series.nearest(self.axis, self._pointer) if self._pointer is not None else len(series) - 1
        return f"{split_title(split)} {self.write(float(series.values[at or 0]))}"

    # In words, in rows, in colours

    def describe(self) -> str:
        """Say how the metric went, from where to where, and where it was best."""
        series = self._main_series()
        if not len(series):
            return self.chart_title
        said = tr("{title}: from {first} to {last} over {count} points.").format(
            title=self.chart_title,
            first=self.write(float(series.values[0])),
            last=self.write(float(series.values[-1])),
            count=len(series),
        )
        best = self.best_point()
        if best is not None:
            said += " " + tr("Best: {value}.").format(value=self.write(best[1]))
        return said + (f" {self.curves.stopped.text.render()}" if self.curves.stopped is not None else "")

    def rows(self) -> list[Row]:
        """Return split, step, epoch, seconds and value of every point."""
        made: list[Row] = [("split", *AXES, self.key)]
        for split in SPLITS:
            series = self.curves.series(split, self.key)
            columns = [series.x(axis).tolist() for axis in AXES]
            made.extend((split, *point) for point in zip(*columns, series.values.tolist(), strict=True))
        return made

    def _dress(self) -> None:
        now = theme.current()
        axes.dress(self.plot)
        axes.bottom_label(self.plot, self.axis)
        self._redraw_lines()
        self._now.setPen(pg.mkPen(now.surface, width=1))
        self._best.setPen(pg.mkPen(now.accent, width=2))
        self._best.setBrush(pg.mkBrush(now.surface))
        self._best_text.setColor(now.color("text"))
        self._best_text.setFont(theme.font(theme.SMALL))
        self._cross.setPen(pg.mkPen(now.muted, width=1, style=Qt.PenStyle.DashLine))
        self._stop.dress()
        self._redraw_points()
