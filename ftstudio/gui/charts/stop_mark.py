"""The place where a run was ended early, on its curves: a dotted line and the reason in words."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt

from ftstudio.gui import theme

EDGE = 0.5  # beyond the middle of the chart the words stand to the left of the line


class StopMark:
    """A vertical line with words at its foot, or at its top where curves fall."""

    def __init__(self, plot: Any, *, at_top: bool) -> None:
        self._view = plot.getPlotItem().getViewBox()
        self.at_top, self.text = at_top, ""
        self.line = pg.InfiniteLine(angle=90, movable=False)
        self.words = pg.TextItem()
        for item in (self.line, self.words):
            plot.addItem(item, ignoreBounds=True)
            item.hide()
        self._view.sigRangeChanged.connect(self._place)

    def show(self, position: float | None, words: str) -> None:
        """Stand at `position` along the bottom, or nowhere."""
        shown = position is not None
        self.line.setVisible(shown)
        self.words.setVisible(shown)
        if position is not None:
            self.text = words
            self.line.setPos(position)
            self.words.setText(words)
            self._place()

    def _place(self, *_: object) -> None:
        if not self.line.isVisible():
            return
        (left, right), (low, high) = self._view.viewRange()
        position = float(self.line.value())
        beyond = right > left and (position - left) / (right - left) > EDGE
        self.words.setAnchor((1.0 if beyond else 0.0, 0.0 if self.at_top else 1.0))
        self.words.setPos(position, high if self.at_top else low)

    def dress(self) -> None:
        """Wear the theme."""
        now = theme.current()
        self.line.setPen(pg.mkPen(now.muted, width=1, style=Qt.PenStyle.DotLine))
        self.words.setColor(now.color("muted"))
        self.words.setFont(theme.font(theme.SMALL))
