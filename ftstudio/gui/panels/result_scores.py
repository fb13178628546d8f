"""All scores of a run on every split that may be seen, and what the run took."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout

from ftstudio.core.quantities import byte_size, duration, rate, score
from ftstudio.core.specs import TaskSpec
from ftstudio.core.translation import N_, number, tr
from ftstudio.gui import theme
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.widgets.card import Card, empty
from ftstudio.gui.widgets.labels import NumberLabel, section
from ftstudio.gui.widgets.number_table import NumberTable

_FIGURES: dict[str, tuple[str, Callable[[Any], str]]] = {
    "steps": (N_("steps"), lambda value: number(int(value))),
    "seconds": (N_("training time"), duration),
    "samples_per_second": (N_("speed"), rate),
    "peak_memory_bytes": (N_("memory at most"), byte_size),
    "training_rows": (N_("training rows"), lambda value: number(int(value))),
    "device": (N_("on"), str),
}
COLUMNS = ("validation", "test")


class ResultScores(Card):
    """A table of metrics by split, and the figures of the run."""

    def __init__(self) -> None:
        super().__init__(tr("Scores"))
        headers = [tr("metric"), tr("validation"), tr("test")]
        self.metrics = NumberTable(tr("Scores on validation and test rows"), headers, sortable=False)
        self.figures = QVBoxLayout()
        self.figures.setSpacing(theme.XS)
        self.add(self.metrics)
        self.body.addSpacing(theme.M)
        self.body.addWidget(section(tr("The run")))
        self.body.addLayout(self.figures)
        self.body.addStretch(1)

    def show_result(self, task: TaskSpec | None, document: RunDocument, visible: Sequence[str]) -> None:
        """Show the scores of the splits that are `visible`."""
        titles = {metric.key: tr(metric.title) for metric in task.metrics} if task else {}
        scores = [document.metrics(split) if split in visible else {} for split in COLUMNS]
        keys = [key for key in titles if any(key in found for found in scores)]
        keys += [key for key in scores[0] if key not in keys]
        self.metrics.show_rows(
            [[(titles.get(key, key), key), *(_cell(found.get(key)) for found in scores)] for key in keys]
        )
        self.metrics.fit_height()
        empty(self.figures)
        for key, value in document.figures().items():
            title, write = _FIGURES[key]
            self.figures.addWidget(NumberLabel(tr(title), write(value)))


def _cell(value: float | None) -> tuple[str, object]:
    return (score(value), value) if value is not None else ("–", 0.0)
