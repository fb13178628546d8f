"""Try: the trained model on new input, one question at a time or a whole file of them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QStackedWidget

from ftstudio.core.translation import N_, tr
from ftstudio.gui.operations import Operations
from ftstudio.gui.session import Session
from ftstudio.gui.trying.one_by_one import OneByOne
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.page import PageFrame

RUNS_WIDTH = 260


class TryPage(PageFrame):
    """Ask the model of one run."""

    key = "try"
    title = N_("Try")
    icon = "try"
    order = 60

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(tr("Try"), tr("ask the model about something new"))
        self._session = session
        self.runs = QComboBox()
        self.runs.setAccessibleName(tr("Run"))
        self.runs.setFixedWidth(RUNS_WIDTH)
        self.runs.activated.connect(lambda at: session.show_run(self.runs.itemData(at)))
        self.one = OneByOne(session, operations)
        self.header.addWidget(self.one.compare)
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
        self.body.addWidget(self.stack, 1)
        session.runs_changed.connect(self.refresh)
        session.project_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Ask the run that is chosen now."""
        run = self._session.run()
        there = run is not None and run.report is not None
        self.stack.setCurrentIndex(1 if there else 0)
        for widget in (self.runs, self.one.compare, self.subtitle_label):
            widget.setVisible(there)
        if run is None or not there:
            return
        self._list_runs(run.id)
        self.one.show_run(run)

    def _list_runs(self, chosen: str) -> None:
        self.runs.clear()
        runs = self._session.runs
        for at, run in enumerate(runs):
            if run.report is not None:
                words = tr("Run {number}: {name}").format(number=len(runs) - at, name=run.name)
                self.runs.addItem(words, run.id)
                self.runs.setItemData(self.runs.count() - 1, words, Qt.ItemDataRole.ToolTipRole)
        self.runs.setCurrentIndex(max(0, self.runs.findData(chosen)))
