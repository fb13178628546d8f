"""Quality of a model that answers with a number: answers against true numbers, and how far they are off."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from ftstudio.core import plain_numbers
from ftstudio.core.states import Split
from ftstudio.core.translation import N_, number, tr
from ftstudio.datasets.store import Dataset
from ftstudio.gui import theme
from ftstudio.gui.charts.histogram import Histogram
from ftstudio.gui.charts.scatter_chart import ScatterChart
from ftstudio.gui.results.quality import QualityView
from ftstudio.gui.widgets.labels import label
from ftstudio.planning.outputs import Outputs, read_outputs
from ftstudio.planning.quality.residuals import Residuals, residuals
from ftstudio.project.layout import RunLayout

LEAST_HEIGHT = 240
BINS = (8, 40)


class NumberQualityView(QualityView):
    """Two charts with a sentence each; a number comes without a claim, so there is nothing to choose."""

    key = "quality"
    title = N_("Quality")
    order = 15
    answers = "number"

    def build_content(self) -> QWidget:
        """Return the charts."""
        nothing = tr("There are no rows with a number to compare with.")
        self.scatter = ScatterChart(tr("Answers against true numbers"), tr("true number"), tr("answer"), nothing)
        self.histogram = Histogram(tr("How far answers are off"), tr("answer less the true number"), nothing)
        self.ends, self.within = label("", wrap=True), label("", wrap=True)
        for chart, sentence in ((self.scatter, self.ends), (self.histogram, self.within)):
            chart.plot.setMinimumHeight(LEAST_HEIGHT)
            chart.body.addWidget(sentence)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        self._pair = pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        pair.setSpacing(theme.L)
        pair.addWidget(self.scatter, 1)
        pair.addWidget(self.histogram, 1)
        column.addLayout(pair, 1)
        return holder

    def look(self, run: RunLayout, dataset: Dataset, split: Split) -> Outputs:
        """Return the answers to the rows of a split whose number is known; raises `InputError`."""
        return read_outputs(run, dataset, split, edited=True).known

    def show_look(self, look: Any) -> None:
        """Fill the charts."""
        found: Outputs = look
        truth, said = found.truth.reshape(len(found), -1)[:, :1].ravel(), found.logits.ravel()
        off = residuals(truth, said)
        ends, within = _ends(off), _within(off)
        written = plain_numbers.for_reading(float(np.std(truth)) if len(truth) else 0.0)
        self.ends.setText(ends)
        self.within.setText(within)
        self.scatter.show_points(
            truth,
            said,
            lambda at: tr("row {row}: true {truth}, answer {answer}").format(
                row=number(int(found.row[at])),
                truth=written(float(truth[at])),
                answer=written(float(said[at])),
            ),
            f"{ends} {within}".strip(),
        )
        bins = int(np.clip(2 * np.sqrt(len(found)), *BINS))
        self.histogram.show_values(off.off.tolist() if off is not None else [], bins=bins)


def _ends(off: Residuals | None) -> str:
    """Say whether small or large numbers are answered otherwise than the rest."""
    if off is None:
        return ""
    if off.draws_to_the_middle:
        return tr(
            "Answers draw to the middle: the smallest fifth is answered {low} too high, the largest {high} too low."
        ).format(low=_short(off.low_end), high=_short(off.high_end))
    if off.high_end:
        large = tr("The largest fifth of the numbers is answered {by} too high.")
        small = tr("The largest fifth of the numbers is answered {by} too low.")
        return (large if off.high_end > 0 else small).format(by=_short(off.high_end))
    if off.low_end:
        large = tr("The smallest fifth of the numbers is answered {by} too high.")
        small = tr("The smallest fifth of the numbers is answered {by} too low.")
        return (large if off.low_end > 0 else small).format(by=_short(off.low_end))
    return tr("Small and large numbers are met alike, as far as these rows can tell.")


def _within(off: Residuals | None) -> str:
    if off is None:
        return ""
    said = tr("Half of the answers are within {half} of the truth, nine of ten within {most}.").format(
        half=_short(off.half_within), most=_short(off.nine_of_ten_within)
    )
    if not off.leaning:
        return said
    leans = tr("On average they are {by} too high.") if off.leaning > 0 else tr("On average they are {by} too low.")
    return f"{said} {leans.format(by=_short(off.leaning))}"


def _short(value: float) -> str:
    return number(float(f"{abs(value):.3g}"))
