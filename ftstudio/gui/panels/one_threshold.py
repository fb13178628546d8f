"""One of several labels: precision, recall and F1 over all thresholds, and the slider that moves its own."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider

from ftstudio.core.deciding import USUAL
from ftstudio.core.quantities import percent, score
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.charts.legend import Legend
from ftstudio.gui.charts.plane_chart import PlaneChart, Plotted
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import caption, label
from ftstudio.planning.quality.label_thresholds import LabelLook, Sweep

STEPS = 1000


class OneThreshold(PlaneChart):
    """`moved` carries the label and its new threshold while the slider moves."""

    moved = Signal(str, float)

    def __init__(self) -> None:
        super().__init__(
            tr("What a threshold does"),
            tr("given from this probability on"),
            tr("precision, recall, F1"),
            tr("No row has this label."),
        )
        self._look: LabelLook | None = None
        self.label_name, self.threshold = "", USUAL
        self.sentence, self.note = label("", wrap=True), caption("", wrap=True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 20)
        self.slider.setAccessibleName(tr("Probability from which on the label is given"))
        self.slider.valueChanged.connect(lambda value: self._move(value / STEPS))
        self.best = button(tr("Best F1"), clicked=self._choose_best)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.best)
        row.addWidget(self.note, 1)
        self.add(self.slider, self.sentence)
        self.legend = Legend()
        self.picture_layout.insertWidget(0, self.legend)
        theme.notifier().changed.connect(self._name_curves)
        self.body.addLayout(row)
        self.body.addStretch(1)

    def show_label(self, look: LabelLook, name: str, threshold: float, *, can_choose: bool) -> None:
        """Show the curves of a label, and its threshold on them."""
        self._look, self.label_name, self.threshold = look, name, threshold
        self.set_title(tr("From when on is “{label}” given?").format(label=name))
        swept = look.sweep(name)
        self.show_curves(_plotted(swept), "")
        self._name_curves()
        for control in (self.slider, self.best):
            control.setEnabled(can_choose and bool(len(swept.f1)))
        self.note.setText("")
        self.slider.blockSignals(True)
        self.slider.setValue(round(threshold * STEPS))
        self.slider.blockSignals(False)
        self._show()

    def _name_curves(self) -> None:
        now, plain, dashed = theme.current(), Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine
        names = [("F1", now.color("accent")), (tr("precision"), now.color("success"))]
        self.legend.show_names([*names, (tr("recall"), now.color("warning"))], [plain, plain, dashed])

    def _move(self, threshold: float) -> None:
        self.threshold = threshold
        self.note.setText("")
        self._show()
        self.moved.emit(self.label_name, threshold)

    def _choose_best(self) -> None:
        if self._look is None:
            return
        best = self._look.best(self.label_name)
        self.slider.blockSignals(True)
        self.slider.setValue(round(best * STEPS))
        self.slider.blockSignals(False)
        self._move(best)
        self.note.setText(tr("These rows do not show that another threshold is better.") if best == USUAL else "")

    def _show(self) -> None:
        look = self._look
        if look is None:
            return
        now, usual = look.effect(self.label_name, self.threshold), look.effect(self.label_name, USUAL)
        said = tr(
            "From {threshold} on: finds {recall} of them, right in {precision} of those given; F1 {f1} "
            "(from 50 % on: {usual})."
        ).format(
            threshold=percent(self.threshold, 1),
            recall=percent(now.recall, 1),
            precision=percent(now.precision, 1),
            f1=score(now.f1),
            usual=score(usual.f1),
        )
        there = bool(look.there[:, list(look.labels).index(self.label_name)].any())
        self.sentence.setText(said if there else "")
        self.slider.setAccessibleDescription(said)
        self.mark((self.threshold, now.f1) if there else None)


def _plotted(swept: Sweep) -> list[Plotted]:
    """Return the curves, F1 first because that is what the crosshair reads."""
    if not len(swept.f1):
        return []

    def words(at: int) -> str:
        right = percent(swept.precision[at], 1) if np.isfinite(swept.precision[at]) else "–"
        return tr("from {threshold} on: found {recall}, right {precision}, F1 {f1}").format(
            threshold=percent(float(swept.threshold[at]), 1),
            recall=percent(swept.recall[at], 1),
            precision=right,
            f1=score(swept.f1[at]),
        )

    given = np.isfinite(swept.precision)
    return [
        Plotted("F1", swept.threshold, swept.f1, words=words),
        Plotted(tr("precision"), swept.threshold[given], swept.precision[given], "success"),
        Plotted(tr("recall"), swept.threshold, swept.recall, "warning", "dashed"),
    ]
