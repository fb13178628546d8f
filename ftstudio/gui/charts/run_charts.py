"""The charts of one run side by side: what it learns, and how fast. Live and finished runs look the same."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.metrics import MetricSpec
from ftstudio.core.quantities import byte_size, rate
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts.curve_chart import CurveChart
from ftstudio.gui.charts.curves import RunCurves
from ftstudio.gui.widgets.buttons import Segmented
from ftstudio.gui.widgets.labels import IconLabel, caption


def _loss(value: float) -> str:
    return number(value, 3) if abs(value) >= 0.001 else number(value)


class RunCharts(QWidget):
    """Loss and the monitored metric large; learning rate, speed and memory one click away."""

    def __init__(self) -> None:
        super().__init__()
        self.loss = CurveChart(tr("Loss"), "loss", write=_loss, mark_best=False)
        self.score = CurveChart(
            tr("Score on validation rows"),
            "macro_f1",
            higher_is_better=True,
            empty_text=tr("The curve appears with the first check on the validation rows."),
        )
        self.learning_rate = CurveChart(tr("Learning rate"), "learning_rate", write=number, mark_best=False)
        self.speed = CurveChart(tr("Speed"), "samples_per_second", write=rate, mark_best=False)
        self.memory = CurveChart(tr("Memory"), "memory_bytes", write=byte_size, tick=byte_size, mark_best=False)
        self.charts = (self.loss, self.score, self.learning_rate, self.speed, self.memory)
        self.pictures = QStackedWidget()
        self.pictures.addWidget(_side_by_side(self.loss, self.score))
        self.pictures.addWidget(_side_by_side(self.learning_rate, self.speed, self.memory))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(self._choices())
        column.addWidget(self.pictures, 1)

    def _choices(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        views = {"learning": tr("Learning"), "machine": tr("Rate and speed")}
        axes = {"step": tr("Steps"), "epoch": tr("Epochs"), "seconds": tr("Time")}
        self.view = Segmented(views, "learning", tr("Charts"))
        self.axis = Segmented(axes, "step", tr("Along the bottom"))
        self.view.changed.connect(lambda key: self.pictures.setCurrentIndex(list(views).index(key)))
        self.axis.changed.connect(self._set_axis)
        row.addWidget(self.view)
        row.addStretch(1)
        row.addWidget(_legend())
        row.addStretch(1)
        row.addWidget(self.axis)
        return row

    def show_metric(self, metric: MetricSpec) -> None:
        """Draw this metric as the score; where it is the loss, one chart shows it, with its best point."""
        self.loss.setVisible(metric.key != "loss")
        self.score.follow(metric.key, tr(metric.title), metric.show, higher_is_better=metric.higher_is_better)

    def show_curves(self, curves: RunCurves) -> None:
        """Draw a run from now on."""
        for chart in self.charts:
            chart.show_curves(curves)

    def _set_axis(self, axis: str) -> None:
        for chart in self.charts:
            chart.set_axis(axis)


def _side_by_side(*charts: CurveChart) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.L)
    for chart in charts:
        row.addWidget(chart, 1)
    return holder


def _legend() -> QWidget:
    """Say once what the colours of all charts mean."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.XS)
    for role, words in (("muted", tr("train")), ("accent", tr("validation"))):
        row.addWidget(IconLabel("minus", role, 16))
        row.addWidget(caption(words))
        row.addSpacing(theme.S)
    return holder
