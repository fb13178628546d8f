"""Axes that write numbers as the rest of the program does: in the reader's notation, durations as durations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pyqtgraph as pg

from ftstudio.core.quantities import duration
from ftstudio.core.translation import N_, number, tr
from ftstudio.gui import theme

TITLES = {"step": N_("step"), "epoch": N_("epoch"), "seconds": N_("training time")}
MOST_DECIMALS = 9


def plain(value: float) -> str:
    """Write a position on an axis."""
    return number(int(value)) if value == int(value) and abs(value) < 1e15 else number(value)


class NumberAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph ships no types
    """An axis whose ticks are written by a function."""

    def __init__(self, orientation: str, write: Callable[[float], str] = plain) -> None:
        super().__init__(orientation)
        self.write = write
        self.enableAutoSIPrefix(False)

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the texts of the ticks; where two would read the same, with as many decimals as tell them apart."""
        texts = [self.write(value * scale) for value in values]
        if self.write is not plain or len(set(texts)) == len(texts) or not 0 < spacing < 1:
            return texts
        digits = min(MOST_DECIMALS, -math.floor(math.log10(spacing * scale)))
        return [number(value * scale, digits) for value in values]


def plot_widget(left: NumberAxis, bottom: NumberAxis) -> Any:
    """Return a quiet plot: no menu or buttons of its own, thin grid, axes in muted text."""
    widget = pg.PlotWidget(axisItems={"left": left, "bottom": bottom})
    item = widget.getPlotItem()
    item.hideButtons()
    item.setMenuEnabled(False)
    widget.setMinimumSize(160, 90)
    return widget


def dress(widget: Any) -> None:
    """Give a plot the colours of the theme in use."""
    now = theme.current()
    widget.setBackground(now.surface)
    for side in ("left", "bottom"):
        axis = widget.getAxis(side)
        axis.setPen(pg.mkPen(now.border))
        axis.setTextPen(pg.mkPen(now.muted))
        axis.setStyle(tickLength=-4, tickFont=theme.font(11), autoExpandTextSpace=True, maxTickLevel=0)
        axis.setGrid(20)
        axis.setTickPen(pg.mkPen(now.text))
    widget.getPlotItem().getViewBox().setBorder(None)


def bottom_label(widget: Any, axis: str) -> None:
    """Name the bottom axis of a run's curve and choose how its positions are written."""
    bottom = widget.getAxis("bottom")
    bottom.write = duration if axis == "seconds" else plain
    bottom.setLabel(tr(TITLES[axis]), **{"font-size": "11px", "color": theme.current().muted})
