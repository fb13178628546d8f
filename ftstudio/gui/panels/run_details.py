"""What the chosen runs tell, below their table: their curves, their settings, their answers, and what was noted.

Views are built when they are first seen, a moment after the table is painted: charts take as long to load as the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.run_notes_editor import RunNotesEditor
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import Segmented
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.elided import ElidedLabel
from ftstudio.project.runs import RunSummary

if TYPE_CHECKING:
    from ftstudio.gui.panels.run_overlay import RunOverlay
    from ftstudio.gui.panels.run_verdict import RunVerdict
    from ftstudio.gui.panels.settings_table import SettingsTable

MOST = len(theme.RUN_COLOURS)
AFTER_PAINT_MS = 40


class RunDetails(Card):
    """Shows the runs it is given; the view chosen stays from one choice of runs to the next."""

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(margin=theme.M)
        self._session, self._operations = session, operations
        self.runs: list[RunSummary] = []
        self.notes = RunNotesEditor(session)
        self._views: dict[str, QWidget] = {"notes": self.notes}
        titles = {
            "curves": tr("Curves"),
            "settings": tr("Settings"),
            "answers": tr("Comparison"),
            "notes": tr("Notes"),
        }
        self.choice = Segmented(titles, "curves", tr("About the chosen runs"))
        self.title = ElidedLabel("", "muted")
        self._head = QHBoxLayout()
        self._head.setSpacing(theme.M)
        self._head.addWidget(self.choice)
        self._head.addWidget(self.title, 1)
        self.body.addLayout(self._head)
        self.stack = QStackedWidget()
        self.stack.addWidget(QWidget())
        self.stack.addWidget(self.notes)
        self.body.addWidget(self.stack, 1)
        self.choice.changed.connect(lambda _: self._show())
        self._soon = QTimer(self, singleShot=True, interval=AFTER_PAINT_MS)
        self._soon.timeout.connect(self._show)

    @property
    def curves(self) -> RunOverlay:
        """The curves over each other."""
        if "curves" not in self._views:
            from ftstudio.gui.panels.run_overlay import RunOverlay

            made = RunOverlay(self._session, self._operations)
            self._head.addWidget(made.controls)
            self._add("curves", made)
        return self._views["curves"]  # type: ignore[return-value]  # as it was made here

    @property
    def settings(self) -> SettingsTable:
        """The settings side by side."""
        if "settings" not in self._views:
            from ftstudio.gui.panels.settings_table import SettingsTable

            self._add("settings", SettingsTable())
        return self._views["settings"]  # type: ignore[return-value]  # as it was made here

    @property
    def verdict(self) -> RunVerdict:
        """What came of comparing the answers to the same rows."""
        if "answers" not in self._views:
            from ftstudio.gui.panels.run_verdict import RunVerdict

            self._add("answers", RunVerdict(self._session, self._operations))
        return self._views["answers"]  # type: ignore[return-value]  # as it was made here

    def _add(self, key: str, view: QWidget) -> None:
        self._views[key] = view
        self.stack.addWidget(view)

    def show_runs(self, runs: Sequence[RunSummary]) -> None:
        """Show these runs in a moment, in the order they were begun."""
        self.runs = sorted(runs, key=lambda run: run.status.started)
        self.notes.show_run(self.runs[0] if len(self.runs) == 1 else None)
        self._soon.start()

    def show_view(self, key: str) -> None:
        """Turn to a view."""
        self.choice.choose(key)
        self._show()

    def _show(self) -> None:
        """Only the view that is seen is filled."""
        self._soon.stop()
        shown = self.choice.value()
        self.title.show_text(self._title(shown))
        if shown == "curves":
            self.curves.show_runs(self.runs)
        elif shown == "settings":
            self.settings.show_runs(self.runs[:MOST])
        elif shown == "answers":
            self.verdict.show_runs(self.runs)
        self.stack.setCurrentWidget(self._views[shown])
        if "curves" in self._views:
            self.curves.controls.setVisible(shown == "curves")

    def _title(self, shown: str) -> str:
        if shown == "notes" and len(self.runs) != 1:
            return tr("Choose one run to write about it.")
        if shown in ("curves", "settings") and len(self.runs) > MOST:
            return tr("The first {most} of the {count} chosen runs.").format(most=MOST, count=len(self.runs))
        if shown == "curves" and len(self.runs) == 1:
            return tr("Choose more with Ctrl or Shift.")
        return ""
