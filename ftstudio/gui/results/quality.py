"""Quality: how far the answers can be trusted, and how the model decides: confidence, threshold, not knowing."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.deciding import Decision
from ftstudio.core.errors import StudioError
from ftstudio.core.states import Split
from ftstudio.core.translation import N_, tr
from ftstudio.datasets.store import Dataset
from ftstudio.gui import theme
from ftstudio.gui.operations import Operation, Operations
from ftstudio.gui.panels.quality_calibration import CalibrationPanel
from ftstudio.gui.panels.quality_coverage import CoveragePanel
from ftstudio.gui.panels.quality_curves import CurvesPanel
from ftstudio.gui.results.view import ResultView
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.page import scrolled
from ftstudio.project.layout import RunLayout
from ftstudio.project.runs import RunSummary

NARROW = 700


class QualityView(ResultView):
    """Charts of calibration, coverage, precision and hits; what is chosen on them can be undone."""

    key = "quality"
    title = N_("Quality")
    order = 15
    answers = "label"

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(session, operations)
        self._run: RunSummary | None = None
        self._pair: QBoxLayout | None = None
        self._work: Operation | None = None
        self.message = EmptyState("results", "", "")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.message)
        self.stack.addWidget(scrolled(self.build_content()))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def build_content(self) -> QWidget:
        """Return the charts."""
        self.calibration, self.coverage, self.curves = CalibrationPanel(), CoveragePanel(), CurvesPanel()
        for panel in (self.calibration, self.coverage, self.curves):
            panel.chosen.connect(self.choose)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.L)
        self._pair = pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        pair.setSpacing(theme.L)
        pair.addWidget(self.calibration, 1)
        pair.addWidget(self.coverage, 1)
        column.addLayout(pair)
        column.addWidget(self.curves)
        column.addStretch(1)
        return holder

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the first two charts stand below each other."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        if self._pair is not None:
            self._pair.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    def show_result(self, run: RunSummary, document: RunDocument, split: str) -> None:
        """Look at the stored answers to the rows of a split, in the background."""
        dataset = self.session.dataset
        if dataset is None:
            self._say(tr("The data is not there."), tr("Import it again to see what the answers say."))
            return
        if self._run is None or self._run.id != run.id:
            self._say(tr("Looking at the answers…"), "")
        self._run = run
        if self._work is not None:
            self._work.cancel()
        self._work = self.operations.run(
            lambda: self.look(run.layout, dataset, Split(split)),
            title=tr("Looking at the answers"),
            on_success=self._show,
            on_failure=self._fail,
        )
        self._work.ended.connect(self._forget_work)

    def _forget_work(self) -> None:
        if self.sender() is self._work:
            self._work = None

    def look(self, run: RunLayout, dataset: Dataset, split: Split) -> Any:
        """Return what is shown of the stored answers to the rows of a split; raises `InputError`."""
        from ftstudio.planning.answers import read_answers
        from ftstudio.planning.quality.looking import look

        answers = read_answers(run, dataset, edited=True)
        return look(answers, split, answers.decision)

    def show_look(self, look: Any) -> None:
        """Fill the charts."""
        for panel in (self.calibration, self.coverage, self.curves):
            panel.show_look(look, can_write=self.session.can_write)

    def _show(self, look: Any) -> None:
        self.show_look(look)
        self.stack.setCurrentIndex(1)

    def _fail(self, error: object) -> None:
        if isinstance(error, StudioError):
            self._say(str(error.message), str(error.hint or ""))
        else:
            self._say(tr("The answers could not be looked at."), str(error))

    def _say(self, heading: str, hint: str) -> None:
        self.message.say(heading, hint)
        self.stack.setCurrentIndex(0)

    def choose(self, decision: Decision, title: str) -> None:
        """Store how the run decides, as an edit of that name."""
        if self._run is not None:
            self.session.set_decision(self._run, decision, title)
