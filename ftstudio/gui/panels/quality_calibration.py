"""Whether the model is right as often as it says, and the button that corrects its confidence."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from ftstudio.core.deciding import Decision
from ftstudio.core.quantities import percent, score
from ftstudio.core.row_words import name_rows
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts.plane_chart import PlaneChart, Plotted
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import caption, label
from ftstudio.planning.quality.calibration import FEWEST_MISTAKES, FEWEST_ROWS, Bin, Calibration
from ftstudio.planning.quality.looking import Look


class CalibrationPanel(PlaneChart):
    """Claims against facts. `chosen` carries a decision with another temperature and the name of that edit."""

    chosen = Signal(object, str)

    def __init__(self) -> None:
        super().__init__(
            tr("Is it as right as it says?"),
            tr("what it says"),
            tr("how often it is right"),
            tr("There are no rows with a label to compare with."),
        )
        self._decision, self._wanted = Decision(), 1.0
        self.sentence, self.detail = label("", wrap=True), caption("", wrap=True)
        self.correct = button("", "primary", clicked=lambda: self._choose(self._wanted, tr("correct the confidence")))
        self.undo = button(tr("As trained"), clicked=lambda: self._choose(1.0, tr("leave the confidence as trained")))
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.correct)
        row.addWidget(self.undo)
        row.addStretch(1)
        self.body.addWidget(self.sentence)
        self.body.addWidget(self.detail)
        self.body.addStretch(1)
        self.body.addLayout(row)

    def show_look(self, look: Look, *, can_write: bool) -> None:
        """Show how claims and facts compare on the rows looked at."""
        self._decision, self._wanted = look.decision, look.temperature or 1.0
        found = look.calibration
        bins = found.bins
        message = in_words(found)
        self.sentence.setText(message)
        diagonal = Plotted(tr("as it should be"), np.array([0.0, 1.0]), np.array([0.0, 1.0]), "muted", "dashed")
        points = Plotted(
            tr("answers"),
            np.array([one.claimed for one in bins]),
            np.array([one.right for one in bins]),
            style="points",
            low=np.array([one.interval[0] for one in bins]),
            high=np.array([one.interval[1] for one in bins]),
            words=lambda at: _bin_in_words(bins[at]),
        )
        self.show_curves([diagonal, points] if bins else [], message)
        self._offer(look, can_write=can_write)

    def _offer(self, look: Look, *, can_write: bool) -> None:
        corrected = look.decision.temperature != 1.0
        helps = look.temperature not in (None, 1.0)
        self.correct.setText(tr("Correct the confidence (temperature {value})").format(value=number(self._wanted, 2)))
        self.correct.setAccessibleName(self.correct.text())
        self.correct.setVisible(helps and not corrected)
        self.undo.setVisible(corrected)
        self.correct.setEnabled(can_write)
        self.undo.setEnabled(can_write)
        self.detail.setText(self._detail(look, corrected=corrected, helps=helps))

    @staticmethod
    def _detail(look: Look, *, corrected: bool, helps: bool) -> str:
        if corrected:
            return tr("Corrected with temperature {value}. Calibration error: {error}.").format(
                value=number(look.decision.temperature, 2), error=score(look.calibration.error)
            )
        if look.temperature is None:
            return name_rows(tr("Correcting it takes {rows} validation rows and {mistakes} mistakes in them.")).format(
                rows=FEWEST_ROWS, mistakes=FEWEST_MISTAKES
            )
        if not helps or look.corrected is None:
            return name_rows(tr("There is nothing to correct that validation rows can tell from chance."))
        return name_rows(tr("Calibration error on these rows: {before}, corrected {after}. No answer changes.")).format(
            before=score(look.calibration.error), after=score(look.corrected.error)
        )

    def _choose(self, temperature: float, title: str) -> None:
        self.chosen.emit(self._decision.model_copy(update={"temperature": round(temperature, 4)}), title)


def in_words(found: Calibration) -> str:
    """Say whether the model is too sure of itself, by the bin that shows it most."""
    if not found.bins:
        return ""
    off = [one for one in found.bins if not one.interval[0] <= one.claimed <= one.interval[1]]
    worst = max(off, key=lambda one: one.rows * abs(one.claimed - one.right), default=None)
    if worst is None:
        return name_rows(tr("What it says fits how often it is right, as far as {rows} rows can tell.")).format(
            rows=number(found.rows)
        )
    said = (
        tr("When it says {claimed}, it is right in {right} of cases: it is too sure of itself.")
        if worst.claimed > worst.right
        else tr("When it says {claimed}, it is right in {right} of cases: it is better than it thinks.")
    )
    return said.format(claimed=percent(worst.claimed), right=percent(worst.right))


def _bin_in_words(one: Bin) -> str:
    return name_rows(tr("says {claimed}, right {right} ({rows} rows)")).format(
        claimed=percent(one.claimed), right=percent(one.right), rows=number(one.rows)
    )
