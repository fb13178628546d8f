"""Quality of a model that gives several labels: from when on each of them is given, chosen on a curve and saved."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core.states import Split
from ftstudio.core.translation import N_
from ftstudio.datasets.store import Dataset
from ftstudio.gui.panels.label_thresholds import LabelThresholdsPanel
from ftstudio.gui.results.quality import QualityView
from ftstudio.planning.quality.label_thresholds import LabelLook, look
from ftstudio.project.layout import RunLayout


class LabelQualityView(QualityView):
    """A table of labels, and the curve of the chosen one with its slider; what is saved can be undone."""

    key = "quality"
    title = N_("Quality")
    order = 15
    answers = "labels"

    def build_content(self) -> QWidget:
        """Return the panel."""
        self.panel = LabelThresholdsPanel()
        self.panel.chosen.connect(self.choose)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.panel)
        return holder

    def look(self, run: RunLayout, dataset: Dataset, split: Split) -> LabelLook:
        """Look at the stored answers to the rows of a split; raises `InputError`."""
        return look(run, dataset, split)

    def show_look(self, look: Any) -> None:
        """Fill the panel."""
        self.panel.show_look(look, can_write=self.session.can_write)
