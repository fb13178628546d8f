"""Results: one run, looked at in several ways. Each way is a view of `gui.results`, found there and shown as a tab."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from ftstudio.core.specs import Answer
from ftstudio.core.translation import N_, tr
from ftstudio.gui import seal, theme
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.run_choice import RunChoice
from ftstudio.gui.results import finding
from ftstudio.gui.results.splits import visible_splits
from ftstudio.gui.results.view import ResultView, Wanted
from ftstudio.gui.run_document import SPLITS, split_title
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import Segmented, button
from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.page import PageFrame

RUNS_WIDTH = 300
SAMPLES = "samples"


class ResultsPage(PageFrame):
    """The result of one run. The tab and the split that were chosen stay when the run changes."""

    key = "results"
    title = N_("Results")
    icon = "results"
    order = 50

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(tr("Results"))
        self._session, self._operations = session, operations
        self.split = ""
        self._answer = Answer.LABEL
        self._tabs = finding.find(self._answer)
        self.views: dict[str, ResultView] = {}
        self._build_header()
        self.stack = QStackedWidget()
        self.empty = EmptyState(
            "results",
            tr("There is no result yet."),
            tr("The first finished run puts its score, its mistakes and its kept model here."),
            button(tr("Go to training"), "primary", clicked=lambda: session.stage_requested.emit("train")),
        )
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self._content())
        self.body.addWidget(self.stack, 1)
        session.runs_changed.connect(self.refresh)
        session.project_changed.connect(self.refresh)
        session.decision_changed.connect(lambda _: self.refresh())
        session.view_requested.connect(self.show_view)
        session.samples_requested.connect(self._show_samples)
        self.refresh()

    def _build_header(self) -> None:
        self.runs = RunChoice(self._session, RUNS_WIDTH)
        self.header.addWidget(self.runs)
        self.report = button(tr("Report…"), tip=tr("One page about this run, for people without the program"))
        self.report.clicked.connect(lambda: self._session.command_requested.emit("write_report", ""))
        self.header.addWidget(self.report)
        export = button(tr("Export…"), "primary", icon="export")
        export.clicked.connect(lambda: self._session.stage_requested.emit("export"))
        self.header.addWidget(export)

    def _content(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        self.bar = QTabBar()
        self.bar.setAccessibleName(tr("Views of the result"))
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._fill_bar()
        self.splits = Segmented({split: split_title(split) for split in SPLITS}, SPLITS[0], tr("Rows"))
        row = QHBoxLayout()
        row.addWidget(self.bar, 1)  # all the room there is: the chosen tab is bold, and wider than the bar reckons
        row.addWidget(self.splits)
        column.addLayout(row)
        self.seal = seal.SealNotice(self._session)
        column.addWidget(self.seal)
        self.view_stack = QStackedWidget()
        column.addWidget(self.view_stack, 1)
        self.bar.currentChanged.connect(lambda _: self.refresh())
        self.splits.changed.connect(self._choose_split)
        return holder

    def _fill_bar(self) -> None:
        for tab in self._tabs:
            self.bar.addTab(tab.shown_title)

    def _fit_task(self) -> None:
        """Offer the views for the kind of answer that the project's task gives."""
        answer = self._session.task.answer if self._session.task is not None else Answer.LABEL
        if answer is self._answer:
            return
        self._answer, self._tabs = answer, finding.find(answer)
        for view in self.views.values():
            self.view_stack.removeWidget(view)
            view.deleteLater()
        self.views = {}
        with QSignalBlocker(self.bar):
            while self.bar.count():
                self.bar.removeTab(0)
            self._fill_bar()

    def show_view(self, key: str) -> None:
        """Bring a tab to the front; one that is not there changes nothing."""
        keys = [tab.key for tab in self._tabs]
        if key in keys:
            self.bar.setCurrentIndex(keys.index(key))

    def view(self, key: str) -> ResultView:
        """Return a view, built when it is first wanted."""
        if key not in self.views:
            made = next(tab for tab in self._tabs if tab.key == key).build(self._session, self._operations)
            self.views[key] = made
            self.view_stack.addWidget(made)
        return self.views[key]

    def _choose_split(self, split: str) -> None:
        self.split = split
        self.refresh()

    def _show_samples(self, split: str, truth: str, predicted: str) -> None:
        if SAMPLES not in [tab.key for tab in self._tabs]:
            return
        self.split = split or self.split
        self.show_view(SAMPLES)
        self.refresh()
        self.view(SAMPLES).look_for(Wanted(split, truth, predicted))

    def refresh(self) -> None:
        """Show the chosen run in the chosen view."""
        self._fit_task()
        run = self._session.run()
        shown = run is not None and run.report is not None
        self.stack.setCurrentIndex(1 if shown else 0)
        self.runs.setVisible(shown)
        self.report.setVisible(shown)
        if run is None or run.report is None:
            return
        self.runs.refresh()
        document = seal.document_of(self._session, run)
        self.seal.show_run(run)
        splits = visible_splits(self._session, run, document)
        split = self.split if self.split in splits else next(iter(splits), "validation")
        for key in SPLITS:
            self.splits.set_choice_enabled(key, key in splits)
        self.splits.choose(split)
        view = self.view(self._tabs[self.bar.currentIndex()].key)
        view.show_result(run, document, split)
        self.view_stack.setCurrentWidget(view)
