"""The label doctor: goes through the rows whose labels are probably wrong, one at a time, by mouse or keyboard.

F fixes with the chosen label, K keeps, S skips, a digit chooses a label, arrows go back and forth. Every decision is
an edit of the project's copy of the data and can be undone; what was decided does not come again.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.errors import StudioError
from ftstudio.core.messages import Progress, Request
from ftstudio.core.translation import number, tr
from ftstudio.gui import notifications, theme
from ftstudio.gui.operations import Operation, Operations
from ftstudio.gui.panels.doubted_row import DIGITS, DoubtedRow
from ftstudio.gui.session import Session
from ftstudio.gui.tables.dataset_rows import shown_row
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.labels import caption, label
from ftstudio.planning import doubts
from ftstudio.planning.doubts import Doubt, Doubts


class LabelDoctor(QWidget):
    """Three faces: the question with its button, the search at work, the rows one after the other."""

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__()
        self._session, self._operations = session, operations
        self._operation: Operation | None = None
        self.doubts: Doubts | None = None
        self.position = 0
        self._skipped: set[int] = set()
        self._settled: set[int] = set()
        self.row: DoubtedRow | None = None
        self.search_button = button(tr("Find wrong labels"), "primary", clicked=self.search)
        self.start = EmptyState("search", "", "", self.search_button)
        self.faces = QStackedWidget()
        self.working, self.list = self._working(), self._list()
        for face in (self.start, self.working, self.list):
            self.faces.addWidget(face)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.faces)
        self._add_keys()
        session.data_changed.connect(self._follow)
        session.project_changed.connect(self._forget)

    # Building

    def _working(self) -> QWidget:
        face = QWidget()
        whole = QVBoxLayout(face)
        self.phase, self.bar = label(""), QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(320)
        self.cancel_button = button(tr("Cancel"), clicked=self._cancel)
        whole.addStretch(1)
        for one in (self.phase, self.bar, self.cancel_button):
            whole.addWidget(one, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addStretch(1)
        return face

    def _list(self) -> QWidget:
        face = QWidget()
        self._column = QVBoxLayout(face)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.M)
        head = QHBoxLayout()
        head.setSpacing(theme.M)
        self.looked, self.done_bar, self.where = label("", "strong"), QProgressBar(), caption()
        self.done_bar.setTextVisible(False)
        self.done_bar.setFixedWidth(160)
        self.back_button = button(tr("Previous"), icon="chevron-left", clicked=lambda: self.go(-1))
        self.next_button = button(tr("Next"), icon="chevron-right", clicked=lambda: self.go(1))
        self.again_button = button(tr("Search again"), "quiet", icon="refresh", clicked=self.search)
        for left in (self.looked, self.done_bar, self.where):
            head.addWidget(left)
        head.addStretch(1)
        for right in (self.again_button, self.back_button, self.next_button):
            head.addWidget(right)
        self._column.addLayout(head)
        return face

    def _add_keys(self) -> None:
        keys: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_F: lambda: self._of_row(DoubtedRow.fix),
            Qt.Key.Key_K: lambda: self._of_row(DoubtedRow.keep),
            Qt.Key.Key_S: self.skip,
            Qt.Key.Key_Left: lambda: self.go(-1),
            Qt.Key.Key_Right: lambda: self.go(1),
        }
        for at in range(DIGITS):
            keys[Qt.Key(Qt.Key.Key_1 + at)] = lambda at=at: self._choose(at)  # type: ignore[misc]
        for key, act in keys.items():
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda act=act: self._press(act))

    def _press(self, act: Callable[[], object]) -> None:
        if self.faces.currentWidget() is self.list:
            act()

    def _of_row(self, act: Callable[[DoubtedRow], object]) -> None:
        if self.row is not None:
            act(self.row)

    def _choose(self, at: int) -> None:
        if self.row is not None and at < len(self.row.labels):
            self.row.choose(self.row.labels[at])

    # Reading

    def showEvent(self, event: QShowEvent) -> None:
        """Read the list when the panel comes into view."""
        super().showEvent(event)
        self.refresh()

    def _forget(self) -> None:
        self._begin_anew()
        self._follow()

    def _follow(self) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Read the latest list and what was decided since, and show the row that is next."""
        project, dataset = self._session.project, self._session.dataset
        self.doubts = None
        if project is None or dataset is None or self._session.task is None:
            self._ask(tr("There is no data yet."), tr("Import labelled data first."), may_search=False)
            return
        if self._operation is not None:
            self.faces.setCurrentWidget(self.working)
            return
        try:
            self.doubts = doubts.latest_doubts(project.layout, dataset)
        except StudioError as error:
            self._ask(error.message.render(), tr("Look for wrong labels again; it takes about one pass over the rows."))
            return
        if self.doubts is None:
            self._ask(tr("Which labels are probably wrong?"), _about())
            return
        if not self.doubts.probable:
            self._ask(tr("No label looks wrong."), tr("{count} rows were looked at.").format(count=len(self.doubts)))
            return
        self._return_to_what_was_undone()
        self._show_row()

    def _ask(self, heading: str, hint: str, *, may_search: bool = True) -> None:
        self.start.say(heading, hint)
        self.search_button.setEnabled(may_search and self._session.can_train())
        self.search_button.setToolTip("" if self.search_button.isEnabled() else self._why_not())
        self.faces.setCurrentWidget(self.start)

    def _why_not(self) -> str:
        session = self._session
        if session.model is None:
            return tr("Choose a model first: its view of the rows is what labels are judged by.")
        if session.trainer.is_active:
            return tr("Wait until the training has ended.")
        return tr("The project is open only to be looked at.") if session.only_looking else ""

    # Searching

    def search(self) -> None:
        """Start the study; the rows appear when it has ended."""
        project = self._session.project
        if project is None or self._operation is not None or not self._session.can_train():
            return
        self.bar.setRange(0, 0)
        self.phase.setText(tr("Starting"))
        self._operation = self._operations.run_job(
            Request(job=doubts.STUDY, project=project.layout.root, options={}),
            title=tr("Finding wrong labels"),
            on_success=lambda _: self._begin_anew(),
            on_progress=self._show_progress,
        )
        self._operation.ended.connect(self._ended)
        self.refresh()

    def _begin_anew(self) -> None:
        self.position = 0
        self._skipped.clear()

    def _ended(self) -> None:
        self._operation = None
        self._session.refresh_runs()
        self.refresh()

    def _cancel(self) -> None:
        if self._operation is not None:
            self._operation.cancel()

    def _show_progress(self, progress: Progress) -> None:
        self.phase.setText(progress.phase.render())
        self.bar.setRange(0, progress.total or 0)
        self.bar.setValue(progress.done)

    # One row after the other

    def _show_row(self) -> None:
        session, found = self._session, self.doubts
        if found is None or session.dataset is None or session.task is None:
            return
        self.position = min(max(0, self.position), found.probable - 1)
        doubt = found.at(self.position)
        if self.row is None or self.row.labels != found.labels:
            self._make_row(session.task.sample_view, found.labels)
        assert self.row is not None
        shown = shown_row(session.dataset, doubt.place)
        state = self._state(doubt)
        self.row.show_doubt(doubt, shown, session.dataset.folder, state, may_change=session.can_write)
        places = found.place[: found.probable].tolist()
        count = sum(place in self._settled or place in self._skipped for place in places)
        self.looked.setText(tr("{done} of {count} looked at").format(done=number(count), count=number(len(places))))
        self.done_bar.setRange(0, len(places))
        self.done_bar.setValue(count)
        self.where.setText(tr("doubt {number}").format(number=number(self.position + 1)))
        self.back_button.setEnabled(self.position > 0)
        self.next_button.setEnabled(self.position < found.probable - 1)
        self.faces.setCurrentWidget(self.list)

    def _make_row(self, view: str, labels: list[str]) -> None:
        if self.row is not None:
            self.row.hide()
            self.row.deleteLater()
        self.row = DoubtedRow(view, labels)
        self.row.fixed.connect(self._fix)
        self.row.kept.connect(self._keep)
        self.row.skipped.connect(self.skip)
        self._column.addWidget(self.row, 1)

    def _state(self, doubt: Doubt) -> str:
        assert self.doubts is not None
        if doubt.place in self.doubts.fixed:
            return tr("Fixed: it was “{label}”.").format(label=doubt.label)
        if doubt.place in self.doubts.kept:
            return tr("Kept as it is.")
        return tr("Skipped.") if doubt.place in self._skipped else ""

    def go(self, by: int) -> None:
        """Go back or forth by some rows."""
        self.position += by
        self._show_row()

    def skip(self) -> None:
        """Leave a row undecided; it comes again with the next search."""
        if self.doubts is not None:
            self._skipped.add(self.doubts.at(self.position).place)
            self._go_on()

    def _fix(self, name: str) -> None:
        session = self._session

        def act(place: int, now: str) -> None:
            session.confirm_label(place, now) if name == now else session.relabel(place, name)

        self._decide(act)

    def _keep(self) -> None:
        self._decide(self._session.confirm_label)

    def _decide(self, act: Callable[[int, str], object]) -> None:
        session = self._session
        if self.doubts is None or session.dataset is None:
            return
        place, before = self.doubts.at(self.position).place, self.position
        try:
            act(place, shown_row(session.dataset, place).truth)
        except StudioError as error:
            notifications.centre().error(error)
            return
        self.position = before
        self._go_on()

    def _go_on(self) -> None:
        """Go to the next row that nobody has decided about; at the end stay, so that nothing jumps back."""
        if self.doubts is None:
            return
        places = self.doubts.place[: self.doubts.probable].tolist()
        open_ones = [at for at, place in enumerate(places) if place not in self._settled | self._skipped]
        later = [at for at in open_ones if at > self.position]
        self.position = next(iter(later or open_ones), self.position)
        self._show_row()

    def _return_to_what_was_undone(self) -> None:
        assert self.doubts is not None
        now = set(self.doubts.fixed) | set(self.doubts.kept)
        undone = self._settled - now
        places = self.doubts.place[: self.doubts.probable].tolist()
        self.position = next((at for at, place in enumerate(places) if place in undone), self.position)
        self._settled = now


def _about() -> str:
    return tr(
        "Models that had not learned from a row are asked what its label should be. Where they firmly disagree, you "
        "look and decide. It takes about one pass over the rows; the file you imported is never changed."
    )
