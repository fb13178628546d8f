"""Quality of a model that draws boxes: from when on it draws them, chosen on a curve and saved, by kind and by size."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from ftstudio.core.states import Split
from ftstudio.core.translation import N_
from ftstudio.datasets.store import Dataset
from ftstudio.gui.panels.quality_boxes import BoxQualityPanel
from ftstudio.gui.results.quality import NARROW, QualityView
from ftstudio.planning.quality import boxes
from ftstudio.planning.quality.boxes import BoxLook
from ftstudio.project.layout import RunLayout


class BoxQualityView(QualityView):
    """Curves with a slider; what is chosen on them can be undone."""

    key = "quality"
    title = N_("Quality")
    order = 15
    answers = "boxes"

    def build_content(self) -> QWidget:
        """Return the charts."""
        self.panel = BoxQualityPanel()
        self.panel.chosen.connect(self.choose)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.panel)
        column.addStretch(1)
        return holder

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the charts stand below each other."""
        super().resizeEvent(event)
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self.panel.charts.setDirection(down if self.width() < NARROW else across)

    def look(self, run: RunLayout, dataset: Dataset, split: Split) -> BoxLook:
        """Look at the stored answers to the pictures of a split; raises `InputError`."""
        return boxes.look(run, dataset, split)

    def show_look(self, look: Any) -> None:
        """Fill the charts."""
        self.panel.show_look(look, can_write=self.session.can_write)
