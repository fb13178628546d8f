"""A chart of shares against shares: curves and points between 0 and 100 % on both axes, with a crosshair and a ring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent

from ftstudio.core.quantities import percent
from ftstudio.gui import theme
from ftstudio.gui.charts import axes
from ftstudio.gui.charts.frame import ChartFrame, Row

Floats = NDArray[np.float64]
MARGIN = 0.06
HEIGHT = 216
LEAST_SPAN = 0.1
STEP_TICKS = 0.2
FINE_TICKS = 0.05


@dataclass(frozen=True)
class Plotted:
    """One thing to draw: x and y as shares, a name for the table, a colour role of the theme, and how it is drawn
    (`line`, `dashed`, `points`). Points may have bars from `low` to `high`. `words` says what a place on it means.
    """

    name: str
    x: Floats
    y: Floats
    role: str = "accent"
    style: str = "line"
    low: Floats = field(default_factory=lambda: np.zeros(0))
    high: Floats = field(default_factory=lambda: np.zeros(0))
    words: Callable[[int], str] | None = None


class PlaneChart(ChartFrame):
    """Draws curves over shares. The crosshair reads the first that has `words`, by mouse or with the arrow keys."""

    def __init__(self, title: str, x_title: str, y_title: str, empty_text: str) -> None:
        super().__init__(title, empty_text)
        self._titles = (x_title, y_title)
        self._plotted: Sequence[Plotted] = ()
        self._message, self._at = "", -1
        self._ring: tuple[float, float] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plot = axes.plot_widget(axes.NumberAxis("left", percent), axes.NumberAxis("bottom", percent))
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setFixedHeight(HEIGHT)
        self.plot.scene().sigMouseMoved.connect(self._point_at)
        self.plot.viewport().installEventFilter(self)
        self.picture_layout.addWidget(self.plot)
        theme.notifier().changed.connect(self._draw)
        self._draw()
        self.set_empty(True)

    def show_curves(self, plotted: Sequence[Plotted], message: str) -> None:
        """Draw these; `message` says in words what they show."""
        self._plotted, self._message, self._at = plotted, message, -1
        self._draw()
        self.reading.setText("")
        self.set_empty(not any(len(one.x) for one in plotted))

    def mark(self, point: tuple[float, float] | None) -> None:
        """Put a ring at a point, or take it away."""
        self._ring = point if point is not None and np.isfinite(point).all() else None
        self._ring_item.setData(*([[value] for value in self._ring] if self._ring else ([], [])))

    def describe(self) -> str:
        """Return the message of the curves."""
        return f"{self.chart_title}: {self._message}"

    def rows(self) -> list[Row]:
        """Return name, x, y and, where there are bars, their ends."""
        made: list[Row] = [("series", *self._titles, "low", "high")]
        for one in self._plotted:
            blank = [""] * len(one.x)
            low, high = (list(ends) if len(ends) else blank for ends in (one.low, one.high))
            made.extend((one.name, *point) for point in zip(one.x, one.y, low, high, strict=True))
        return made

    # Drawing

    def _draw(self) -> None:
        now = theme.current()
        self.plot.clear()
        axes.dress(self.plot)
        for side, title in zip(("bottom", "left"), self._titles, strict=True):
            self.plot.getAxis(side).setLabel(title, **{"font-size": "11px", "color": now.muted})
        for one in self._plotted:
            self._draw_one(one)
        self._cross = pg.InfiniteLine(angle=90, pen=pg.mkPen(now.muted, width=1, style=Qt.PenStyle.DashLine))
        self._dot = pg.ScatterPlotItem(size=8, brush=pg.mkBrush(now.text), pen=pg.mkPen(now.surface))
        self._ring_item = pg.ScatterPlotItem(size=13, brush=pg.mkBrush(now.surface), pen=pg.mkPen(now.accent, width=2))
        for item in (self._cross, self._ring_item, self._dot):
            self.plot.addItem(item, ignoreBounds=True)
        self.mark(self._ring)
        self._fit()
        self._read(self._at)

    def _draw_one(self, one: Plotted) -> None:
        colour = theme.current().color(one.role)
        if one.style != "points":
            style = Qt.PenStyle.DashLine if one.style == "dashed" else Qt.PenStyle.SolidLine
            self.plot.plot(one.x, one.y, pen=pg.mkPen(colour, width=2, style=style), antialias=True)
            return
        if len(one.low):
            bars = pg.ErrorBarItem(
                x=one.x, y=one.y, top=one.high - one.y, bottom=one.y - one.low, pen=pg.mkPen(colour, width=1)
            )
            self.plot.addItem(bars)
        dots: dict[str, Any] = {"symbol": "o", "symbolSize": 8, "symbolBrush": colour, "symbolPen": None}
        self.plot.plot(one.x, one.y, pen=None, **dots)

    def _fit(self) -> None:
        """Show from the lowest value to 100 %, so that a good model's curve is not a line at the edge."""
        spans = []
        for at in (0, 1):
            values = [v for one in self._plotted if one.style != "dashed" for v in self._bounds(one, at)]
            low = min(values, default=0.0)
            low = np.floor(min(low, 1.0 - LEAST_SPAN) / STEP_TICKS * 2) * STEP_TICKS / 2
            room = (1.0 - low) * MARGIN
            spans.append((max(0.0, float(low)) - room / 2, 1.0 + room))
            step = STEP_TICKS if 1.0 - low > 0.5 else FINE_TICKS if 1.0 - low <= 0.2 else STEP_TICKS / 2
            self.plot.getAxis(("bottom", "left")[at]).setTickSpacing(step, step)
        self.plot.setRange(xRange=spans[0], yRange=spans[1], padding=0)

    @staticmethod
    def _bounds(one: Plotted, axis: int) -> list[float]:
        values = one.y if axis else one.x
        ends = (*one.low.tolist(),) if axis and len(one.low) else ()
        return [value for value in (*([float(values.min())] if len(values) else []), *ends) if np.isfinite(value)]

    # The crosshair

    def _read_one(self) -> Plotted | None:
        return next((one for one in self._plotted if one.words is not None and len(one.x)), None)

    def _read(self, at: int) -> None:
        one = self._read_one()
        self._at = at if one is not None and 0 <= at < len(one.x) else -1
        self._cross.setVisible(self._at >= 0)
        self._dot.setVisible(self._at >= 0)
        if one is None or self._at < 0 or one.words is None:
            self.reading.setText("")
            return
        self._cross.setPos(float(one.x[at]))
        self._dot.setData([float(one.x[at])], [float(one.y[at])])
        self.reading.setText(one.words(at))

    def _point_at(self, position: QPointF) -> None:
        view, one = self.plot.getPlotItem().getViewBox(), self._read_one()
        if one is None or not view.sceneBoundingRect().contains(position):
            self._read(-1)
            return
        self._read(int(np.abs(one.x - float(view.mapSceneToView(position).x())).argmin()))

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        """Take the crosshair away when the pointer leaves."""
        if event.type() is QEvent.Type.Leave:
            self._read(-1)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the crosshair along the curve with the arrow keys."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        one = self._read_one()
        if step is None or one is None:
            super().keyPressEvent(event)
            return
        stride = max(1, len(one.x) // 50)
        self._read(min(len(one.x) - 1, max(0, self._at + step * stride)))
