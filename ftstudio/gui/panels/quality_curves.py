"""Precision against recall, and hits against false alarms, of one label or of all together."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core.quantities import percent, score
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts.plane_chart import PlaneChart, Plotted
from ftstudio.gui.panels.quality_threshold import ThresholdBar
from ftstudio.gui.widgets.labels import caption, label
from ftstudio.planning.quality.curves import Both, Curve
from ftstudio.planning.quality.looking import Look

LABEL_WIDTH = 260
MUCH, FEW = 0.9, 0.05


class CurvesPanel(QWidget):
    """Two charts and the choice of the label they are of; with two labels a threshold can be chosen.

    `chosen` carries a decision with another threshold and the name of that edit.
    """

    chosen = Signal(object, str)

    def __init__(self) -> None:
        super().__init__()
        self._look: Look | None = None
        self._can_write = False
        empty = tr("No row has this label.")
        self.precision_recall = PlaneChart(
            tr("Finding it and being right"), tr("found (recall)"), tr("right of those given (precision)"), empty
        )
        self.roc = PlaneChart(tr("Hits and false alarms"), tr("false alarms"), tr("found (recall)"), empty)
        self._areas = caption("", wrap=True), caption("", wrap=True)
        for chart, words in zip((self.precision_recall, self.roc), self._areas, strict=True):
            chart.body.addWidget(words)
        self.labels = QComboBox()
        self.labels.setAccessibleName(tr("Label of the curves"))
        self.labels.setFixedWidth(LABEL_WIDTH)
        self.labels.currentIndexChanged.connect(lambda _: self._draw())
        self.threshold = ThresholdBar()
        self.threshold.chosen.connect(self.chosen)
        self.threshold.moved.connect(self._mark)
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        choice = QHBoxLayout()
        choice.setSpacing(theme.S)
        choice.addWidget(label(tr("Curves of")))
        choice.addWidget(self.labels)
        choice.addStretch(1)
        column.addLayout(choice)
        charts = QHBoxLayout()
        charts.setSpacing(theme.L)
        charts.addWidget(self.precision_recall, 1)
        charts.addWidget(self.roc, 1)
        column.addLayout(charts, 1)
        column.addWidget(self.threshold)

    def show_look(self, look: Look, *, can_write: bool) -> None:
        """Show the curves of the rows looked at; the label that was chosen stays."""
        before, self._look, self._can_write = self.labels.currentData(), look, can_write
        self.labels.blockSignals(True)
        self.labels.clear()
        if look.together is not None:
            self.labels.addItem(tr("All labels together"), "")
        for one in look.labels:
            self.labels.addItem(one, one)
        wanted = before if before in look.labels else look.decision.positive
        self.labels.setCurrentIndex(max(0, self.labels.findData(wanted or self._default(look))))
        self.labels.blockSignals(False)
        self._draw()

    @staticmethod
    def _default(look: Look) -> str:
        """Of two labels the rarer is the one that is looked for."""
        if len(look.labels) != 2:
            return ""
        return look.labels[int(np.bincount(look.truth, minlength=2).argmin())]

    def _draw(self) -> None:
        look = self._look
        if look is None or self.labels.currentIndex() < 0:
            return
        name = str(self.labels.currentData())
        at = list(look.labels).index(name) if name else None
        both = look.curves(at)
        if both is None:
            return
        self._show_precision_recall(both)
        self._show_roc(both)
        self.threshold.setVisible(len(look.labels) == 2)
        if at is not None and len(look.labels) == 2:
            self.threshold.show_look(look, at, can_write=self._can_write)
        else:
            self._mark(None)

    def _show_precision_recall(self, both: Both) -> None:
        curve = both.precision_recall
        share = both.positives / both.rows if both.rows else 0.0
        words = tr("Average precision {area}; guessing would reach {share}.").format(
            area=_area(curve), share=score(share)
        )
        enough = np.flatnonzero(curve.x >= MUCH)
        if len(enough):
            wrong = tr("To find {found} of them, {wrong} of those given are wrong.")
            words = f"{wrong.format(found=percent(MUCH), wrong=percent(1 - curve.y[enough].max()))} {words}"
        self._areas[0].setText(words)
        guess = Plotted(tr("guessing"), np.array([0.0, 1.0]), np.array([share, share]), "muted", "dashed")
        self.precision_recall.show_curves([guess, _plotted(curve, tr("found {x}, right {y}"))], words)

    def _show_roc(self, both: Both) -> None:
        curve = both.roc
        words = tr("Area under the curve {area}; guessing would reach 0.5.").format(area=_area(curve))
        few = np.flatnonzero(curve.x <= FEW)
        if len(few):
            found = tr("With {alarms} false alarms it finds {found}.")
            words = f"{found.format(alarms=percent(FEW), found=percent(curve.y[few].max()))} {words}"
        guess = Plotted(tr("guessing"), np.array([0.0, 1.0]), np.array([0.0, 1.0]), "muted", "dashed")
        self.roc.show_curves([guess, _plotted(both.roc, tr("false alarms {x}, found {y}"))], words)
        self._areas[1].setText(words)

    def _mark(self, point: object) -> None:
        self.precision_recall.mark(point if isinstance(point, tuple) else None)


def _plotted(curve: Curve, words: str) -> Plotted:
    def read(at: int) -> str:
        said = words.format(x=percent(curve.x[at], 1), y=percent(curve.y[at], 1))
        limit = float(curve.threshold[at])
        return f"{said} · {tr('from {limit} on').format(limit=number(limit, 3))}" if math.isfinite(limit) else said

    return Plotted(tr("model"), curve.x, curve.y, words=read)


def _area(curve: Curve) -> str:
    return score(curve.area) if math.isfinite(curve.area) else "–"
