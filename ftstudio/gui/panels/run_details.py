"""What the chosen runs tell, below their table: their curves, their settings, their answers, and what was noted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.run_notes_editor import RunNotesEditor
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import Segmented
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.labels import muted
from ftstudio.project.runs import RunSummary


class RunDetails(Card):
    """Shows the runs it is given; the view chosen stays from one choice of runs to the next."""

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__()
        self._session = session
        self.runs: list[RunSummary] = []
        self.notes = RunNotesEditor(session)
        self.views: dict[str, QWidget] = {"notes": self.notes}
        self.choice = Segmented({"notes": tr("Notes")}, "notes", tr("About the chosen runs"))
        self.title = muted("", wrap=False)
        head = QHBoxLayout()
        head.setSpacing(theme.M)
        head.addWidget(self.choice)
        head.addWidget(self.title, 1)
        self.body.addLayout(head)
        self.stack = QStackedWidget()
        for view in self.views.values():
            self.stack.addWidget(view)
        self.body.addWidget(self.stack, 1)
        self.choice.changed.connect(lambda _: self._show())

    def show_runs(self, runs: Sequence[RunSummary]) -> None:
        """Show these runs from now on."""
        self.runs = list(runs)
        self._show()

    def show_view(self, key: str) -> None:
        """Turn to a view."""
        self.choice.choose(key)
        self._show()

    def _show(self) -> None:
        self.stack.setCurrentWidget(self.views[self.choice.value()])
        self.notes.show_run(self.runs[0] if len(self.runs) == 1 else None)
