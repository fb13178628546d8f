"""When the model says “don't know”: a slider along the curve of answered rows against right answers."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider

from ftstudio.core.deciding import Decision
from ftstudio.core.quantities import percent
from ftstudio.core.row_words import name_rows
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts.plane_chart import PlaneChart, Plotted
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import caption, label
from ftstudio.planning.quality.coverage import Coverage
from ftstudio.planning.quality.looking import Look

STEPS = 1000


class CoveragePanel(PlaneChart):
    """Answered rows against right answers. `chosen` carries a decision with another limit and the name of that edit."""

    chosen = Signal(object, str)

    def __init__(self) -> None:
        super().__init__(
            tr("What if it may say “don't know”?"),
            tr("rows it answers"),
            tr("right among those"),
            tr("There are no rows with a label to compare with."),
        )
        self._decision, self.limit, self._can_choose = Decision(), 0.0, False
        self._coverage: Coverage | None = None
        self.sentence, self.note = label("", wrap=True), caption("", wrap=True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 20)
        self.slider.setAccessibleName(tr("Share of rows that are not answered"))
        self.slider.valueChanged.connect(self._slide)
        self.save_limit = button(tr("Save the limit"), "primary", clicked=self._save)
        self.forget = button(tr("Always answer"), clicked=lambda: self._choose(0.0, tr("always answer")))
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.save_limit)
        row.addWidget(self.forget)
        row.addStretch(1)
        self.add(self.slider, self.sentence, self.note)
        self.body.addStretch(1)
        self.body.addLayout(row)

    def show_look(self, look: Look, *, can_write: bool) -> None:
        """Show the curve of the rows looked at, and the limit in force on it."""
        self._decision, self._coverage = look.decision, look.coverage
        self.limit = look.decision.dont_know_below
        x, y = look.coverage.drawn()
        curve = Plotted(
            tr("answers"),
            x,
            y,
            words=lambda at: tr("answers {answered}, right in {right}").format(
                answered=percent(x[at], 1), right=percent(y[at], 1)
            ),
        )
        self.show_curves([curve] if len(x) else [], _in_words(look.coverage, self.limit))
        self._can_choose = can_write and look.may_choose
        for control in (self.slider, self.forget):
            control.setEnabled(self._can_choose)
        self.note.setText(name_rows(tr("Choose it on validation rows; test rows only tell how it turned out.")))
        self.note.setHidden(look.may_choose)
        self.slider.blockSignals(True)
        self.slider.setValue(round(STEPS * (1 - look.coverage.at(self.limit).answered)) if look.rows else 0)
        self.slider.blockSignals(False)
        self._show_limit()

    def _slide(self, value: int) -> None:
        if self._coverage is None:
            return
        self.limit = math.floor(self._coverage.limit_for_answers(1 - value / STEPS) * 1e4) / 1e4 if value else 0.0
        self._show_limit()

    def _show_limit(self) -> None:
        if self._coverage is None:
            return
        at = self._coverage.at(self.limit)
        self.mark((at.answered, at.right))
        said = _in_words(self._coverage, self.limit)
        self.sentence.setText(said)
        self.slider.setAccessibleDescription(said)
        differs = self.limit != self._decision.dont_know_below
        self.save_limit.setEnabled(self._can_choose and differs)
        self.forget.setVisible(self._decision.dont_know_below > 0)

    def _save(self) -> None:
        self._choose(self.limit, tr("choose when it does not know"))

    def _choose(self, limit: float, title: str) -> None:
        self.chosen.emit(self._decision.model_copy(update={"dont_know_below": limit}), title)


def _in_words(coverage: Coverage, limit: float) -> str:
    """Say what a limit does: how many rows are answered, how often that is right, and what it was without."""
    if not len(coverage.confidence):
        return ""
    always, at = coverage.at(0.0), coverage.at(limit)
    if not limit:
        return name_rows(tr("It answers every row and is right in {right} of them.")).format(
            right=percent(always.right, 1)
        )
    if not at.answered:
        return tr("Don't know below {limit}: it answers nothing.").format(limit=number(limit, 4))
    return name_rows(
        tr("Don't know below {limit}: answers {answered} of rows, right in {right} of them (was {before}).")
    ).format(
        limit=number(limit, 4 if limit > 0.99 else 2),
        answered=percent(at.answered, 1),
        right=percent(at.right, 1),
        before=percent(always.right, 1),
    )
