"""Try: the trained model on new input, one question at a time or a whole file of them."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget

from ftstudio.core.translation import N_, tr
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.run_choice import RunChoice
from ftstudio.gui.session import Session
from ftstudio.gui.trying.one_by_one import OneByOne
from ftstudio.gui.trying.whole_file import WholeFile
from ftstudio.gui.widgets.buttons import Segmented, button
from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.page import PageFrame


class TryPage(PageFrame):
    """Ask the model of one run."""

    key = "try"
    title = N_("Try")
    icon = "try"
    order = 60

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(tr("Try"))
        self._session = session
        self.runs = RunChoice(session)
        self.one = OneByOne(session, operations)
        self.file = WholeFile(session, operations)
        ways = {"one": tr("One at a time"), "file": tr("A whole file")}
        self.ways = Segmented(ways, "one", tr("What is asked"))
        self.ways.changed.connect(self.show_way)
        self.header.addWidget(self.ways)
        self.header.addWidget(self.runs)
        self.stack = QStackedWidget()
        go = button(tr("Go to training"), "primary", clicked=lambda: session.stage_requested.emit("train"))
        self.empty = EmptyState(
            "try",
            tr("There is no model to try yet."),
            tr("When a run has finished, ask its model here about new texts or pictures."),
            go,
        )
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.one)
        self.stack.addWidget(self.file)
        self.body.addWidget(self.stack, 1)
        session.runs_changed.connect(self.refresh)
        session.project_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Ask the run that is chosen now."""
        run = self._session.run()
        there = run is not None and run.report is not None
        for widget in (self.runs, self.ways):
            widget.setVisible(there)
        if run is not None and there:
            self.runs.refresh()
            self.one.show_run(run)
            self.file.show_run(run)
        self.show_way(self.ways.value() if there else "")

    def show_way(self, way: str) -> None:
        """Show one question at a time, or the file of many, or that there is nothing to ask."""
        self.stack.setCurrentIndex({"one": 1, "file": 2}.get(way, 0))
