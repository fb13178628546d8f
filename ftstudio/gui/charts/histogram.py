"""A histogram with an optional cut-off line: how long the texts are, and what the model will not read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from ftstudio.core.quantities import percent
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts import axes
from ftstudio.gui.charts.frame import ChartFrame, Row


class Histogram(ChartFrame):
    """Counts over edges, as `numpy.histogram` returns them."""

    def __init__(self, title: str, x_title: str = "", empty_text: str = "") -> None:
        super().__init__(title, empty_text or tr("Nothing to measure yet."))
        self._x_title = x_title
        self._counts: list[float] = []
        self._edges: list[float] = []
        self._cut: float | None = None
        self.plot = axes.plot_widget(axes.NumberAxis("left"), axes.NumberAxis("bottom"))
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._bars = pg.BarGraphItem(x0=[], x1=[], y0=[], height=[])
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self.plot.addItem(self._bars)
        self.plot.addItem(self._line, ignoreBounds=True)
        self.picture_layout.addWidget(self.plot)
        theme.notifier().changed.connect(self._dress)
        self._dress()
        self.set_empty(True)

    def show_values(self, values: Sequence[float], *, bins: int = 40, cut: float | None = None) -> None:
        """Count raw values into bins and draw them."""
        counts, edges = np.histogram(np.asarray(values, dtype=float), bins=min(bins, max(1, len(values))))
        self.show_counts(counts.tolist(), edges.tolist(), cut=cut)

    def show_counts(self, counts: Sequence[float], edges: Sequence[float], *, cut: float | None = None) -> None:
        """Draw counts (n) between edges (n + 1); `cut` marks the value beyond which nothing is read."""
        self._counts, self._edges, self._cut = list(counts), list(edges), cut
        self._dress()
        left, right = (self._edges[0], self._edges[-1]) if self._edges else (0.0, 1.0)
        self._line.setVisible(cut is not None)
        if cut is not None:
            self._line.setPos(cut)
        self.plot.setXRange(left, max(right, cut or 0.0), padding=0.02)
        self.plot.setYRange(0, max(self._counts, default=1) * 1.08, padding=0)
        self.reading.setText(self._cut_in_words())
        self.set_empty(not any(self._counts))

    def share_beyond(self) -> float:
        """Return the share of values beyond the cut-off, counting the bin it falls into by its part."""
        total = sum(self._counts)
        if self._cut is None or not total:
            return 0.0
        beyond = 0.0
        for count, low, high in zip(self._counts, self._edges, self._edges[1:], strict=False):
            beyond += count * min(1.0, max(0.0, (high - self._cut) / (high - low))) if high > low else 0.0
        return beyond / total

    def _cut_in_words(self) -> str:
        if self._cut is None:
            return ""
        share = self.share_beyond()
        if not share:
            return tr("all are read whole (limit {cut})").format(cut=number(int(self._cut)))
        return tr("{share} beyond the limit of {cut}").format(share=percent(share, 1), cut=number(int(self._cut)))

    def describe(self) -> str:
        """Say where most values lie and how many are beyond the cut-off."""
        if not any(self._counts):
            return self.chart_title
        top = self._counts.index(max(self._counts))
        said = tr("{title}: most between {low} and {high}, the longest {longest}.").format(
            title=self.chart_title,
            low=number(self._edges[top], 0),
            high=number(self._edges[top + 1], 0),
            longest=number(self._edges[-1], 0),
        )
        return f"{said} {self._cut_in_words()}".strip()

    def rows(self) -> list[Row]:
        """Return lower edge, upper edge and count of each bar."""
        return [("from", "to", "count"), *zip(self._edges, self._edges[1:], self._counts, strict=False)]

    def _dress(self) -> None:
        now = theme.current()
        axes.dress(self.plot)
        self.plot.getAxis("bottom").setLabel(self._x_title, **{"font-size": "11px", "color": now.muted})
        beyond = [self._cut is not None and low >= self._cut for low in self._edges[:-1]]
        brushes = [pg.mkBrush(now.warning if is_beyond else now.accent) for is_beyond in beyond]
        self._bars.setOpts(
            x0=self._edges[:-1],
            x1=self._edges[1:],
            y0=[0.0] * len(self._counts),
            height=self._counts,
            brushes=brushes,
            pen=pg.mkPen(now.surface, width=1),
        )
        self._line.setPen(pg.mkPen(now.warning, width=2, style=Qt.PenStyle.DashLine))
