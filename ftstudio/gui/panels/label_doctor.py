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
from ftstudio.core.specs import Answer
from ftstudio.core.translation import number, tr
from ftstudio.gui import notifications, theme
from ftstudio.gui.dialogs import data_export
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.doubt_choices import CHOICES, DIGITS
from ftstudio.gui.panels.doubted_row import DoubtedRow
from ftstudio.gui.panels.label_search import LabelSearch
from ftstudio.gui.session import Session
from ftstudio.gui.tables.dataset_rows import shown_row
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import empty
from ftstudio.gui.widgets.feedback import Banner
from ftstudio.gui.widgets.labels import caption, label
from ftstudio.planning import doubts
from ftstudio.planning.doubts import Doubt, Doubts


class LabelDoctor(QWidget):
    """Two faces: the search, and the rows it found, one after the other."""

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__()
        self._session = session
        self.doubts: Doubts | None = None
        self.position = 0
        self._skipped: set[int] = set()
        self._settled: set[int] = set()
        self.row: DoubtedRow | None = None
        self.search = LabelSearch(session, operations)
        self.faces = QStackedWidget()
        self.list = self._list()
        for face in (self.search, self.list):
            self.faces.addWidget(face)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.faces)
        self._add_keys()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.search.began.connect(self.refresh)
        self.search.found.connect(self._begin_anew)
        self.search.ended.connect(self.refresh)
        session.data_changed.connect(self._follow)
        session.project_changed.connect(self._forget)

    # Building

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
        self.again_button = button(tr("Search again"), "quiet", icon="refresh", clicked=self.search.search)
        for left in (self.looked, self.done_bar, self.where):
            head.addWidget(left)
        head.addStretch(1)
        for right in (self.again_button, self.back_button, self.next_button):
            head.addWidget(right)
        self._column.addLayout(head)
        self._done = QVBoxLayout()
        self._column.addLayout(self._done)
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
        if self.row is not None:
            self.row.press(at)

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
        if self.search.is_working:
            self.faces.setCurrentWidget(self.search)
            return
        if project is None or dataset is None or self._session.task is None:
            self._ask(tr("There is no data yet."), tr("Import labelled data first."))
            return
        if self._session.task.answer not in CHOICES:
            self._ask(tr("Such labels are not fixed here."), tr("The Advice page lists the rows that are doubtful."))
            return
        try:
            self.doubts = doubts.latest_doubts(project.layout, dataset)
        except StudioError as error:
            again = tr("Look for wrong labels again; it takes about one pass over the rows.")
            self._ask(error.message.render(), again)
            return
        if self.doubts is None:
            self._ask(tr("Which labels are probably wrong?"), _about())
        elif not self.doubts.probable:
            rows = tr("{count} rows were looked at.").format(count=number(len(self.doubts)))
            self._ask(tr("No label looks wrong."), rows)
        else:
            self._skipped |= self.doubts.skipped
            self._return_to_what_was_undone()
            self._show_row()

    def _ask(self, heading: str, hint: str) -> None:
        self.search.ask(heading, hint)
        self.faces.setCurrentWidget(self.search)

    def _begin_anew(self) -> None:
        self.position = 0
        self._skipped.clear()

    # One row after the other

    def _show_row(self) -> None:
        session, found = self._session, self.doubts
        if found is None or session.dataset is None or session.task is None:
            return
        self.position = min(max(0, self.position), found.probable - 1)
        doubt = found.at(self.position)
        answer = session.task.answer
        if self.row is None or (self.row.labels, self.row.answer) != (found.labels, answer):
            self._make_row(session.task.sample_view, found.labels, answer)
        assert self.row is not None
        shown = shown_row(session.dataset, doubt.place)
        state = self._state(doubt)
        self.row.show_doubt(doubt, shown, session.dataset.folder, state, may_change=session.can_write)
        places = found.place[: found.probable].tolist()
        count = sum(place in self._settled or place in self._skipped for place in places)
        self.looked.setText(tr("{done} of {count} looked at").format(done=number(count), count=number(len(places))))
        self.done_bar.setRange(0, len(places))
        self.done_bar.setValue(count)
        self.where.setText(tr("doubt {at} of {count}").format(at=number(self.position + 1), count=number(len(places))))
        self._say_done(count == len(places))
        self.back_button.setEnabled(self.position > 0)
        self.next_button.setEnabled(self.position < found.probable - 1)
        self.faces.setCurrentWidget(self.list)

    def _say_done(self, is_done: bool) -> None:
        empty(self._done)
        if not is_done or self.doubts is None:
            return
        fixed, kept = number(len(self.doubts.fixed)), number(len(self.doubts.kept))
        made = Banner(
            tr("All doubtful labels were looked at: {fixed} fixed, {kept} kept.").format(fixed=fixed, kept=kept),
            "success",
        )
        made.add_button(tr("Export the data…"), lambda: data_export.ask(self, self._session))
        made.add_button(tr("Train again"), lambda: self._session.stage_requested.emit("train"), "primary")
        self._done.addWidget(made)

    def _make_row(self, view: str, labels: list[str], answer: Answer) -> None:
        if self.row is not None:
            self.row.hide()
            self.row.deleteLater()
        self.row = DoubtedRow(view, labels, answer)
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
        if self.doubts is None:
            return
        self._skipped.add(self.doubts.at(self.position).place)
        if self._session.can_write:
            try:
                doubts.write_skipped(self.doubts, self._skipped)
            except StudioError as error:
                notifications.centre().error(error)
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
