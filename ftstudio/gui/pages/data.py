"""The data of a project: dropped, looked at, imported, understood and mended, without leaving the page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core import catalog
from ftstudio.core.errors import ErrorDocument, StudioError
from ftstudio.core.messages import Progress
from ftstudio.core.problems import Problem
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.translation import N_, tr
from ftstudio.datasets.options import ImportPlan, ReadOptions
from ftstudio.gui import notifications
from ftstudio.gui.correcting.corrector import BoxCorrector
from ftstudio.gui.looking import WHY, needs_writing
from ftstudio.gui.operations import Operation, Operations
from ftstudio.gui.panels import other_kind
from ftstudio.gui.panels.data_checks import SETTING, DataChecks
from ftstudio.gui.panels.data_view import DataView
from ftstudio.gui.panels.drop_area import DropArea
from ftstudio.gui.panels.import_review import ImportReview
from ftstudio.gui.panels.label_doctor import LabelDoctor
from ftstudio.gui.panels.other_kind import Seen
from ftstudio.gui.panels.row_tokens import RowTokens
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.feedback import Banner, EmptyState
from ftstudio.gui.widgets.page import PageFrame
from ftstudio.planning.doubtful_labels import LOOK


class DataPage(PageFrame):
    """Six faces: no project, a place to drop data, a review of what was dropped, the imported data, its labels one at
    a time, its boxes one picture at a time.
    """

    key = "data"
    title = N_("Data")
    icon = "data"
    order = 20

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(tr(self.title))
        self._session, self._operations = session, operations
        self._looking: Operation | None = None
        self._importing: Operation | None = None
        self._sources: tuple[Path, ...] = ()
        self.banner: Banner | None = None
        self.drop, self.review, self.view = DropArea(), ImportReview(), DataView()
        self.tokens = RowTokens(session, operations)
        self.view.put_below_row(self.tokens)
        self.keep_button = button(tr("Keep the present data"), "quiet", clicked=self.refresh)
        self.header.addWidget(self.keep_button)
        self.labels = LabelDoctor(session, operations)
        self.boxes = BoxCorrector(session, operations)
        self.back_button = button(tr("Back to the data"), icon="chevron-left", clicked=self.leave_labels)
        self.header.addWidget(self.back_button)
        self._build()
        self._connect()
        self.checks = DataChecks(session, operations, self)
        self.checks.measured.connect(self.view.charts.show_lengths)
        needs_writing(session, self.drop, self.review.import_button, self.view.replace_button)
        self.refresh()

    def _build(self) -> None:
        self._notes = QVBoxLayout()
        self.body.addLayout(self._notes)
        self.faces = QStackedWidget()
        hint = tr("Open a project or start a new one; its data is shown here.")
        home = button(tr("Go to Home"), "primary", clicked=lambda: self._session.stage_requested.emit("home"))
        self._nothing: QWidget = EmptyState("data", tr("No project is open"), hint, home)
        for face in (self._nothing, self.drop, self.review, self.view, self.labels, self.boxes):
            self.faces.addWidget(face)
        self.body.addWidget(self.faces, 1)

    def _connect(self) -> None:
        self.drop.chosen.connect(self.look)
        self.review.options_changed.connect(self._look_again)
        self.review.import_asked.connect(self.start_import)
        self.review.cancel_asked.connect(self.cancel)
        self.review.back_asked.connect(self.ask_for_data)
        self.view.fix_asked.connect(self._fix)
        self.view.replace_asked.connect(self.ask_for_data)
        self.view.labels_asked.connect(self.look_at_labels)
        self.view.boxes_asked.connect(self.correct_boxes)
        self.view.roles_changed.connect(self._change_roles)
        self.view.kind_changed.connect(self._change_kind)
        self.view.row_shown.connect(self.tokens.show_row)
        session = self._session
        session.project_changed.connect(self._forget)
        session.data_changed.connect(self.refresh)
        session.problems_changed.connect(self._show_problems)
        session.command_requested.connect(self._obey)

    def _obey(self, command: str, argument: str) -> None:
        if command == "import_data":
            self.ask_for_data()
            self.drop.choose_file()
        elif command == "import_files":
            self.look([Path(line) for line in argument.splitlines()])
        elif command == "check_data":
            self.checks.again()
        elif command == "label_doctor":
            self.look_at_labels()
        elif command == "correct_boxes":
            self.correct_boxes(tuple(map(int, argument.split())))

    def _forget(self) -> None:
        """Start afresh for another project; a mere change of its name leaves the page alone."""
        if self._session.dataset is None or self.faces.currentWidget() in (self._nothing, self.labels, self.boxes):
            self._face(self._nothing, "")
            self.refresh()

    # Faces

    def refresh(self) -> None:
        """Show the face that fits: imported data, or the place to drop some."""
        task, dataset = self._session.task, self._session.dataset
        if dataset is not None and self.faces.currentWidget() is self.boxes:
            return  # it follows by itself, and the rest is looked at when it is left
        self._quiet()
        self.keep_button.hide()
        if task is None:
            self._face(self._nothing, "")
        elif dataset is None:
            self.ask_for_data()
        else:
            if self.faces.currentWidget() is not self.labels:
                self._face(self.view, dataset.manifest.name)
            self.view.show_dataset(dataset, task, may_change=self._session.can_write)
            self.checks.check()

    def ask_for_data(self) -> None:
        """Show the place to drop data; what is imported stays until something else is."""
        task = self._session.task
        if task is None:
            return
        self._quiet()
        self.drop.accept_forms(catalog.readers(), task)
        self._face(self.drop, tr("examples to learn from"))
        self.keep_button.setVisible(self._session.dataset is not None)

    def look_at_labels(self) -> None:
        """Show the label doctor in the place of the data."""
        if self._session.dataset is not None:
            self._quiet()
            self._face(self.labels, tr("labels that are probably wrong, one at a time"))
            self.labels.setFocus()

    def correct_boxes(self, places: Sequence[int] = ()) -> None:
        """Show pictures with their boxes to be corrected, the first place first; without any, those in the grid."""
        dataset, task = self._session.dataset, self._session.task
        if dataset is None or task is None or task.answer is not Answer.BOXES:
            return
        self._quiet()
        there = set(dataset.view.index.tolist())
        shown = [one for one in places if one in there] or self.view.browser.places()
        if len(shown):
            self._face(self.boxes, tr("boxes, one picture at a time; the file you imported is never changed"))
            self.boxes.show_places(shown, shown[0] if places else self.view.browser.current_place())
            self.boxes.setFocus()

    def leave_labels(self) -> None:
        """Show the data again."""
        self._face(self.view, "")
        self.refresh()

    def _face(self, face: QWidget, subtitle: str) -> None:
        self.faces.setCurrentWidget(face)
        self.back_button.setVisible(face in (self.labels, self.boxes))
        self.subtitle_label.setText(subtitle)

    # Looking

    def look(self, sources: Sequence[Path], options: ReadOptions | None = None) -> None:
        """Look at dropped files in the background and show what they are."""
        task = self._session.usual_task
        if self._session.only_looking:
            notifications.centre().post(tr(WHY), "warning")
            return
        if task is None or self._importing is not None:
            return
        if self._looking is not None:
            self._looking.cancel()
        self._quiet()
        self._sources = tuple(sources)
        self.subtitle_label.setText(tr("Looking at {file}…").format(file=self._sources[0].name if sources else ""))
        self._looking = self._operations.run(
            lambda: other_kind.see(sources, task, options),
            title=tr("Looking at the data"),
            on_success=self._show_seen,
            on_failure=self._complain,
        )

    def _look_again(self, options: ReadOptions) -> None:
        self.look(self._sources, options)

    def _show_seen(self, seen: Seen) -> None:
        task = self._session.usual_task
        if task is None or seen.sources != self._sources:
            return
        if seen.inspection is not None:
            self.review.show_inspection(seen.inspection, task)
            self._face(self.review, tr("what was found; nothing is imported yet"))
            self.review.import_button.setFocus()
        if seen.other is not None:
            self._say(other_kind.banner(seen, self._session, lambda: self.look(seen.sources)))

    # Importing

    def start_import(self, plan: ImportPlan) -> None:
        """Import in the background; the data in force stays until the new data is whole."""
        session = self._session
        task, project = session.usual_task, session.project
        if task is None or project is None or self._importing is not None:
            return
        self._quiet()

        def work(progress: Any, cancelled: Any) -> Any:
            from ftstudio.datasets.importing import import_data

            return import_data(project.layout.data, task, plan, progress, cancelled)

        self.review.say_busy(None, None)
        self._importing = self._operations.run(
            work,
            title=tr("Importing {file}").format(file=plan.sources[0].name),
            with_progress=True,
            on_success=lambda result: session.data_imported(result.manifest.name),
            on_failure=self._complain,
            on_progress=self._show_progress,
        )
        self._importing.ended.connect(self._import_ended)

    def _show_progress(self, progress: Progress) -> None:
        if self._importing is not None and not self._importing.cancelled():
            self.review.say_busy(progress, self._importing.seconds_left())

    def _import_ended(self) -> None:
        self._importing = None
        self.review.say_idle()

    def cancel(self) -> None:
        """Stop an import; nothing of it stays."""
        if self._importing is not None:
            self._importing.cancel()
            self.review.say_cancelling()

    # Mending

    def _show_problems(self) -> None:
        if self._session.dataset is not None and self.checks.is_known:
            self.view.report.show_problems(self._session.problems)
            needs_writing(self._session, *(finding.fix_button for finding in self.view.report.findings))

    def _fix(self, problem: Problem) -> None:
        fix, file = problem.fix, self._session.file
        if fix is None or file is None:
            return
        if fix.key == LOOK:
            self.look_at_labels()
            return
        if fix.key == SETTING:
            overrides = file.settings.model_copy(update={"values": {**file.settings.values, **fix.params}})
            self._session.set_overrides(overrides, str(fix.label))
            return
        self.view.browser.show_all()
        try:
            self._session.apply_fix(fix)
        except StudioError as error:
            self._complain(error)

    def _change_roles(self, roles: dict[ColumnRole, str]) -> None:
        try:
            self._session.set_roles(roles)
        except StudioError as error:
            self._complain(error)

    def _change_kind(self, kind: Answer) -> None:
        try:
            self._session.set_label_kind(kind)
        except StudioError as error:
            self.refresh()
            self._complain(error)

    # Saying what is wrong

    def _complain(self, error: ErrorDocument | Exception) -> None:
        document = error if isinstance(error, ErrorDocument) else ErrorDocument.of(error)
        self._say(Banner(str(document.message), "danger", str(document.hint or ""), closable=True))

    def _say(self, banner: Banner) -> None:
        self._quiet()
        self.banner = banner
        self._notes.addWidget(banner)
        if self.faces.currentWidget() is self.drop:
            self.subtitle_label.setText("")

    def _quiet(self) -> None:
        if self.banner is not None:
            self.banner.hide()
            self.banner.deleteLater()
            self.banner = None
