"""The picture of a piece of evidence: any `core.advice.Chart`, drawn without knowing which study made it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics

from ftstudio.core.advice import Chart, Series
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts import axes
from ftstudio.gui.charts.frame import ChartFrame, Row
from ftstudio.gui.charts.legend import Legend

BAND_OPACITY = 0.16
HEIGHT = 240
NAME_GAP = 12
MARK_LINES = 3
DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
MARK_ROLES = {"suggested": "accent", "limit": "danger", "note": "muted"}


class AdviceChart(ChartFrame):
    """Draws the series, bands and marks of one chart."""

    def __init__(self, chart: Chart) -> None:
        super().__init__(chart.title.render(), tr("There was too little to measure."))
        self.chart = chart
        self.plot = axes.plot_widget(axes.NumberAxis("left"), _PlaceAxis(chart))
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setFixedHeight(HEIGHT)
        self._legend = Legend()
        self.picture_layout.addWidget(self._legend)
        self.picture_layout.addWidget(self.plot)
        theme.notifier().changed.connect(self._draw)
        self._draw()
        self.set_empty(not any(one.x for one in chart.series))

    def describe(self) -> str:
        """Return the chart's message, which the study wrote."""
        return f"{self.chart_title}: {self.chart.message.render()}"

    def rows(self) -> list[Row]:
        """Return series, x, y, low and high of every point."""
        made: list[Row] = [("series", "x", "y", "low", "high")]
        for one in self.chart.series:
            blank = [""] * len(one.x)
            points = zip(one.x, one.y, one.low or blank, one.high or blank, strict=True)
            made.extend((one.name.render(), *point) for point in points)
        return made

    def _draw(self) -> None:
        self.plot.clear()
        axes.dress(self.plot)
        style = {"font-size": "11px", "color": theme.current().muted}
        self.plot.getAxis("bottom").setLabel(self.chart.x_title.render(), **style)
        self.plot.getAxis("left").setLabel(self.chart.y_title.render(), **style)
        several = len(self.chart.series) > 1
        names = [(one.name.render(), self._colour(one)) for one in self.chart.series]
        self._legend.show_names(names if several else [])
        if self.chart.band is not None:
            self._draw_region(*self.chart.band)
        for one in self.chart.series:
            self._draw_series(one)
        self._fit_to_series()
        for at, mark in enumerate(self.chart.marks):
            self._draw_mark(mark.x, mark.label.render(), theme.current().color(MARK_ROLES[mark.kind]), at)

    def _draw_series(self, one: Series) -> None:
        colour = self._colour(one)
        x, y = self._places(one.x), np.asarray(one.y, dtype=float)
        if one.low and one.high:
            edges = [pg.PlotCurveItem(x, np.asarray(values, dtype=float), pen=None) for values in (one.low, one.high)]
            shade = QColor(colour)
            shade.setAlphaF(BAND_OPACITY)
            self.plot.addItem(pg.FillBetweenItem(*edges, brush=pg.mkBrush(shade)))
        dots: dict[str, Any] = {"symbol": "o", "symbolSize": 5, "symbolBrush": colour, "symbolPen": None}
        pen = None if one.style == "points" else pg.mkPen(colour, width=2, style=self._dash(one))
        few = dots if one.style == "points" or len(x) <= 30 else {}
        self.plot.plot(x, y, pen=pen, antialias=True, connect="finite", **few)

    def _draw_region(self, low: float, high: float) -> None:
        shade = theme.current().color("accent")
        shade.setAlphaF(BAND_OPACITY / 2)
        ends = self._places([low, high]).tolist()
        self.plot.addItem(pg.LinearRegionItem(ends, movable=False, brush=pg.mkBrush(shade), pen=pg.mkPen(None)))

    def _fit_to_series(self) -> None:
        """Show all points, with room above for the words of the marks."""
        x = [place for one in self.chart.series for place in self._places(one.x).tolist()]
        y = [value for one in self.chart.series for value in (*one.y, *one.low, *one.high) if math.isfinite(value)]
        if not x or not y:
            return
        room = (max(y) - min(y)) * 0.08 or 0.05
        lines = min(len(self.chart.marks), MARK_LINES)
        top = max(y) + room * (1 + 1.6 * lines)
        self.plot.setRange(xRange=(min(x), max(x)), yRange=(min(y) - room, top), padding=0.02)

    def _draw_mark(self, x: float, words: str, colour: QColor, at: int) -> None:
        """Draw a dashed line with its words beside its top, on the side where there is room."""
        place = float(self._places([x])[0])
        pen = pg.mkPen(colour, width=2, style=Qt.PenStyle.DashLine)
        self.plot.addItem(pg.InfiniteLine(place, angle=90, pen=pen), ignoreBounds=True)
        (left, right), (low, high) = self.plot.getPlotItem().getViewBox().viewRange()
        is_right = place > (left + right) / 2
        written = pg.TextItem(words, color=colour, anchor=(1.05 if is_right else -0.05, 0.0))
        written.setFont(theme.font(theme.SMALL))
        written.setPos(place, high - (high - low) * 0.09 * (at % MARK_LINES))
        self.plot.addItem(written, ignoreBounds=True)

    def _places(self, x: list[float]) -> Any:
        values = np.asarray(x, dtype=float)
        return np.log10(values) if self.chart.log_x else values

    def _colour(self, one: Series) -> QColor:
        """Return the accent for a single line, else the colours of runs in their order; points are quiet."""
        if one.style in ("muted", "points"):
            return theme.current().color("muted")
        lines = [series for series in self.chart.series if series.style in ("line", "dashed")]
        if len(lines) == 1:
            return theme.current().color("accent")
        colours = theme.run_colours()
        return colours[lines.index(one) % len(colours)]

    def _dash(self, one: Series) -> Qt.PenStyle:
        if one.style == "dashed":
            return Qt.PenStyle.DashLine
        lines = [series for series in self.chart.series if series.style == "line"]
        return DASHES[lines.index(one) // len(theme.RUN_COLOURS) % len(DASHES)] if one in lines else DASHES[0]


class _PlaceAxis(axes.NumberAxis):
    """The bottom axis: plain numbers, powers of ten, or names at 0, 1, 2 and so on."""

    def __init__(self, chart: Chart) -> None:
        super().__init__("bottom", _power if chart.log_x else axes.plain)
        self._names = chart.names

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return the places of the ticks; of names as many as can stand beside each other without touching."""
        if not self._names:
            ticks: list[tuple[float, list[float]]] = super().tickValues(low, high, size)
            return ticks
        metrics = QFontMetrics(theme.font(11))
        width = max(metrics.horizontalAdvance(name) for name in self._names) + NAME_GAP
        step = max(1, math.ceil(width * (high - low) / max(1.0, size)))
        return [(float(step), [float(at) for at in range(0, len(self._names), step)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the texts of the ticks."""
        return [self._names[int(at)] for at in values] if self._names else super().tickStrings(values, scale, spacing)


def _power(exponent: float) -> str:
    """Write a place on a logarithmic axis as its value: 3e-05."""
    value = 10.0**exponent
    return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e") if not 0.01 <= value < 1000 else _short(value)


def _short(value: float) -> str:
    return number(value, 0 if value >= 1 else -math.floor(math.log10(value)))
