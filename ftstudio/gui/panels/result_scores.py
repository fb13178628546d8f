"""All scores of a run on the rows of one split, each with its interval, and what the run took."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QVBoxLayout

from ftstudio.core.quantities import byte_size, duration, rate, score
from ftstudio.core.row_words import name_rows
from ftstudio.core.specs import TaskSpec
from ftstudio.core.translation import N_, number, tr
from ftstudio.gui import theme
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.widgets.card import Card, empty
from ftstudio.gui.widgets.labels import NumberLabel, section
from ftstudio.gui.widgets.number_table import NumberTable

BETWEEN = 2  # the column of intervals, shown where any was measured
_FIGURES: dict[str, tuple[str, Callable[[Any], str]]] = {
    "steps": (N_("steps"), lambda value: number(int(value))),
    "seconds": (N_("training time"), duration),
    "samples_per_second": (N_("speed"), rate),
    "peak_memory_bytes": (N_("memory at most"), byte_size),
    "training_rows": (N_("training rows"), lambda value: number(int(value))),
    "pictures_left_out": (N_("broken pictures left out"), lambda value: number(int(value))),
    "device": (N_("on"), str),
}


class ResultScores(Card):
    """A table of metrics with what chance would make of them, and the figures of the run."""

    def __init__(self) -> None:
        super().__init__(tr("Scores"))
        headers = [tr("metric"), tr("score"), tr("95 % between")]
        self.metrics = NumberTable(tr("Scores"), headers, sortable=False)
        self.figures = QVBoxLayout()
        self.figures.setSpacing(theme.XS)
        self.add(self.metrics)
        self.body.addSpacing(theme.M)
        self.body.addWidget(section(tr("The run")))
        self.body.addLayout(self.figures)
        self.body.addStretch(1)

    def show_result(self, task: TaskSpec | None, document: RunDocument, split: str) -> None:
        """Show the scores on the rows of a split."""
        titles = {metric.key: tr(metric.title) for metric in task.metrics} if task else {}
        scores = document.metrics(split)
        keys = [*(key for key in titles if key in scores), *(key for key in scores if key not in titles)]
        self.metrics.show_rows(
            [
                [
                    (titles.get(key, key), key),
                    (score(scores[key]), scores[key]),
                    (between(document.interval(split, key)), 0.0),
                ]
                for key in keys
            ]
        )
        self.metrics.setColumnHidden(BETWEEN, all(document.interval(split, key) is None for key in keys))
        self.metrics.widen_columns()
        self.metrics.fit_height()
        empty(self.figures)
        for key, value in document.figures().items():
            title, write = _FIGURES[key]
            self.figures.addWidget(NumberLabel(name_rows(tr(title)), write(value)))


def between(interval: tuple[float, float] | None) -> str:
    """Write an interval of a score: `0.921 – 0.960`."""
    return f"{score(interval[0])} – {score(interval[1])}" if interval else "–"
