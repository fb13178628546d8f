"""One metric of several runs over each other: a colour and a dash each, the best point of each ringed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent

from ftstudio.core.quantities import score
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.charts import axes
from ftstudio.gui.charts.curves import RunCurves
from ftstudio.gui.charts.frame import ChartFrame, Row
from ftstudio.gui.charts.series import AXES, Series

MOST = len(theme.RUN_COLOURS)
DASHES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
    Qt.PenStyle.DashDotDotLine,
    Qt.PenStyle.SolidLine,
)
MARKERS = ("o", "s", "t", "d", "p", "star")
DENSE = 300
ROOM = 0.14


@dataclass(frozen=True)
class Line:
    """A run as it is drawn: `at` is its place among those compared, which gives it colour, dash and marker."""

    name: str
    curves: RunCurves
    at: int

    @property
    def colour(self) -> QColor:
        """Its colour in the theme in use."""
        return theme.run_colours()[self.at % MOST]

    @property
    def dash(self) -> Qt.PenStyle:
        """Its dash."""
        return DASHES[self.at % MOST]


class OverlayChart(ChartFrame):
    """Draws `metric` on `split` of some runs."""

    def __init__(self, title: str, split: str, metric: str, *, write: Callable[[float], str] = score) -> None:
        super().__init__(title, tr("None of the chosen runs has measured this."), margin=theme.M)
        self.split, self.key, self.write = split, metric, write
        self.higher_is_better, self.mark_best, self.axis = False, True, "step"
        self.lines: list[Line] = []
        self._pointer: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plot = axes.plot_widget(axes.NumberAxis("left"), axes.NumberAxis("bottom"))
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.scene().sigMouseMoved.connect(self._point_at)
        self.plot.viewport().installEventFilter(self)
        self.picture_layout.addWidget(self.plot)
        theme.notifier().changed.connect(self.draw)
        self.draw()

    def follow(self, metric: str, title: str, write: Callable[[float], str], *, higher_is_better: bool) -> None:
        """Draw another metric from now on."""
        self.key, self.write, self.higher_is_better = metric, write, higher_is_better
        self.set_title(title)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Draw these runs."""
        self.lines = list(lines)
        self.draw()

    def set_axis(self, axis: str) -> None:
        """Choose what runs along the bottom: `step`, `epoch` or `seconds`."""
        self.axis = axis
        self.draw()

    def draw(self) -> None:
        """Draw everything anew."""
        self.plot.clear()
        axes.dress(self.plot)
        axes.bottom_label(self.plot, self.axis)
        self._cross = pg.InfiniteLine(angle=90, movable=False, pen=pg.mkPen(theme.current().muted, width=1))
        self._cross.hide()
        self.plot.addItem(self._cross, ignoreBounds=True)
        for line in self._measured():
            self._draw_line(line)
        self._fit()
        self._read()
        self.set_empty(not self._measured())

    def _measured(self) -> list[Line]:
        return [line for line in self.lines if len(self._series(line))]

    def _series(self, line: Line) -> Series:
        return line.curves.series(self.split, self.key)

    def _draw_line(self, line: Line) -> None:
        series = self._series(line)
        x, y = series.visible(self.axis, -np.inf, np.inf, 1000)
        pen = pg.mkPen(line.colour, width=2 if len(x) <= DENSE else 1, style=line.dash)
        self.plot.addItem(pg.PlotCurveItem(x, y, pen=pen, antialias=True, connect="finite"))
        best = self.best_point(line)
        if best is not None:
            ring: dict[str, Any] = {
                "size": 11,
                "pen": pg.mkPen(line.colour, width=2),
                "symbol": MARKERS[line.at % MOST],
            }
            self.plot.addItem(pg.ScatterPlotItem([best[0]], [best[1]], brush=theme.current().surface, **ring))

    def best_point(self, line: Line) -> tuple[float, float] | None:
        """Return position and value of the best point of a run (the kept step where runs are compared by its score).

        None where nothing is marked.
        """
        series = self._series(line)
        known = np.flatnonzero(np.isfinite(series.values))
        if not self.mark_best or not len(known):
            return None
        kept = line.curves.best
        if kept is not None and kept.metric == self.key:
            at = series.nearest("step", kept.step)
            assert at is not None
            return float(series.x(self.axis)[at]), float(series.values[at])
        values = series.values[known]
        at = known[int(values.argmax() if self.higher_is_better else values.argmin())]
        return float(series.x(self.axis)[at]), float(series.values[at])

    def _fit(self) -> None:
        drawn = [self._series(line) for line in self._measured()]
        if not drawn:
            return
        left = min(float(series.x(self.axis)[0]) for series in drawn)
        right = max(float(series.x(self.axis)[-1]) for series in drawn)
        low, high = min(series.low for series in drawn), max(series.high for series in drawn)
        if low > high:
            low, high = 0.0, 1.0
        room = (high - low) * ROOM or max(abs(high) * ROOM, 1e-9)
        wide = max((right - left) * 0.02, 1e-9)
        self.plot.setRange(xRange=(left - wide, right + wide), yRange=(low - room, high + room), padding=0)

    # The crosshair

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        """Take the crosshair away when the pointer leaves."""
        if event.type() is QEvent.Type.Leave:
            self._pointer = None
            self._read()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the crosshair along the longest run with the arrow keys."""
        direction = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        drawn = self._measured()
        if direction is None or not drawn:
            super().keyPressEvent(event)
            return
        longest = max((self._series(line) for line in drawn), key=len)
        at = len(longest) - 1 if self._pointer is None else longest.nearest(self.axis, self._pointer) or 0
        at = min(len(longest) - 1, max(0, at + (direction if self._pointer is not None else 0)))
        self._pointer = float(longest.x(self.axis)[at])
        self._read()

    def _point_at(self, position: QPointF) -> None:
        view = self.plot.getPlotItem().getViewBox()
        inside = view.sceneBoundingRect().contains(position)
        self._pointer = float(view.mapSceneToView(position).x()) if inside else None
        self._read()

    def _read(self) -> None:
        """Write what each run measured nearest to the crosshair."""
        self._cross.setVisible(self._pointer is not None)
        if self._pointer is None:
            self.reading.setText("")
            return
        self._cross.setPos(self._pointer)
        values = []
        for line in self._measured():
            series = self._series(line)
            at = series.nearest(self.axis, self._pointer)
            values.append(self.write(float(series.values[at or 0])))
        place = self.plot.getAxis("bottom").write(self._pointer)
        self.reading.setText("  ·  ".join((f"{tr(axes.TITLES[self.axis])} {place}", *values)))

    # In words, in rows

    def describe(self) -> str:
        """Say how far each run got."""
        said = []
        for line in self._measured():
            best = self.best_point(line)
            last = float(self._series(line).values[-1])
            value = self.write(best[1] if best is not None else last)
            said.append(tr("{run}: {value}").format(run=line.name, value=value))
        return f"{self.chart_title}: {'; '.join(said)}"

    def rows(self) -> list[Row]:
        """Return run, step, epoch, seconds and value of every point."""
        made: list[Row] = [("run", *AXES, self.key)]
        for line in self._measured():
            series = self._series(line)
            columns = [series.x(axis).tolist() for axis in AXES]
            made.extend((line.name, *point) for point in zip(*columns, series.values.tolist(), strict=True))
        return made
