"""Overview: how good the kept model is, beside simple answers, and which labels it takes for which."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core.messages import Diagnosed
from ftstudio.core.specs import Answer
from ftstudio.core.translation import N_
from ftstudio.gui import theme
from ftstudio.gui.charts.confusion import ConfusionMatrix
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.doctor_banner import DoctorBanner
from ftstudio.gui.panels.result_classes import ResultClasses
from ftstudio.gui.panels.result_headline import ResultHeadline
from ftstudio.gui.panels.result_scores import ResultScores
from ftstudio.gui.results.view import ResultView
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.page import scrolled
from ftstudio.project.runs import RunSummary

NARROW = 1000
SCORES_WIDTH = 344
LEAST_HEIGHT = 380
UNBOUNDED = 16_777_215


class OverviewView(ResultView):
    """The score, the table by label and the confusion matrix."""

    key = "overview"
    title = N_("Overview")
    order = 10
    answers = "label labels number spans extract boxes text rewrite"

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(session, operations)
        self._split = ""
        self.headline = ResultHeadline(session)
        self.doctor = DoctorBanner(session)
        self.classes, self.scores = ResultClasses(), ResultScores()
        self.matrix = ConfusionMatrix()
        self.matrix.setMinimumHeight(LEAST_HEIGHT)
        self.matrix.cell_clicked.connect(lambda truth, guess: session.samples_requested.emit(self._split, truth, guess))
        self.classes.label_chosen.connect(lambda label: session.samples_requested.emit(self._split, label, ""))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(self._content()))

    def _content(self) -> QWidget:
        holder = QWidget()
        self._column = QVBoxLayout(holder)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.L)
        self._column.addWidget(self.headline)
        self._column.addWidget(self.doctor)
        self._below = QHBoxLayout()
        self._below.setSpacing(theme.L)
        self._below.addWidget(self.classes, 6)
        self._below.addWidget(self.matrix, 5)
        self._below.addWidget(self.scores)
        self._column.addLayout(self._below, 1)
        return holder

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the scores stand below, one scroll away."""
        super().resizeEvent(event)
        self._place_scores()

    def _place_scores(self) -> None:
        """Put the scores below or beside the table; where there is no table, they have all the width."""
        narrow = self.width() < NARROW
        self.scores.setMinimumWidth(SCORES_WIDTH)
        self.scores.setMaximumWidth(UNBOUNDED if narrow or self.classes.isHidden() else SCORES_WIDTH)
        (self._column if narrow else self._below).addWidget(self.scores)

    def _verdict(self, document: RunDocument) -> Diagnosed | None:
        """Return the doctor's verdict; “healthy” is not said beside the sentence that training added nothing."""
        told = document.verdict()
        praises = told is not None and all(one.mood == "good" for one in told.advice)
        return None if praises and self.headline.caution.text() else told

    def _answer(self) -> Answer:
        return self.session.task.answer if self.session.task is not None else Answer.LABEL

    def show_result(self, run: RunSummary, document: RunDocument, split: str) -> None:
        """Show the run on the rows of a split."""
        self._split = split
        self.headline.show_result(run, document, split)
        self.doctor.show_verdict(self._verdict(document), run.id)
        self.scores.show_result(self.session.task, document, split)
        self.classes.setVisible(bool(document.classes(split)))
        self.classes.show_result(document, split, self._answer())
        self.matrix.setVisible(bool(document.confusion(split)))
        self.matrix.show_matrix(document.labels(split), document.confusion(split))
        self._place_scores()
