"""Train: the charts of the run at work or the last one, its figures, what it remarks, and what it uses."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.messages import Diagnosed, Event, Remark, Wrote
from ftstudio.core.states import RunState
from ftstudio.core.text import Text
from ftstudio.core.translation import N_, tr
from ftstudio.gui import notifications, theme
from ftstudio.gui.charts.curves import RunCurves
from ftstudio.gui.charts.run_charts import RunCharts
from ftstudio.gui.looking import needs_writing
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.before_training import BeforeTraining
from ftstudio.gui.panels.doctor_banner import DoctorBanner
from ftstudio.gui.panels.hung_notice import HungNotice
from ftstudio.gui.panels.run_log import RunLog
from ftstudio.gui.panels.run_result import result_banner
from ftstudio.gui.panels.run_status import RunStatusLine
from ftstudio.gui.panels.settings_facts import SettingsFacts
from ftstudio.gui.panels.written_samples import WrittenSamples
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button, set_kind
from ftstudio.gui.widgets.card import empty
from ftstudio.gui.widgets.feedback import Banner, banner_slot
from ftstudio.gui.widgets.page import PageFrame

_BANNER_STATES = {"note": "note", "warning": "warning", "error": "danger"}
AT_MOST_BANNERS = 3
NARROW = 900


class TrainPage(PageFrame):
    """Start, watch, pause, stop."""

    key = "train"
    title = N_("Train")
    icon = "train"
    order = 40

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(tr("Training"))
        self._session, self._trainer = session, session.trainer
        self.curves = RunCurves()
        self._shown_run: str | None = None
        self._build_buttons()
        self.before = BeforeTraining(session)
        self.charts, self.facts = RunCharts(), SettingsFacts()
        self.status, self.log = RunStatusLine(self._trainer), RunLog(self._trainer)
        self.written = WrittenSamples()
        self.hung, self.doctor = HungNotice(session), DoctorBanner(session)
        self.outcome_slot, self._outcome = banner_slot()
        self.remark_slot, self._remarks = banner_slot()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.before)
        self.stack.addWidget(self._running())
        self.body.addWidget(self.stack, 1)
        self._connect()
        self._show_project()

    def _build_buttons(self) -> None:
        trainer = self._trainer
        self.start_button = button(tr("Start training"), "primary", icon="play", clicked=self._session.start_training)
        self.resume_button = button(tr("Resume the last run"), icon="play", clicked=self._resume_last)
        self.pause_button = button(tr("Pause"), icon="pause", clicked=self._pause_or_go_on)
        self.stop_button = button(tr("Stop and keep"), icon="stop", clicked=trainer.stop)
        self.start_button.setToolTip("Ctrl+R")
        needs_writing(self._session, self.start_button)
        self.pause_button.setToolTip("Ctrl+P")
        self.stop_button.setToolTip("Ctrl+.")
        for one in (self.pause_button, self.stop_button, self.resume_button, self.start_button):
            self.header.addWidget(one)

    def _running(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.L)
        left = QVBoxLayout()
        left.setSpacing(theme.M)
        for widget, stretch in (
            (self.outcome_slot, 0),
            (self.hung, 0),
            (self.charts, 1),
            (self.status, 0),
            (self.doctor, 0),
            (self.remark_slot, 0),
            (self.written, 0),
            (self.log, 0),
        ):
            left.addWidget(widget, stretch)
        row.addLayout(left, 1)
        row.addWidget(self.facts)
        return holder

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the charts all the room of a narrow window; the facts stand on the settings page too."""
        super().resizeEvent(event)
        self.facts.setVisible(self.width() >= NARROW)

    def _connect(self) -> None:
        session, trainer = self._session, self._trainer
        for signal in (session.project_changed, session.runs_changed):
            signal.connect(self._show_project)
        for signal in (session.settings_changed, session.model_changed, session.data_changed, trainer.state_changed):
            signal.connect(self._refresh)
        for signal in (trainer.measured, trainer.kept, trainer.remarked, trainer.diagnosed, trainer.wrote):
            signal.connect(self._hear)
        trainer.started.connect(lambda _: self._begin())
        trainer.ended.connect(self._end)

    # Which run is shown

    def _begin(self) -> None:
        """A new worker has begun: fresh curves, or those so far of a run that goes on."""
        run = self._session.run(self._trainer.run_id) if self._trainer.run_id else None
        self._shown_run = self._trainer.run_id
        self._show_curves(RunCurves.read(run.layout.metrics) if run is not None else RunCurves())
        empty(self._outcome)
        empty(self._remarks)
        self.log.show_lines([])
        self._refresh()

    def _show_project(self) -> None:
        """Show the newest run of the project, unless one is at work."""
        if not self._trainer.is_active:
            newest = self._session.runs[0] if self._session.runs else None
            shown = newest.id if newest is not None else None
            if shown != self._shown_run:
                self._shown_run = shown
                self._show_curves(RunCurves.read(newest.layout.metrics) if newest is not None else RunCurves())
                empty(self._remarks)
                empty(self._outcome)
                if newest is not None:
                    self._show_outcome()
        self._refresh()

    def _show_curves(self, curves: RunCurves) -> None:
        self.curves = self.status.curves = curves
        self.charts.show_curves(curves)
        self.written.show_texts(curves.written)
        self._show_verdict()

    def _show_outcome(self, message: Text | None = None, hint: Text | None = None, details: str = "") -> None:
        empty(self._outcome)
        run = self._session.run(self._shown_run) if self._shown_run else None
        if run is None:
            return
        banner = result_banner(run, self._session, message, hint)
        if details and not run.status.state.has_result:
            banner.add_button(tr("Details"), lambda: self.log.open_with(details))
        self._outcome.addWidget(banner)

    def _refresh(self) -> None:
        session, trainer = self._session, self._trainer
        active = trainer.is_active
        has_run = active or bool(session.runs)
        resumable = session.resumable()
        self.stack.setCurrentIndex(1 if has_run and session.project is not None else 0)
        self.start_button.setVisible(not active and has_run)
        self.start_button.setEnabled(session.can_train())
        again = any(run.status.state.has_result for run in session.runs)
        self.start_button.setText(tr("Train again") if again else tr("Start training"))
        quiet = again or resumable is not None
        set_kind(self.start_button, "" if quiet else "primary", "play")
        stopped = resumable is not None and resumable.status.state.has_result
        self.resume_button.setVisible(not active and stopped)
        self.pause_button.setVisible(active)
        self.stop_button.setVisible(active)
        self.stop_button.setEnabled(not trainer.is_stopping)
        paused = trainer.state is RunState.PAUSED
        self.pause_button.setText(tr("Go on") if paused else tr("Pause"))
        self.status.setVisible(active)
        self._show_facts()
        self.before.refresh()

    def _show_facts(self) -> None:
        session = self._session
        run = next((run for run in session.runs if run.id == self._shown_run), None)
        request = run.request if run is not None else None
        name = f"“{run.name}”" if run is not None else ""
        number = len(session.runs) - session.runs.index(run) if run is not None else 0
        self.subtitle_label.setText(tr("run {number} {name}").format(number=number, name=name) if run else "")
        if session.task is None:
            return
        values = request.settings if request is not None else None
        if values is None and session.resolved is not None:
            values = session.resolved.settings.model_dump()
        if values:
            self.facts.show_settings(values, session.task.modality.value, session.task.answer.value)
            monitor = str(values.get("monitor", session.task.monitor))
            metrics = {metric.key: metric for metric in session.task.metrics}
            if monitor in metrics:
                self.charts.show_metric(metrics[monitor])

    # The run at work

    def _hear(self, event: Event) -> None:
        self.curves.feed(event)
        if isinstance(event, Remark):
            self._show_remark(event)
        elif isinstance(event, Diagnosed):
            self._show_verdict()
        elif isinstance(event, Wrote):
            self.written.show_texts(self.curves.written)

    def _show_verdict(self) -> None:
        """Show what the doctor holds of the run that is shown: what its report says, or else its record."""
        run = next((run for run in self._session.runs if run.id == self._shown_run), None)
        active = self._trainer.is_active
        final = RunDocument(run.report.document).verdict() if run is not None and run.report and not active else None
        self.doctor.show_verdict(final or self.curves.diagnosed, self._shown_run or "", active=active)

    def _show_remark(self, remark: Remark) -> None:
        self.log.add(remark.text.render())
        if remark.severity == "note":
            return
        made = Banner(remark.text.render(), _BANNER_STATES[remark.severity], closable=True)
        if remark.severity == "warning":
            made.add_button(tr("Stop and keep the best"), self._trainer.stop)
        self._remarks.addWidget(made)
        while self._remarks.count() > AT_MOST_BANNERS:
            item = self._remarks.takeAt(0)
            oldest = item.widget() if item is not None else None
            if oldest is not None:
                oldest.deleteLater()

    def _end(self, outcome: object) -> None:
        message, hint = getattr(outcome, "message", None), getattr(outcome, "hint", None)
        if isinstance(outcome, Exception):
            notifications.centre().error(outcome)
        elif self._shown_run is None and message is not None and self._trainer.state is not RunState.FINISHED:
            notifications.centre().post(message, "danger", hint, details=getattr(outcome, "details", ""))
        self._show_outcome(message, hint, str(getattr(outcome, "details", "")))
        self._show_verdict()
        self._refresh()

    def _pause_or_go_on(self) -> None:
        if self._trainer.state is RunState.PAUSED:
            self._trainer.resume()
        else:
            self._trainer.pause()

    def _resume_last(self) -> None:
        run = self._session.resumable()
        if run is not None:
            self._session.start_training(resume=run.id)
