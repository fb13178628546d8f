"""Export: the forms in which a trained model can leave the program, where it goes, with proof that it is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.messages import Request
from ftstudio.core.specs import ExporterSpec
from ftstudio.core.translation import N_, tr
from ftstudio.gui import theme
from ftstudio.gui.commands import show_folder
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.certificate import CertificateCard
from ftstudio.gui.panels.run_choice import RunChoice
from ftstudio.gui.panels.work_bar import WorkBar
from ftstudio.gui.sample_projects import free_folder
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import Card, ClickCard, empty
from ftstudio.gui.widgets.feedback import Banner, EmptyState, banner_slot
from ftstudio.gui.widgets.flow import FlowGrid
from ftstudio.gui.widgets.labels import IconLabel, caption, label, muted
from ftstudio.gui.widgets.page import PageFrame, column, scrolled
from ftstudio.planning.export_offers import Exportable, described, exportable, formats_in_order, is_conceivable, refusal


class ExportPage(PageFrame):
    """Choose a format, choose a folder, export."""

    key = "export"
    title = N_("Export")
    icon = "export"
    order = 70

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(tr("Export"), tr("take the trained model with you"))
        self.runs = RunChoice(session)
        self.header.addWidget(self.runs)
        self._session, self._operations = session, operations
        self._model: Exportable | InputError | None = None
        self.format = ""
        self.cards: dict[str, ClickCard] = {}
        self.stack = QStackedWidget()
        go = button(tr("Go to training"), "primary", clicked=lambda: session.stage_requested.emit("train"))
        self.stack.addWidget(
            EmptyState("export", tr("There is no trained model yet."), tr("Train the project first."), go)
        )
        self.stack.addWidget(self._content())
        self.body.addWidget(self.stack, 1)
        session.runs_changed.connect(self.refresh)
        session.project_changed.connect(self.refresh)
        session.command_requested.connect(self._obey)
        self.refresh()

    def _content(self) -> QWidget:
        self.grid = FlowGrid(least_width=300)
        self.notes: dict[str, QLabel] = {}
        for spec in formats_in_order():
            card, self.notes[spec.key] = _format_card(spec)
            card.clicked.connect(lambda key=spec.key: self.choose(key))
            self.cards[spec.key] = card
            self.grid.add(card)
        self.target = QLineEdit()
        self.target.textChanged.connect(self._refresh_button)
        self.overwrite = QCheckBox(tr("Replace an earlier export of that name"))
        self.export_button = button(tr("Export"), "primary", icon="export", clicked=self.export)
        self.work = WorkBar(tr("Progress of the export"), self.export_button)
        self.work.ended.connect(self._ended)
        self.done_slot, self._done = banner_slot()
        self.done_slot.hide()
        why_not, self._why_not = banner_slot()
        self.scrolled = scrolled(column(self.done_slot, self.grid))
        where = Card()
        where.add(self._target_row(), self._work_row())
        return _stacked(self.scrolled, why_not, where)

    def _target_row(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        name = label(tr("Export to"), "strong")
        name.setBuddy(self.target)
        self.target.setAccessibleName(tr("Folder to export to"))
        row.addWidget(name)
        row.addWidget(self.target, 1)
        row.addWidget(button(tr("Change…"), clicked=self._choose_target))
        return holder

    def _work_row(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addWidget(self.export_button)
        row.addWidget(self.work, 1)
        row.addStretch(0)
        row.addWidget(self.overwrite)
        return holder

    def choose(self, key: str) -> None:
        """Choose a format; one that does not suit the model says why instead."""
        self.format = key
        for other, card in self.cards.items():
            card.set_selected(other == key)
        refused = self._refused(key)
        empty(self._why_not)
        if refused is not None:
            self._why_not.addWidget(Banner(str(refused.message), "note", str(refused.hint or "")))
        if self._session.project is not None:
            run = self._session.run()
            name = f"{self._session.project.file.name} {key}" + (f" {run.id[:15]}" if run is not None else "")
            self.target.setText(str(free_folder(self._session.project.layout.exports, name)))
        self._refresh_button()

    def _refused(self, key: str) -> InputError | None:
        """Return why the trained model cannot be exported in a format here; None if it can."""
        if not key or self._model is None:
            return None
        return (
            self._model if isinstance(self._model, InputError) else refusal(catalog.exporters().spec(key), self._model)
        )

    def _is_conceivable(self, key: str) -> bool:
        """Whether the model can have a form at all: the others would only be in the way."""
        return not isinstance(self._model, Exportable) or is_conceivable(catalog.exporters().spec(key), self._model)

    def _look_at_model(self) -> Exportable | InputError | None:
        run = self._session.run()
        if run is None or run.request is None:
            return None
        try:
            return exportable(run)
        except InputError as error:
            base = self._session.model  # what it was made from has the same forms; the export itself says what is gone
            return described(run.request, base.source) if base is not None else error

    def refresh(self) -> None:
        """Show what can be exported now."""
        ready = self._session.run() is not None
        self.runs.setVisible(ready)
        self.runs.refresh()
        self.stack.setCurrentIndex(1 if ready else 0)
        self._model = self._look_at_model()
        refused = {key: self._refused(key) for key in self.cards}
        for key, note in self.notes.items():
            error = refused[key]
            note.setText(str(error.message) if error is not None else "")
            note.setVisible(error is not None)
            self.cards[key].setVisible(self._is_conceivable(key))
            self.cards[key].setAccessibleDescription(note.text())
        self.grid.put_in_order(
            [self.cards[key] for key in sorted(self.cards, key=lambda key: refused[key] is not None)]
        )
        if ready:
            suiting = [key for key, error in refused.items() if error is None]
            self.choose(self.format if self.format in suiting else next(iter(suiting), ""))
        self._refresh_button()

    def _obey(self, command: str, argument: str) -> None:
        if command == "export_as" and argument in self.cards:
            self.choose(argument)
            self.export_button.setFocus()

    def _choose_target(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, tr("Export into which folder?"), str(Path(self.target.text()).parent)
        )
        if chosen:
            self.target.setText(str(Path(chosen) / Path(self.target.text()).name))

    # The work

    def export(self) -> None:
        """Export in a worker process."""
        run, project = self._session.run(), self._session.project
        if run is None or project is None or self.work.is_busy:
            return
        empty(self._done)
        self.done_slot.hide()
        options = {
            "run": run.id,
            "format": self.format,
            "to": self.target.text().strip(),
            "overwrite": self.overwrite.isChecked(),
        }
        operation = self._operations.run_job(
            Request(job="export", project=project.layout.root, options=options),
            title=tr("Exporting"),
            on_success=self._succeed,
            on_failure=self._fail,
        )
        self.work.follow(operation)
        self._refresh_button()

    def _ended(self, cancelled: bool) -> None:
        if cancelled:
            self._look_at_outcome()
            self._done.addWidget(Banner(tr("Cancelled. Nothing was written."), "note"))
        self._refresh_button()

    def _succeed(self, document: dict[str, Any]) -> None:
        path = Path(str(document.get("path", "")))
        failed = document.get("error") or {}
        if failed:
            made = Banner(str(failed.get("message", "")), "danger", str(failed.get("hint", "")))
        else:
            made = Banner(tr("Exported."), "success", str(path))
            self.target.setText(str(free_folder(path.parent, path.name)))
            self.overwrite.setChecked(False)
            self._session.stage_states_changed.emit()
        made.add_button(tr("Show folder"), lambda: show_folder(path), "" if failed else "primary")
        self._done.addWidget(made)
        self._look_at_outcome()
        task = self._session.project.file.task if self._session.project is not None else ""
        self._done.addWidget(CertificateCard(document.get("certificate"), document.get("files") or [], task))

    def _look_at_outcome(self) -> None:
        self.done_slot.show()
        self.scrolled.verticalScrollBar().setValue(0)

    def _fail(self, error: Any) -> None:
        self._look_at_outcome()
        hint = getattr(error, "hint", None)
        self._done.addWidget(Banner(str(getattr(error, "message", error)), "danger", str(hint or "")))

    def _refresh_button(self) -> None:
        possible = bool(self.format) and self._refused(self.format) is None and bool(self.target.text().strip())
        self.export_button.setEnabled(possible and not self.work.is_busy)


def _stacked(scroll: QWidget, *fixed: QWidget) -> QWidget:
    """Return what scrolls above what is always in sight."""
    holder = QWidget()
    below = QVBoxLayout(holder)
    below.setContentsMargins(0, 0, 0, 0)
    below.setSpacing(theme.M)
    below.addWidget(scroll, 1)
    for widget in fixed:
        below.addWidget(widget)
    return holder


def _format_card(spec: ExporterSpec) -> tuple[ClickCard, QLabel]:
    card = ClickCard(tr(spec.title))
    head = QHBoxLayout()
    head.setSpacing(theme.S)
    head.addWidget(IconLabel("folder", "accent"))
    head.addWidget(label(tr(spec.title), "section"), 1)
    card.body.addLayout(head)
    card.add(muted(tr(spec.summary)))
    card.body.addStretch(1)
    card.add(caption(tr("Needs: {what}").format(what=tr(spec.runs_with)), wrap=True))
    note = label("", "warning", wrap=True)
    card.add(note)
    return card, note
