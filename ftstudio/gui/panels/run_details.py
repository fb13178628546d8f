"""What the chosen runs tell, below their table: their curves, their settings, their answers, and what was noted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.charts.overlay_chart import MOST
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.run_notes_editor import RunNotesEditor
from ftstudio.gui.panels.run_overlay import RunOverlay
from ftstudio.gui.panels.run_verdict import RunVerdict
from ftstudio.gui.panels.settings_table import SettingsTable
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import Segmented
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.elided import ElidedLabel
from ftstudio.project.runs import RunSummary


class RunDetails(Card):
    """Shows the runs it is given; the view chosen stays from one choice of runs to the next."""

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(margin=theme.M)
        self.runs: list[RunSummary] = []
        self.curves = RunOverlay(session, operations)
        self.settings = SettingsTable()
        self.verdict = RunVerdict(session, operations)
        self.notes = RunNotesEditor(session)
        self.views: dict[str, QWidget] = {
            "curves": self.curves,
            "settings": self.settings,
            "answers": self.verdict,
            "notes": self.notes,
        }
        titles = {
            "curves": tr("Curves"),
            "settings": tr("Settings"),
            "answers": tr("Comparison"),
            "notes": tr("Notes"),
        }
        self.choice = Segmented(titles, "curves", tr("About the chosen runs"))
        self.title = ElidedLabel("", "muted")
        head = QHBoxLayout()
        head.setSpacing(theme.M)
        head.addWidget(self.choice)
        head.addWidget(self.title, 1)
        head.addWidget(self.curves.controls)
        self.body.addLayout(head)
        self.stack = QStackedWidget()
        for view in self.views.values():
            self.stack.addWidget(view)
        self.body.addWidget(self.stack, 1)
        self.choice.changed.connect(lambda _: self._show())

    def show_runs(self, runs: Sequence[RunSummary]) -> None:
        """Show these runs from now on, in the order they were begun."""
        self.runs = sorted(runs, key=lambda run: run.status.started)
        self._show()

    def show_view(self, key: str) -> None:
        """Turn to a view."""
        self.choice.choose(key)
        self._show()

    def _show(self) -> None:
        """Only the view that is seen is filled."""
        shown = self.choice.value()
        self.stack.setCurrentWidget(self.views[shown])
        self.title.show_text(self._title(shown))
        self.curves.controls.setVisible(shown == "curves")
        self.notes.show_run(self.runs[0] if len(self.runs) == 1 else None)
        if shown == "curves":
            self.curves.show_runs(self.runs)
        elif shown == "settings":
            self.settings.show_runs(self.runs[:MOST])
        elif shown == "answers":
            self.verdict.show_runs(self.runs)

    def _title(self, shown: str) -> str:
        if shown == "notes" and len(self.runs) != 1:
            return tr("Choose one run to write about it.")
        if shown in ("curves", "settings") and len(self.runs) > MOST:
            return tr("The first {most} of the {count} chosen runs.").format(most=MOST, count=len(self.runs))
        if shown == "curves" and len(self.runs) == 1:
            return tr("Choose more with Ctrl or Shift.")
        return ""
