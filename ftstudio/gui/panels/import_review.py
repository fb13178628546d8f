"""What was found in dropped data, before anything is written: how it is read, what its columns mean, first rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QVBoxLayout

from ftstudio.core import catalog, chats
from ftstudio.core.messages import Progress
from ftstudio.core.quantities import duration
from ftstudio.core.specs import Answer, ColumnRole, TaskSpec
from ftstudio.core.translation import number, tr, tr_plural
from ftstudio.datasets import label_kinds
from ftstudio.datasets.inspection import Inspection
from ftstudio.datasets.options import ImportPlan
from ftstudio.gui import theme
from ftstudio.gui.panels.import_options import ImportOptions
from ftstudio.gui.panels.label_kind import LabelKind
from ftstudio.gui.panels.recording_choice import RecordingChoice
from ftstudio.gui.tables.paging import TableRows
from ftstudio.gui.tables.roles import offered_roles, role_title, with_role
from ftstudio.gui.tables.rows_model import Column
from ftstudio.gui.tables.rows_view import RowsView
from ftstudio.gui.widgets.buttons import button, icon_button
from ftstudio.gui.widgets.card import Card, empty
from ftstudio.gui.widgets.feedback import Banner
from ftstudio.gui.widgets.labels import caption, label, muted, section


class ImportReview(Card):
    """Emits `options_changed(ReadOptions)`, `import_asked(ImportPlan)`, `cancel_asked()` and `back_asked()`."""

    options_changed = Signal(object)
    import_asked = Signal(object)
    cancel_asked = Signal()
    back_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._inspection: Inspection | None = None
        self._task: TaskSpec | None = None
        self.roles: dict[ColumnRole, str] = {}
        self.test_sources: tuple[Path, ...] = ()
        self._heading, self._found = section(), muted("")
        self.options = ImportOptions()
        self.options.changed.connect(self.options_changed)
        self.preview = RowsView(tr("First rows"))
        self.preview.role_chosen.connect(self._choose_role)
        self.kind, self.recordings = LabelKind(), RecordingChoice()
        self._notes = QVBoxLayout()
        self._missing = label("", "warning", wrap=True)
        self.add(self._heading, self._found, self.options, self.kind, self.recordings)
        self.body.addLayout(self._notes)
        self.body.addWidget(self.preview, 1)
        self.body.addWidget(self._missing)
        self.body.addLayout(self._test_row())
        self.body.addLayout(self._foot())
        self.say_idle()

    def _test_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        self._test_words = caption("", wrap=True)
        self.test_button = button(tr("Use an own test file…"), "quiet", icon="plus", clicked=self._choose_test)
        self._test_clear = icon_button("close", tr("Do without the own test file"), clicked=lambda: self.set_test(()))
        row.addWidget(self._test_words, 1)
        row.addWidget(self._test_clear)
        row.addWidget(self.test_button)
        return row

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        self._progress_words = caption("")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Import progress"))
        words = QVBoxLayout()
        words.addWidget(self._progress_words)
        words.addWidget(self.progress)
        self.back_button = button(tr("Choose other data"), clicked=self.back_asked.emit)
        self.cancel_button = button(tr("Cancel"), clicked=self.cancel_asked.emit)
        self.import_button = button(tr("Import"), "primary", clicked=self._ask_import)
        row.addWidget(self.back_button)
        row.addLayout(words, 1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.import_button)
        return row

    def show_inspection(self, inspection: Inspection, task: TaskSpec) -> None:
        """Show what a look at the sources found; roles the user chose stay where the columns still exist."""
        chosen = self.recordings.value()
        if self._inspection is None or self._inspection.sources != inspection.sources or self._task != task:
            self.roles, self.test_sources, chosen = {}, (), None
        self._inspection, self._task = inspection, task
        kept = {role: name for role, name in self.roles.items() if name in inspection.columns}
        offered = offered_roles(task)
        guessed = {role: name for role, name in inspection.roles.items() if role in offered}
        self.roles = kept or guessed
        names = ", ".join(path.name for path in inspection.sources)
        self._heading.setText(names)
        self._found.setText(_in_words(inspection))
        self.options.show_options(inspection.options)
        empty(self._notes)
        for problem in inspection.problems:
            state = {"error": "danger", "warning": "warning"}.get(problem.severity.value, "note")
            self._notes.addWidget(Banner(str(problem.message), state, str(problem.hint or "")))
        self.preview.header.offer(offered, task.answer)
        self.set_test(self.test_sources)
        self._propose_kind()
        label_column = self.roles.get(ColumnRole.LABEL)
        labels = inspection.preview[label_column].to_pylist() if label_column else []
        self.recordings.show_names(inspection.pictures, labels, chosen or inspection.recordings)
        self._refresh()

    def _refresh(self) -> None:
        if self._inspection is None:
            return
        role_of: Mapping[str, ColumnRole] = {name: role for role, name in self.roles.items()}
        columns = [Column(name, name, role_of.get(name)) for name in self._inspection.columns]
        self.recordings.offer(ColumnRole.GROUP not in self.roles)
        task = self._task
        told = _as_talk if task is not None and task.answer is Answer.TEXT else None
        self.preview.rows.show_rows(TableRows(self._inspection.preview, told), columns)
        missing = [role for role in (task.required if task else ()) if role not in self.roles]
        words = ", ".join(role_title(role, task.answer if task else Answer.LABEL) for role in missing)
        self._missing.setText(
            tr("Say which column is: {roles}. Click the chip below a column's name.").format(roles=words)
        )
        self._missing.setVisible(bool(missing))
        self.import_button.setEnabled(not missing)

    def _choose_role(self, column: int, role: ColumnRole | None) -> None:
        name = self.preview.rows.columns[column].name
        before = self.roles.get(ColumnRole.LABEL)
        self.roles = with_role(self.roles, name, role)
        if self.roles.get(ColumnRole.LABEL) != before:
            self._propose_kind()
        self._refresh()

    def _propose_kind(self) -> None:
        """Say what the labels of the first rows look like; the user may know better."""
        column = self.roles.get(ColumnRole.LABEL)
        cells = self._inspection.preview[column].to_pylist() if self._inspection is not None and column else []
        self.kind.show_kind(self._task if column else None, label_kinds.propose(cells))

    def _choose_test(self) -> None:
        file, _ = QFileDialog.getOpenFileName(self, tr("Choose the test data"))
        if file:
            self.set_test((Path(file),))

    def set_test(self, sources: tuple[Path, ...]) -> None:
        """Take an own test set, or none: then a part of the rows is held back."""
        self.test_sources = sources
        own = tr("Tested on: {file}").format(file=", ".join(path.name for path in sources))
        automatic = tr("Without a test file a part of the rows is held back for validation and test, once and for all.")
        self._test_words.setText(own if sources else automatic)
        self._test_clear.setVisible(bool(sources))

    def plan(self) -> ImportPlan:
        """Return the import as it stands."""
        assert self._inspection is not None
        return ImportPlan(
            sources=self._inspection.sources,
            test_sources=self.test_sources,
            roles=dict(self.roles),
            options=self._inspection.options,
            answer=self.kind.value(),
            recordings=self.recordings.value(),
        )

    def _ask_import(self) -> None:
        if self._inspection is not None:
            self.import_asked.emit(self.plan())

    def say_busy(self, progress: Progress | None, seconds_left: float | None) -> None:
        """Show an import under way."""
        for widget in (self._progress_words, self.progress, self.cancel_button):
            widget.show()
        for widget in (self.import_button, self.back_button):
            widget.hide()
        words = str(progress.phase) if progress else tr("Starting…")
        if seconds_left is not None and seconds_left > 1:
            words += " · " + tr("{time} left").format(time=duration(seconds_left))
        self._progress_words.setText(words)
        self.progress.setRange(0, 1000 if progress and progress.total else 0)
        if progress and progress.total:
            self.progress.setValue(int(1000 * progress.done / progress.total))

    def say_cancelling(self) -> None:
        """Show that the import was asked to stop, which may take a moment."""
        self._progress_words.setText(tr("Cancelling…"))
        self.progress.setRange(0, 0)
        self.cancel_button.setEnabled(False)

    def say_idle(self) -> None:
        """Show that nothing is under way."""
        self.cancel_button.setEnabled(True)
        for widget in (self._progress_words, self.progress, self.cancel_button):
            widget.hide()
        for widget in (self.import_button, self.back_button):
            widget.show()


def _as_talk(cell: object) -> object:
    """Return a cell as people read it: of a conversation, who says what."""
    return chats.in_words(cell) if isinstance(cell, str) else cell


def _in_words(inspection: Inspection) -> str:
    kind = tr(catalog.readers().spec(inspection.reader).title)
    rows, columns = inspection.preview.num_rows, len(inspection.columns)
    shown = tr_plural("the first row is shown", "the first {count} rows are shown", rows).format(count=number(rows))
    counted = tr_plural("{count} column", "{count} columns", columns).format(count=number(columns))
    return f"{kind} · {counted} · {shown}"
