"""Quality of a model that finds answers: when it gives none, chosen on a curve and saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core.deciding import Decision
from ftstudio.core.states import Split
from ftstudio.core.translation import N_
from ftstudio.datasets.store import Dataset
from ftstudio.gui.panels.quality_no_answer import NoAnswerPanel
from ftstudio.gui.results.quality import QualityView
from ftstudio.planning.extract_answers import read_margins
from ftstudio.planning.quality.no_answer import Margins
from ftstudio.project.decisions import read_decision
from ftstudio.project.layout import RunLayout


@dataclass(frozen=True)
class NoAnswerLook:
    """Questions of a split, how their run decides, and whether they may be chosen by."""

    rows: Margins
    decision: Decision
    may_choose: bool


class NoAnswerView(QualityView):
    """One chart with a slider; what is chosen on it can be undone."""

    key = "quality"
    title = N_("Quality")
    order = 15
    answers = "extract"

    def build_content(self) -> QWidget:
        """Return the chart."""
        self.panel = NoAnswerPanel()
        self.panel.chosen.connect(self.choose)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.panel)
        column.addStretch(1)
        return holder

    def look(self, run: RunLayout, dataset: Dataset, split: Split) -> NoAnswerLook:
        """Look at the stored answers to the questions of a split; raises `InputError`."""
        may_choose = split is not Split.TEST or not len(read_margins(run, dataset, Split.VALIDATION).margin)
        return NoAnswerLook(read_margins(run, dataset, split), read_decision(run), may_choose)

    def show_look(self, look: Any) -> None:
        """Fill the chart."""
        can_write = self.session.can_write
        self.panel.show_margins(look.rows, look.decision, may_choose=look.may_choose, can_write=can_write)
