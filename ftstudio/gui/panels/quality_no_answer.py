"""When a question gets no answer: a slider along the curve of answered questions against F1."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider

from ftstudio.core.deciding import Decision
from ftstudio.core.quantities import percent, score
from ftstudio.core.translation import tr
from ftstudio.gui.charts.plane_chart import PlaneChart, Plotted
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import caption, label
from ftstudio.planning.quality.no_answer import PLAIN, Effect, Margins, best_margin

STEPS = 1000


class NoAnswerPanel(PlaneChart):
    """Answered questions against F1. `chosen` carries a decision with another margin and the name of that edit."""

    chosen = Signal(object, str)

    def __init__(self) -> None:
        super().__init__(
            tr("When is there no answer?"),
            tr("questions it answers"),
            tr("F1 over all questions"),
            tr("There are no questions with a known answer to compare with."),
        )
        self._rows: Margins | None = None
        self._decision, self.margin, self._can_choose = Decision(), PLAIN, False
        self.sentence, self.note = label("", wrap=True), caption("", wrap=True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 20)
        self.slider.setAccessibleName(tr("Share of questions that get an answer"))
        self.slider.valueChanged.connect(self._slide)
        self.save_margin = button(tr("Save this choice"), "primary", clicked=self._save)
        self.best = button(tr("Best F1"), clicked=self._choose_best)
        self.forget = button(tr("What is likelier"), clicked=lambda: self._choose(PLAIN))
        row = QHBoxLayout()
        for part in (self.save_margin, self.best, self.forget):
            row.addWidget(part)
        row.addStretch(1)
        self.add(self.slider, self.sentence, self.note)
        self.body.addLayout(row)

    def show_margins(self, rows: Margins, decision: Decision, *, may_choose: bool, can_write: bool) -> None:
        """Show the curve of the questions looked at, and the margin in force on it."""
        self._rows, self._decision, self.margin = rows, decision, decision.no_answer_margin
        curve = rows.curve() if len(rows.margin) else []
        x, y = np.array([one.answered for one in curve]), np.array([one.f1 for one in curve])
        self._can_choose = can_write and may_choose and bool(curve)
        for control in (self.slider, self.best):
            control.setEnabled(self._can_choose)
        only_tells = tr("Choose it on validation rows; test rows only tell how it turned out.")
        self._note("" if may_choose else only_tells)
        self.forget.setEnabled(can_write)
        self.forget.setVisible(decision.no_answer_margin != PLAIN)
        drawn = Plotted(tr("answers"), x, y, words=lambda at: _in_words(curve[at]))
        self.show_curves([drawn] if curve else [], _in_words(rows.effect(self.margin)) if curve else "")
        self._show()

    def _slide(self, value: int) -> None:
        if self._rows is not None:
            self.margin = self._rows.margin_for_answers(value / STEPS)
            self._show(moves=False)

    def _show(self, *, moves: bool = True) -> None:
        rows = self._rows
        if rows is None or not len(rows.margin):
            return
        now, plain = rows.effect(self.margin), rows.effect(PLAIN)
        if moves:
            self.slider.blockSignals(True)
            self.slider.setValue(round(STEPS * now.answered))
            self.slider.blockSignals(False)
        self.mark((now.answered, now.f1))
        said = _in_words(now)
        if self.margin != PLAIN:
            said = tr("{said} Giving what is likelier, F1 is {plain}.").format(said=said, plain=score(plain.f1))
        self.sentence.setText(said)
        self.slider.setAccessibleDescription(said)
        self.save_margin.setEnabled(self._can_choose and self.margin != self._decision.no_answer_margin)

    def _choose_best(self) -> None:
        if self._rows is not None:
            self.margin = best_margin(self._rows)
            self._show()
            unproven = tr("These questions do not show that another choice is better than what is likelier.")
            self._note(unproven if self.margin == PLAIN else "")

    def _note(self, words: str) -> None:
        self.note.setText(words)
        self.note.setHidden(not words)

    def _save(self) -> None:
        self._choose(self.margin)

    def _choose(self, margin: float) -> None:
        decision = self._decision.model_copy(update={"no_answer_margin": margin})
        self.chosen.emit(decision, tr("choose when there is no answer"))


def _in_words(effect: Effect) -> str:
    """Say what a margin does to questions with and without an answer."""
    said = tr("It answers {answered} of the questions; F1 {f1}.").format(
        answered=percent(effect.answered, 1), f1=score(effect.f1)
    )
    if math.isnan(effect.right_without_answer):
        return said
    if math.isnan(effect.f1_with_answer):
        return said
    apart = tr("F1 {there} where there is an answer; {right} of those without are rightly left unanswered.").format(
        there=score(effect.f1_with_answer), right=percent(effect.right_without_answer, 1)
    )
    return f"{said} {apart}"
