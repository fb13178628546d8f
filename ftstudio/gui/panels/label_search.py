"""The search for wrong labels: what it is, its button, and how far it is; it goes on while other pages are shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.messages import Progress, Request
from ftstudio.core.translation import tr
from ftstudio.gui.operations import Operation, Operations
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.labels import label
from ftstudio.planning import doubts

BAR_WIDTH = 320


class LabelSearch(QStackedWidget):
    """Two faces: the question with its button, and the search at work. Emits `began()`, `found()` and `ended()`."""

    began = Signal()
    found = Signal()
    ended = Signal()

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__()
        self._session, self._operations = session, operations
        self._operation: Operation | None = None
        self.search_button = button(tr("Find wrong labels"), "primary", clicked=self.search)
        self.question = EmptyState("search", "", "", self.search_button)
        self.addWidget(self.question)
        self.addWidget(self._working())

    def _working(self) -> QWidget:
        face = QWidget()
        whole = QVBoxLayout(face)
        self.phase, self.bar = label(""), QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(BAR_WIDTH)
        self.bar.setAccessibleName(tr("Finding wrong labels"))
        self.cancel_button = button(tr("Cancel"), clicked=self.cancel)
        whole.addStretch(1)
        for one in (self.phase, self.bar, self.cancel_button):
            whole.addWidget(one, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addStretch(1)
        return face

    @property
    def is_working(self) -> bool:
        """Whether a search is under way."""
        return self._operation is not None

    def ask(self, heading: str, hint: str) -> None:
        """Show the question, or what became of the last answer."""
        self.question.say(heading, hint)
        why_not = self._why_not()
        self.search_button.setEnabled(not why_not)
        self.search_button.setToolTip(why_not)
        self.setCurrentIndex(0)

    def search(self) -> None:
        """Start the study with its options as they are."""
        project = self._session.project
        if project is None or self._operation is not None or self._why_not():
            return
        self.bar.setRange(0, 0)
        self.phase.setText(tr("Starting"))
        self._operation = self._operations.run_job(
            Request(job=doubts.STUDY, project=project.layout.root, options={}),
            title=tr("Finding wrong labels"),
            on_success=lambda _: self.found.emit(),
            on_progress=self._show_progress,
        )
        self._operation.ended.connect(self._end)
        self.setCurrentIndex(1)
        self.began.emit()

    def cancel(self) -> None:
        """Stop the search; what an earlier one found stays."""
        if self._operation is not None:
            self._operation.cancel()

    def _end(self) -> None:
        self._operation = None
        self._session.refresh_runs()  # the Advice page lists studies, too
        self.ended.emit()

    def _show_progress(self, progress: Progress) -> None:
        self.phase.setText(progress.phase.render())
        self.bar.setRange(0, progress.total or 0)
        self.bar.setValue(progress.done)

    def _why_not(self) -> str:
        session = self._session
        if session.dataset is None:
            return tr("Import labelled data first.")
        if session.model is None:
            return tr("Choose a model first: its view of the rows is what labels are judged by.")
        if session.trainer.is_active:
            return tr("Wait until the training has ended.")
        return "" if session.can_train() else tr("The project is open only to be looked at.")
