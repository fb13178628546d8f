"""Answers against true numbers, one dot a row: what lies on the diagonal is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent

from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts import axes
from ftstudio.gui.charts.frame import ChartFrame, Row

Floats = NDArray[np.float64]

MOST = 4_000
DOT, RING = 5, 11
SEE_THROUGH, FEW, OPAQUE = 110, 500, 210  # of 255: where many dots lie on one another it is darker
MARGIN = 0.04


class ScatterChart(ChartFrame):
    """Draws up to `MOST` rows, drawn by lot where there are more. The crosshair reads the row nearest to the pointer;
    the arrow keys go through rows by their true number.
    """

    def __init__(self, title: str, x_title: str, y_title: str, empty_text: str) -> None:
        super().__init__(title, empty_text)
        self._titles = (x_title, y_title)
        self._truth, self._said = np.zeros(0), np.zeros(0)
        self._words: Callable[[int], str] = lambda at: ""
        self._message, self._at = "", -1
        self._drawn, self._order = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plot = axes.plot_widget(axes.NumberAxis("left"), axes.NumberAxis("bottom"))
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.scene().sigMouseMoved.connect(self._point_at)
        self.plot.viewport().installEventFilter(self)
        self.picture_layout.addWidget(self.plot)
        theme.notifier().changed.connect(self._draw)
        self._draw()
        self.set_empty(True)

    def show_points(self, truth: Floats, said: Floats, words: Callable[[int], str], message: str) -> None:
        """Draw rows; `words` says what a row is, by its place in the arrays, `message` what the picture shows."""
        self._truth, self._said, self._words, self._message, self._at = truth, said, words, message, -1
        count = len(truth)
        chosen = np.random.default_rng(0).permutation(count)[:MOST]
        self._drawn = np.sort(chosen).astype(np.int64)
        self._order = self._drawn[np.argsort(truth[self._drawn], kind="stable")]
        self._draw()
        self.set_empty(not count)

    def describe(self) -> str:
        """Return the message of the picture."""
        return f"{self.chart_title}: {self._message}"

    def rows(self) -> list[Row]:
        """Return the true number and the answer of every row."""
        return [self._titles, *zip(self._truth.tolist(), self._said.tolist(), strict=True)]

    def _draw(self) -> None:
        now = theme.current()
        self.plot.clear()
        axes.dress(self.plot)
        for side, title in zip(("bottom", "left"), self._titles, strict=True):
            self.plot.getAxis(side).setLabel(title, **{"font-size": "11px", "color": now.muted})
        low, high = self._ends()
        dashed = pg.mkPen(now.muted, width=2, style=Qt.PenStyle.DashLine)
        self.plot.plot([low, high], [low, high], pen=dashed, antialias=True)
        brush = QColor(now.accent)
        brush.setAlpha(SEE_THROUGH if len(self._drawn) > FEW else OPAQUE)
        dots: dict[str, Any] = {"symbol": "o", "symbolSize": DOT, "symbolBrush": brush, "symbolPen": None}
        self.plot.plot(self._truth[self._drawn], self._said[self._drawn], pen=None, **dots)
        self._ring = pg.ScatterPlotItem(size=RING, brush=None, pen=pg.mkPen(now.text, width=2))
        self.plot.addItem(self._ring, ignoreBounds=True)
        self.plot.setRange(xRange=(low, high), yRange=(low, high), padding=MARGIN)
        self._read(self._at)

    def _ends(self) -> tuple[float, float]:
        """Return the ends of both axes, the same so that the diagonal is one."""
        if not len(self._truth):
            return 0.0, 1.0
        both = np.concatenate((self._truth, self._said))
        low, high = float(both.min()), float(both.max())
        return (low, high) if high > low else (low - 1.0, high + 1.0)

    def _read(self, at: int) -> None:
        self._at = at if 0 <= at < len(self._truth) else -1
        if self._at < 0:
            self._ring.setData([], [])
            few = tr("{drawn} of {rows} rows drawn").format(
                drawn=number(len(self._drawn)), rows=number(len(self._truth))
            )
            self.reading.setText(few if len(self._drawn) < len(self._truth) else "")
            return
        self._ring.setData([float(self._truth[at])], [float(self._said[at])])
        self.reading.setText(self._words(at))

    def _point_at(self, position: QPointF) -> None:
        view = self.plot.getPlotItem().getViewBox()
        if not len(self._drawn) or not view.sceneBoundingRect().contains(position):
            self._read(-1)
            return
        place, (wide, high) = view.mapSceneToView(position), view.viewPixelSize()
        x = (self._truth[self._drawn] - float(place.x())) / max(float(wide), 1e-300)
        y = (self._said[self._drawn] - float(place.y())) / max(float(high), 1e-300)
        self._read(int(self._drawn[int((x**2 + y**2).argmin())]))

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        """Take the ring away when the pointer leaves."""
        if event.type() is QEvent.Type.Leave:
            self._read(-1)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go through the rows by their true number with the arrow keys."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not len(self._order):
            super().keyPressEvent(event)
            return
        place = np.flatnonzero(self._order == self._at)
        following = int(place[0]) + step if len(place) else 0
        self._read(int(self._order[min(len(self._order) - 1, max(0, following))]))
