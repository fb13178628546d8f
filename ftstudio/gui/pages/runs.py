"""Runs: all of them in a table to sort, filter, name and note; the chosen ones compared below it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.errors import StudioError
from ftstudio.core.text import text_plural
from ftstudio.core.translation import N_, tr
from ftstudio.gui import notifications, run_edits, theme
from ftstudio.gui.looking import needs_writing
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.run_details import RunDetails
from ftstudio.gui.panels.run_filters import RunFilters
from ftstudio.gui.panels.trash_view import TrashView
from ftstudio.gui.save_names import with_ending
from ftstudio.gui.session import Session
from ftstudio.gui.tables.runs_view import RunsView
from ftstudio.gui.widgets.buttons import button, icon_button
from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.page import PageFrame
from ftstudio.project import seal
from ftstudio.project.run_columns import as_csv, columns
from ftstudio.project.runs import RunSummary


class RunsPage(PageFrame):
    """Every run of the project."""

    key = "runs"
    title = N_("Runs")
    icon = "runs"
    order = 45

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(tr("Runs"))
        self._session = session
        self._outdated = True
        self.table = RunsView()
        self.filters = RunFilters()
        self.details = RunDetails(session, operations)
        self.trash = TrashView(session)
        self.stack = QStackedWidget()
        self.stack.addWidget(self._empty_state())
        self.stack.addWidget(self._content())
        self.stack.addWidget(self.trash)
        self.body.addWidget(self.stack, 1)
        self._add_buttons()
        self._connect()
        self.refresh()

    def _empty_state(self) -> QWidget:
        go = button(tr("Go to training"), "primary", clicked=lambda: self._session.stage_requested.emit("train"))
        words = tr("Each training makes one. Here they are sorted, named, compared and thrown away.")
        return EmptyState("runs", tr("There are no runs yet."), words, go)

    def _content(self) -> QWidget:
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.filters, 1)
        column.addLayout(row)
        self.tables = QStackedWidget()
        clear = button(tr("Show all runs"), clicked=self.filters.clear)
        self.tables.addWidget(self.table)
        self.tables.addWidget(
            EmptyState("filter", tr("No run fits."), tr("Other words or another choice may find more."), clear)
        )
        column.addWidget(self.tables, 1)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setHandleWidth(theme.L)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(upper)
        splitter.addWidget(self.details)
        splitter.setSizes([420, 380])
        return splitter

    def _add_buttons(self) -> None:
        self.open_button = button(tr("Look at the result"), icon="results", clicked=self._open_current)
        self.delete_button = button(tr("Delete"), icon="trash", tip=tr("To the trash (Delete)"), clicked=self.delete)
        self.trash_button = button(tr("Trash"), "quiet", icon="trash", clicked=self.show_trash)
        self.more_button = icon_button("more", tr("More"), clicked=self._show_menu_of_button)
        needs_writing(self._session, self.delete_button)
        for one in (self.trash_button, self.open_button, self.delete_button, self.more_button):
            self.header.addWidget(one)

    def _connect(self) -> None:
        session, table = self._session, self.table
        session.runs_changed.connect(self._change)
        session.project_changed.connect(self._change)
        self.filters.changed.connect(self._filter)
        self.trash.left.connect(self.show_runs)
        table.chosen.connect(self._show_chosen)
        table.opened.connect(self.open_result)
        table.star_asked.connect(self.star)
        table.delete_asked.connect(self.delete)
        table.edit_ended.connect(self._catch_up)
        table.runs.renamed.connect(lambda run_id, name: run_edits.rename(session, run_id, name))
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(lambda at: self.menu().exec(table.viewport().mapToGlobal(at)))

    # What is shown

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while hidden."""
        super().showEvent(event)
        self._catch_up()

    def _change(self) -> None:
        self._outdated = True
        self._catch_up()

    def _catch_up(self) -> None:
        if self._outdated and self.isVisible() and not self.table.is_edited:
            self.refresh()

    def refresh(self) -> None:
        """Show the runs as they are now."""
        session = self._session
        self._outdated = False
        self.table.runs.may_write = session.can_write
        self.table.runs.show_runs(session.runs, columns(self._test_is_open))
        if not self.table.chosen_ids() and session.runs:
            shown = session.run() or session.runs[0]
            self.table.choose([shown.id])
        trashed = self._count_trash()
        self.trash_button.setText(tr("Trash ({count})").format(count=trashed))
        self.stack.setCurrentIndex(2 if self._shows_trash() and trashed else 1 if session.runs else 0)
        self.trash_button.setVisible(trashed > 0 and not self._shows_trash())
        if self._shows_trash():
            self.trash.refresh()
        self._show_counts()
        self._show_chosen()

    def _test_is_open(self, run: RunSummary) -> bool:
        return self._session.project is not None and seal.is_open(self._session.project.layout, run)

    def _shows_trash(self) -> bool:
        return self.stack.currentWidget() is self.trash

    def _count_trash(self) -> int:
        from ftstudio.project.trash import count_trash

        return count_trash(self._session.project.layout) if self._session.project is not None else 0

    def _filter(self) -> None:
        self.table.runs.set_filter(self.filters.words, self.filters.states, starred=self.filters.starred)
        if not self.table.chosen_ids():
            self.table.choose([run.id for run in self.table.runs.shown[:1]])
        self._show_counts()
        self._show_chosen()

    def _show_counts(self) -> None:
        everything, shown = len(self._session.runs), len(self.table.runs.shown)
        self.tables.setCurrentIndex(0 if shown or not everything else 1)
        said = text_plural("{count} run", "{count} runs", everything).render() if everything else ""
        if shown < everything:
            said = tr("{shown} of {all}").format(shown=shown, all=said)
        self.subtitle_label.setText(said)

    def _show_chosen(self) -> None:
        chosen = self.chosen()
        self.details.show_runs(chosen)
        here = not self._shows_trash() and bool(self._session.runs)
        for one in (self.open_button, self.delete_button, self.more_button):
            one.setVisible(here)
        self.open_button.setEnabled(len(chosen) == 1 and chosen[0].head is not None)
        self.delete_button.setEnabled(bool(chosen) and not all(run.status.state.is_active for run in chosen))

    def chosen(self) -> list[RunSummary]:
        """Return the chosen runs, from top to bottom."""
        ids = self.table.chosen_ids()
        by_id = {run.id: run for run in self._session.runs}
        return [by_id[run_id] for run_id in ids if run_id in by_id]

    def show_trash(self) -> None:
        """Turn to the deleted runs."""
        self.stack.setCurrentWidget(self.trash)
        self.refresh()
        self.trash.list.setFocus()

    def show_runs(self) -> None:
        """Turn back to the runs."""
        self.stack.setCurrentIndex(1 if self._session.runs else 0)
        self.refresh()
        self.table.setFocus()

    # What is done with them

    def open_result(self, run_id: str) -> None:
        """Go to the result of a run, or to its training if it has none."""
        run = next((run for run in self._session.runs if run.id == run_id), None)
        if run is not None and run.head is not None:
            self._session.show_run(run.id)
            self._session.stage_requested.emit("results")

    def _open_current(self) -> None:
        for run_id in self.table.chosen_ids()[:1]:
            self.open_result(run_id)

    def star(self, run_ids: list[str]) -> None:
        """Give these runs a star, or take it away if all have one."""
        stars = {run.id: run.notes.star for run in self._session.runs}
        run_edits.set_star(self._session, run_ids, not all(stars.get(run_id, False) for run_id in run_ids))

    def delete(self) -> None:
        """Move the chosen runs to the trash; the one below them is chosen next."""
        chosen = self.table.chosen_ids()
        if not chosen:
            return
        below = max(map(self.table.runs.row_of, chosen)) + 1
        following = self.table.runs.shown[below : below + 1] or self.table.runs.shown[:1]
        run_edits.delete(self._session, chosen)
        self.table.choose([run.id for run in following])

    def export(self) -> None:
        """Save the runs that are shown, as they are sorted, as a CSV table."""
        path, _ = QFileDialog.getSaveFileName(self, tr("Export as CSV"), "runs.csv", "*.csv")
        if path:
            try:
                self.write_csv(with_ending(Path(path), ".csv"))
            except StudioError as error:
                notifications.centre().error(error)

    def write_csv(self, path: Path) -> None:
        """Write the table to a file; raises `StudioError` if it cannot be written."""
        from ftstudio.project import atomic, disk_errors

        try:
            atomic.write_text(path, as_csv(self.table.runs.shown, self.table.runs.columns))
        except OSError as error:
            raise disk_errors.explain(error, path) from error

    def menu(self) -> QMenu:
        """Return what can be done, with its keys."""
        menu = QMenu(self)
        chosen, may_write = self.chosen(), self._session.can_write
        one = len(chosen) == 1
        entries = (
            (tr("Look at the result"), "Enter", self._open_current, one and chosen[0].head is not None),
            (tr("Rename"), "F2", self.table.rename, one and may_write),
            (tr("Star, or take it away"), tr("Space"), self._star_chosen, bool(chosen) and may_write),
            (tr("Write notes"), "", self._write_notes, one),
            (tr("To the trash"), tr("Delete"), self.delete, bool(chosen) and may_write),
            (tr("Export the table as CSV…"), "", self.export, bool(self.table.runs.shown)),
        )
        for words, keys, act, enabled in entries:
            action = menu.addAction(f"{words}\t{keys}" if keys else words)
            action.setEnabled(enabled)
            action.triggered.connect(lambda _=False, act=act: act())
        return menu

    def _star_chosen(self) -> None:
        self.star(self.table.chosen_ids())

    def _write_notes(self) -> None:
        self.details.show_view("notes")
        self.details.notes.field.setFocus()

    def _show_menu_of_button(self) -> None:
        self.menu().exec(self.more_button.mapToGlobal(QPoint(0, self.more_button.height())))
