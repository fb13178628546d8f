"""Advice: questions that can be answered by measuring before (or instead of) a long training run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core import catalog
from ftstudio.core.messages import Progress, Request
from ftstudio.core.options import Options
from ftstudio.core.specs import StudySpec
from ftstudio.core.translation import N_, tr
from ftstudio.gui import remedies, seal, theme
from ftstudio.gui.operations import Operation, Operations
from ftstudio.gui.panels.study_form import StudyForm
from ftstudio.gui.panels.study_list import StudyList
from ftstudio.gui.panels.study_report import StudyResult
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import Card, empty
from ftstudio.gui.widgets.feedback import Banner, EmptyState
from ftstudio.gui.widgets.labels import caption, muted, section
from ftstudio.gui.widgets.page import PageFrame, column, scrolled

LIST_WIDTH = 304


class AdvicePage(PageFrame):
    """Choose a question, start the study that answers it, read the answer, act on it."""

    key = "advice"
    title = N_("Advice")
    icon = "advice"
    order = 35

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(tr(self.title), tr("measured on your data and your model"))
        self._session, self._operations = session, operations
        self._operation: Operation | None = None
        self._working = ""
        self.studies = StudyList(catalog.studies_in_order())
        self.study = self.studies.first
        self.stack = QStackedWidget()
        go = button(tr("Go to the data"), "primary", clicked=lambda: session.stage_requested.emit("data"))
        words = tr("Choose a model and import data first; then questions about them can be answered by measuring.")
        self.stack.addWidget(EmptyState("advice", tr("There is nothing to measure yet."), words, go))
        self.stack.addWidget(self._content())
        self.body.addWidget(self.stack, 1)
        self.studies.chosen.connect(self.show_study)
        session.command_requested.connect(self._obey)
        for signal in (session.project_changed, session.model_changed, session.data_changed, session.runs_changed):
            signal.connect(self.refresh)
        self.refresh()

    # Building

    def _content(self) -> QWidget:
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.L)
        left = scrolled(column(self.studies))
        left.setFixedWidth(LIST_WIDTH)
        row.addWidget(left)
        right = QWidget()
        self._right = QVBoxLayout(right)
        self._right.setContentsMargins(0, 0, theme.S, 0)
        self._right.setSpacing(theme.L)
        self._right.addWidget(self._question_card())
        self._result = QVBoxLayout()
        self._right.addLayout(self._result, 1)
        row.addWidget(scrolled(right), 1)
        return content

    def _question_card(self) -> Card:
        card = Card()
        self._question, self._summary = section(), muted("")
        self._question.setWordWrap(True)
        card.add(self._question, self._summary)
        self._form_place = QVBoxLayout()
        card.body.addLayout(self._form_place)
        self._forms: dict[str, StudyForm] = {}
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        self.start_button = button(tr("Start measuring"), "primary", clicked=self.start)
        self.cancel_button = button(tr("Cancel"), clicked=self._cancel)
        self.bar, self.phase = QProgressBar(), caption()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(160)
        self._why_not = QLabel()
        theme.restyle(self._why_not, role="muted")
        for widget in (self.start_button, self.cancel_button, self.bar):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.phase, 1)
        row.addWidget(self._why_not)
        card.body.addLayout(row)
        return card

    # Choosing

    def show_study(self, key: str) -> None:
        """Show the question, options and newest result of the study `key`."""
        if key not in self.studies.cards:
            return
        self.study = key
        self.studies.show_choice(key)
        spec: StudySpec = catalog.studies().spec(key)
        self._question.setText(tr(spec.question))
        self._summary.setText(tr(spec.summary))
        self._show_options(spec)
        self._show_work()
        self._show_result()

    def _show_options(self, spec: StudySpec) -> None:
        """Show the form of a study; what was typed in it stays while the window is open."""
        if spec.key not in self._forms:
            form = StudyForm(spec.options or Options)  # type: ignore[arg-type]  # options are `Options`
            self._forms[spec.key] = form
            self._form_place.addWidget(form)
        for key, form in self._forms.items():
            form.setVisible(key == spec.key)
        self._options = self._forms[spec.key]

    def refresh(self) -> None:
        """Follow the project: its studies, and whether anything can be measured."""
        session = self._session
        ready = session.dataset is not None and session.model is not None
        self.stack.setCurrentIndex(1 if ready else 0)
        if ready and session.task is not None:
            self.studies.show_task(session.task)
            self.studies.show_made(self._made())
            self.show_study(self.study)

    def _obey(self, command: str, argument: str) -> None:
        if command in ("show_study", "start_study"):
            self.show_study(argument)
        if command == "start_study" and self.study == argument:
            self.start()

    # Measuring

    def start(self) -> None:
        """Start the study that is shown; it ends with its result on this page."""
        project = self._session.project
        if project is None or not self._can_start():
            return
        spec: StudySpec = catalog.studies().spec(self.study)
        key = self._working = self.study
        self._options.complain("", "")
        self.phase.clear()
        self.bar.setRange(0, 0)
        self._operation = self._operations.run_job(
            Request(job=key, project=project.layout.root, options=self._options.values()),
            title=tr(spec.title),
            on_success=lambda _: self._succeed(key),
            on_failure=lambda error: self._fail(key, error),
            on_progress=self._show_progress,
        )
        self._operation.ended.connect(self._end)
        self._show_work()
        self._show_result()

    def _can_start(self) -> bool:
        return self._operation is None and self._session.can_train()

    def _cancel(self) -> None:
        if self._operation is not None:
            self._operation.cancel()

    def _show_progress(self, progress: Progress) -> None:
        self.phase.setText(progress.phase.render())
        self.bar.setRange(0, progress.total or 0)
        self.bar.setValue(progress.done)

    def _succeed(self, key: str) -> None:
        self._end()
        self.studies.show_made(self._made())
        self._session.refresh_runs()
        self.show_study(key)

    def _fail(self, key: str, error: Any) -> None:
        self._end()
        self.show_study(key)
        words = " ".join(str(part) for part in (getattr(error, "message", error), getattr(error, "hint", "")) if part)
        where = getattr(error, "where", None)
        if not self._options.complain(getattr(where, "field", None) or "", words):
            self._result.insertWidget(0, Banner(str(getattr(error, "message", error)), "danger", _hint(error)))

    def _end(self) -> None:
        self._operation, self._working = None, ""
        self._show_work()

    def _show_work(self) -> None:
        working = self._operation is not None
        here = working and self._working == self.study
        focused = self.start_button.hasFocus() or self.cancel_button.hasFocus()
        for widget in (self.cancel_button, self.bar, self.phase):
            widget.setVisible(here)
        self.start_button.setVisible(not here)
        self.start_button.setEnabled(self._can_start())
        if focused:
            (self.cancel_button if here else self.start_button).setFocus()
        self._why_not.setText("" if here or self._can_start() else self._reason(working))

    def _reason(self, working: bool) -> str:
        if working:
            return tr("Another question is being measured.")
        if self._session.trainer.is_active:
            return tr("Wait until the training has ended.")
        return tr("The project is open only to be looked at.")

    # The result

    def _made(self) -> dict[str, str]:
        from ftstudio.project.studies import list_studies

        project = self._session.project
        found = list_studies(project.layout) if project is not None else []
        return {one.report.study: one.report.made for one in reversed(found)}

    def _show_result(self) -> None:
        from ftstudio.project.studies import list_studies

        empty(self._result)
        project = self._session.project
        found = list_studies(project.layout, self.study) if project is not None else []
        if found and self._working != self.study:
            report, data = found[0].report, self._session.dataset
            folder = data.folder if data is not None else Path()
            shown = StudyResult(
                seal.study_of(self._session, report),
                self._outdated(report),
                may_act=self._session.can_write,
                folder=folder,
            )
            shown.chosen.connect(lambda remedy: remedies.apply(self._session, remedy))
            self._result.addWidget(shown)
        self._result.addStretch(1)

    def _outdated(self, report: Any) -> str:
        session = self._session
        if session.dataset is not None and report.data_fingerprint != session.dataset.fingerprint:
            return tr("The data has changed since this was measured.")
        if session.model is not None and report.model_fingerprint != session.model.fingerprint:
            return tr("This was measured with another model.")
        return ""


def _hint(error: Any) -> str:
    return str(getattr(error, "hint", None) or "")
