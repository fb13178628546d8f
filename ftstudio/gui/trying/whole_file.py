"""A whole file at once: choose it, say which column is read, get a table with an answer in every row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core.messages import Request
from ftstudio.core.quantities import duration, rate
from ftstudio.core.specs import Modality
from ftstudio.core.translation import language, number, tr, tr_plural
from ftstudio.datasets import new_rows
from ftstudio.datasets.new_rows import NewRows
from ftstudio.gui import theme
from ftstudio.gui.commands import show_folder
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.work_bar import WorkBar
from ftstudio.gui.session import Session
from ftstudio.gui.trying.file_choice import ColumnChoice, SourceDrop, TargetChoice
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import Card, empty
from ftstudio.gui.widgets.feedback import Banner, FormRow, banner_slot
from ftstudio.gui.widgets.number_table import NumberTable
from ftstudio.gui.widgets.page import column, scrolled
from ftstudio.project.runs import RunSummary


class WholeFile(QWidget):
    """Answers all rows of a file with the chosen run's model, in a worker process of its own."""

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__()
        self._session, self._operations = session, operations
        self._run: RunSummary | None = None
        self._source: NewRows | None = None
        self._project: object = None
        self.drop = SourceDrop()
        self.drop.chosen.connect(self.choose)
        self.columns, self.target = ColumnChoice(), TargetChoice()
        self.shares = QCheckBox(tr("Also write the probability of each label"))
        self.overwrite = QCheckBox(tr("Replace the file if it is there"))
        self.start_button = button(tr("Answer all rows"), "primary", icon="play", clicked=self.start)
        self.work = WorkBar(tr("Progress of the answers"), self.start_button)
        self.work.ended.connect(self._ended)
        self.done_slot, self._done = banner_slot()
        self.columns.changed.connect(self._show_work)
        self.target.changed.connect(self._show_work)
        self._build()
        self._show_work()

    def _build(self) -> None:
        self.what = Card(tr("How it is answered"))
        self.what.add(self.columns, FormRow(tr("Answers go to"), self.target), self.shares, self.overwrite)
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self.start_button)
        row.addWidget(self.work, 1)
        row.addStretch(0)
        self.what.body.addLayout(row)
        self.what.hide()
        self.labels = Card(tr("Rows by answer"))
        self.counts = NumberTable(tr("Rows by answer"), [tr("label"), tr("rows")])
        self.reasons = NumberTable(tr("Rows without an answer"), [tr("not readable because"), tr("rows")])
        self.labels.add(self.counts, self.reasons)
        self.labels.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(column(self.drop, self.what, self.done_slot, self.labels)))

    def show_run(self, run: RunSummary) -> None:
        """Answer with another run's model."""
        self._run = run
        if self._session.project is not self._project:
            self._project = self._session.project
            self._forget()
        self._show_work()

    def _forget(self) -> None:
        self._source = None
        empty(self._done)
        self.what.hide()
        self.labels.hide()
        self.drop.show_source(None, self._modality())

    def _modality(self) -> Modality:
        return self._session.task.modality if self._session.task is not None else Modality.TEXT

    # Choosing

    def choose(self, path: Path) -> None:
        """Look at a file or folder, in the background."""
        self._forget()
        modality = self._modality()
        self._operations.run(
            lambda: new_rows.look(path, modality),
            title=tr("Looking at “{file}”").format(file=path.name),
            on_success=self._show_source,
            on_failure=self._fail,
        )

    def _show_source(self, source: NewRows) -> None:
        self._source = source
        modality, dataset = self._modality(), self._session.dataset
        trained = dataset.roles if dataset is not None else {}
        self.drop.show_source(source.path, modality)
        self.columns.show_columns(new_rows.needed(modality, trained), source.columns, trained)
        self.columns.setVisible(not source.path.is_dir())
        self.target.propose(source.path)
        self.what.show()
        self._show_work()
        self.start_button.setFocus()

    # The work

    def start(self) -> None:
        """Answer all rows in a worker process."""
        project = self._session.project
        if self._source is None or self._run is None or project is None or self.work.is_busy:
            return
        empty(self._done)
        self.labels.hide()
        options = {
            "run": self._run.id,
            "source": str(self._source.path),
            "to": self.target.path(),
            "columns": self.columns.columns(),
            "shares": self.shares.isChecked(),
            "overwrite": self.overwrite.isChecked(),
            "language": language(),
        }
        operation = self._operations.run_job(
            Request(job="predict_table", project=project.layout.root, options=options),
            title=tr("Answering the rows of “{file}”").format(file=self._source.path.name),
            on_success=self._succeed,
            on_failure=self._fail,
        )
        self.work.follow(operation)
        self._show_work()

    def _ended(self, cancelled: bool) -> None:
        if cancelled:
            self._done.addWidget(Banner(tr("Cancelled. No file was written."), "note"))
        self._show_work()

    def _succeed(self, document: dict[str, Any]) -> None:
        path = Path(str(document["path"]))
        answered, unread = int(document["answered"]), int(document["unreadable"])
        words = tr_plural("{count} row has an answer.", "{count} rows have an answer.", answered)
        told = [words.format(count=number(answered))]
        if document["unknown"]:
            told.append(tr("For {count} of them it is “don't know”.").format(count=number(document["unknown"])))
        if unread:
            words = tr_plural("{count} row could not be read.", "{count} rows could not be read.", unread)
            told.append(words.format(count=number(unread)))
        took = f"{duration(document['seconds'])}, {rate(document['rows_per_second'])}"
        made = Banner(" ".join(told), "warning" if unread else "success", f"{path}  ·  {took}")
        made.add_button(tr("Show folder"), lambda: show_folder(path.parent), "primary")
        self._done.addWidget(made)
        _fill(self.counts, list(document["labels"].items()))
        _fill(self.reasons, list(document["reasons"].items()))
        self.labels.show()
        self.overwrite.setChecked(False)
        if self._source is not None:
            self.target.propose(self._source.path)

    def _fail(self, error: Any) -> None:
        hint = getattr(error, "hint", None)
        self._done.addWidget(Banner(str(getattr(error, "message", error)), "danger", str(hint or "")))

    def _show_work(self) -> None:
        complete = self.columns.is_complete() and bool(self.target.path())
        self.start_button.setEnabled(complete and not self.work.is_busy and self._run is not None)


def _fill(table: NumberTable, counts: Sequence[tuple[str, int]]) -> None:
    table.show_rows([[(name, name), (number(count), count)] for name, count in counts])
    table.fit_height()
    table.setVisible(bool(counts))
