"""From when on boxes are drawn: a slider along precision, recall and F1, and how well each kind and size is found."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from ftstudio.core.quantities import percent, score
from ftstudio.core.row_words import name_rows
from ftstudio.core.sized_precision import SIZE_TITLES
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts.plane_chart import PlaneChart, Plotted
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.labels import caption, label
from ftstudio.gui.widgets.number_table import NumberTable
from ftstudio.planning.quality.boxes import BoxLook, Floats

STEPS = 1000
KIND_WIDTH = 260


class BoxQualityPanel(QWidget):
    """Two charts, the slider, and a table. `chosen` carries a decision with another threshold and that edit's name."""

    chosen = Signal(object, str)

    def __init__(self) -> None:
        super().__init__()
        self._look: BoxLook | None = None
        self._can_choose = False
        empty = tr("There is nothing to be found in these pictures.")
        self.by_threshold = PlaneChart(
            tr("From when on is a box drawn?"), tr("least probability"), tr("right, found, F1"), empty
        )
        self.precision_recall = PlaneChart(
            tr("Finding it and being right"), tr("found (recall)"), tr("right of those drawn (precision)"), empty
        )
        self.area = caption("", wrap=True)
        self.precision_recall.body.addWidget(self.area)
        self.legend = caption(tr("blue: F1 · green: right of those drawn · grey: found"), wrap=True)
        self.by_threshold.body.addWidget(self.legend)
        self.kind = QComboBox()
        self.kind.setAccessibleName(tr("Kind of the curves"))
        self.kind.setFixedWidth(KIND_WIDTH)
        self.kind.currentIndexChanged.connect(lambda _: self._draw())
        self.bar = self._bar()
        self.sizes_card = Card(tr("By size of the things"))
        heads = [tr("Size"), tr("Things"), tr("mAP 50"), tr("mAP 50–95")]
        self.sizes = NumberTable(self.sizes_card.title_label.text(), heads, sortable=False)
        self.sizes_note = caption(
            tr("small: up to 32 × 32 pixels of the picture, large: from 96 × 96 on, as COCO counts them."), wrap=True
        )
        self.sizes_card.add(self.sizes, self.sizes_note)
        self._lay_out()

    def _bar(self) -> Card:
        bar = Card()
        self.sentence, self.note = label("", wrap=True), caption("", wrap=True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 20)
        self.slider.setAccessibleName(tr("Probability from which on boxes are drawn"))
        self.slider.valueChanged.connect(lambda _: self._show())
        self.save_threshold = button(tr("Save the threshold"), "primary", clicked=self._save)
        self.best = button(tr("Best F1"), clicked=self._choose_best)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        for part in (self.save_threshold, self.best):
            row.addWidget(part)
        row.addWidget(self.note, 1)
        bar.add(self.slider, self.sentence)
        bar.body.addLayout(row)
        return bar

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        choice = QHBoxLayout()
        choice.setSpacing(theme.S)
        choice.addWidget(label(tr("Curves of")))
        choice.addWidget(self.kind)
        choice.addStretch(1)
        column.addLayout(choice)
        self.charts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.charts.setSpacing(theme.L)
        self.charts.addWidget(self.by_threshold, 1)
        self.charts.addWidget(self.precision_recall, 1)
        column.addLayout(self.charts)
        column.addWidget(self.bar)
        column.addWidget(self.sizes_card)

    @property
    def threshold(self) -> float:
        """The probability that the slider stands at."""
        return self.slider.value() / STEPS

    def show_look(self, look: BoxLook, *, can_write: bool) -> None:
        """Show what was looked at; the kind that was chosen stays."""
        before, self._look = self.kind.currentData(), look
        self._can_choose = can_write and look.may_choose and look.pictures > 0
        self.kind.blockSignals(True)
        self.kind.clear()
        self.kind.addItem(tr("All kinds together"), -1)
        for at, name in enumerate(look.labels):
            self.kind.addItem(name, at)
        self.kind.setCurrentIndex(max(0, self.kind.findData(before)))
        self.kind.blockSignals(False)
        self.slider.blockSignals(True)
        self.slider.setValue(round(look.decision.threshold * STEPS))
        self.slider.blockSignals(False)
        for control in (self.slider, self.best):
            control.setEnabled(self._can_choose)
        self.note.setText(
            ""
            if look.may_choose
            else name_rows(tr("Choose it on validation rows; test rows only tell how it turned out."))
        )
        self._show_sizes(look)
        self._draw()

    def _show_sizes(self, look: BoxLook) -> None:
        self.sizes.show_rows(
            [
                [
                    (tr(SIZE_TITLES[one.size]), one.size),
                    (number(one.there), one.there),
                    *((score(value) if one.there else "–", value) for value in (one.map_50, one.map)),
                ]
                for one in look.sizes
            ]
        )
        self.sizes.fit_height()

    def _kind(self) -> int | None:
        at: Any = self.kind.currentData()
        return at if isinstance(at, int) and at >= 0 else None

    def _draw(self) -> None:
        look = self._look
        if look is None or self.kind.currentIndex() < 0:
            return
        kind = self._kind()
        curve = look.curve(kind)
        x = curve.threshold
        steps = np.repeat(x, 2)[1:]  # what a threshold does is so down to the next box's own probability
        lines = (
            Plotted(tr("F1"), steps, _held(curve.f1), words=lambda at: _in_words(look, kind, float(steps[at]))),
            Plotted(tr("right of those drawn"), steps, _held(curve.precision), "success"),
            Plotted(tr("found"), steps, _held(curve.recall), "muted"),
        )
        self.by_threshold.show_curves(lines if len(x) else [], _in_words(look, kind, self.threshold))
        area = tr("Average precision {area} at an overlap of a half.").format(area=score(look.average_precision(kind)))
        self.area.setText(area)
        drawn = Plotted(
            tr("boxes"), curve.recall, curve.precision, words=lambda at: _in_words(look, kind, float(x[at]))
        )
        self.precision_recall.show_curves([drawn] if len(x) else [], area)
        self._show()

    def _show(self) -> None:
        look = self._look
        if look is None:
            return
        kind = self._kind()
        now, said = look.effect(kind, self.threshold), _in_words(look, kind, self.threshold)
        in_force = look.effect(kind, look.decision.threshold)
        if self._is_moved(look):
            said = tr("{said} In force is {threshold}, with F1 {f1}.").format(
                said=said, threshold=number(look.decision.threshold, 3), f1=score(in_force.f1)
            )
        self.sentence.setText(said)
        self.slider.setAccessibleDescription(said)
        self.by_threshold.mark((self.threshold, now.f1))
        self.precision_recall.mark((now.recall, now.precision) if now.recall or now.precision else None)
        self.save_threshold.setEnabled(self._can_choose and self._is_moved(look))

    def _is_moved(self, look: BoxLook) -> bool:
        return self.slider.value() != round(look.decision.threshold * STEPS)

    def _choose_best(self) -> None:
        if self._look is not None:
            self.slider.setValue(int(np.floor(self._look.best * STEPS)))

    def _save(self) -> None:
        if self._look is not None:
            decision = self._look.decision.model_copy(update={"threshold": self.threshold})
            self.chosen.emit(decision, tr("choose a threshold"))


def _held(values: Floats) -> Floats:
    return np.repeat(values, 2)[:-1]


def _in_words(look: BoxLook, kind: int | None, threshold: float) -> str:
    """Say what drawing boxes from a probability on does."""
    at = look.effect(kind, threshold)
    recall, precision = percent(at.recall, 1), percent(at.precision, 1)
    return tr("From {threshold} on: finds {recall} of the things, right in {precision} of the boxes; F1 {f1}.").format(
        threshold=number(threshold, 3), recall=recall, precision=precision, f1=score(at.f1)
    )
