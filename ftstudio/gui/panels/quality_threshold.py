"""From which probability on one of two labels is given: a slider, what it costs, and where F1 is best."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider

from ftstudio.core.quantities import percent, score
from ftstudio.core.row_words import name_rows
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.labels import caption, label
from ftstudio.planning.quality import thresholds
from ftstudio.planning.quality.looking import Look

STEPS = 1000


class ThresholdBar(Card):
    """`moved` carries recall and precision at the slider, `chosen` a decision and the name of that edit."""

    moved = Signal(object)
    chosen = Signal(object, str)

    def __init__(self) -> None:
        super().__init__(tr("From when on is it given?"))
        self._look: Look | None = None
        self._at, self._can_choose = 0, False
        self.sentence, self.note = label("", wrap=True), caption("", wrap=True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 20)
        self.slider.setAccessibleName(tr("Probability from which on the label is given"))
        self.slider.valueChanged.connect(lambda _: self._show())
        self.best = button(tr("Best F1"), clicked=self._choose_best)
        self.save_threshold = button(tr("Save the threshold"), "primary", clicked=self._save)
        self.forget = button(tr("Likeliest label"), clicked=self._forget)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        for part in (self.save_threshold, self.best, self.forget):
            row.addWidget(part)
        row.addWidget(self.note, 1)
        self.add(self.slider, self.sentence)
        self.body.addLayout(row)

    @property
    def threshold(self) -> float:
        """The probability that the slider stands at."""
        return self.slider.value() / STEPS

    def show_look(self, look: Look, at: int, *, can_write: bool) -> None:
        """Show the threshold of the label at a position, as it is in force."""
        self._look, self._at, self._can_choose = look, at, can_write and look.may_choose
        in_force = look.decision.threshold if look.decision.positive == look.labels[at] else thresholds.PLAIN
        self.title_label.setText(tr("From when on is “{label}” given?").format(label=look.labels[at]))
        self.note.setText(
            ""
            if look.may_choose
            else name_rows(tr("Choose it on validation rows; test rows only tell how it turned out."))
        )
        self.slider.blockSignals(True)
        self.slider.setValue(round(in_force * STEPS))
        self.slider.blockSignals(False)
        for control in (self.slider, self.best):
            control.setEnabled(self._can_choose)
        self.forget.setEnabled(can_write)
        self.forget.setVisible(look.decision.has_threshold(look.labels))
        self._show()

    def _scores(self, look: Look) -> tuple[np.ndarray, np.ndarray]:
        return look.probabilities[:, self._at], look.truth == self._at

    def _show(self) -> None:
        look = self._look
        if look is None:
            return
        at = thresholds.effect(*self._scores(look), self.threshold)
        plain = thresholds.effect(*self._scores(look), thresholds.PLAIN)
        said = tr(
            "From {threshold} on: finds {recall} of them, right in {precision} of those given; F1 {f1} (was {plain})."
        ).format(
            threshold=number(self.threshold, 3),
            recall=percent(at.recall, 1),
            precision=percent(at.precision, 1),
            f1=score(at.f1),
            plain=score(plain.f1),
        )
        self.sentence.setText(said)
        self.slider.setAccessibleDescription(said)
        label_now = look.labels[self._at]
        in_force = look.decision.threshold if look.decision.positive == label_now else thresholds.PLAIN
        self.save_threshold.setEnabled(self._can_choose and self.threshold != in_force)
        self.moved.emit((at.recall, at.precision) if at.recall or at.precision else None)

    def _choose_best(self) -> None:
        if self._look is not None:
            best = thresholds.best_f1(*self._scores(self._look))
            self.slider.setValue(round(best * STEPS))
            self.note.setText(
                tr("These rows do not show that another threshold is better.") if best == thresholds.PLAIN else ""
            )

    def _save(self) -> None:
        if self._look is not None:
            values = {"positive": self._look.labels[self._at], "threshold": self.threshold}
            self.chosen.emit(self._look.decision.model_copy(update=values), tr("choose a threshold"))

    def _forget(self) -> None:
        if self._look is not None:
            values = {"positive": "", "threshold": 0.5}
            self.chosen.emit(self._look.decision.model_copy(update=values), tr("give the likeliest label"))
