"""The model browser: what lies on this computer, what fits the task, and what each is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.errors import ErrorDocument, StudioError
from ftstudio.core.messages import Progress, Request
from ftstudio.core.text import text
from ftstudio.core.translation import N_, number, tr, tr_plural
from ftstudio.gui import theme
from ftstudio.gui.looking import needs_writing
from ftstudio.gui.operations import Operation, Operations
from ftstudio.gui.panels.model_details import ModelDetails
from ftstudio.gui.panels.model_entries import Entry, entries
from ftstudio.gui.panels.model_filters import ModelFilters
from ftstudio.gui.panels.model_list import ModelList
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.feedback import Banner, EmptyState
from ftstudio.gui.widgets.labels import caption
from ftstudio.gui.widgets.page import PageFrame
from ftstudio.models.records import Found, ModelRecord

NARROW = 200  # what the list has for words in the smallest window
LEAST_FILTERS, MOST_FILTERS = 176, 200  # wide enough for the longest choice, narrow enough for the smallest window


class ModelPage(PageFrame):
    """Browse, filter, choose."""

    key = "model"
    title = N_("Model")
    icon = "model"
    order = 10

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(tr(self.title), tr("the pretrained model that learns your task"))
        self._session, self._operations = session, operations
        self._found: Found | None = None
        self._scan: Operation | None = None
        self._preparing: Operation | None = None
        self.filters, self.models, self.details = ModelFilters(), ModelList(), ModelDetails()
        self.counted = caption("", wrap=True)
        self.banner: Banner | None = None
        self._build()
        self.filters.changed.connect(self._refresh)
        self.filters.folder_added.connect(self._add_folder)
        self.filters.rescan_asked.connect(self.scan)
        self.models.selected.connect(self._show_details)
        self.models.use_asked.connect(self.use)
        self.details.use_asked.connect(self.use)
        self.details.cancel_asked.connect(self._cancel_preparing)
        session.model_changed.connect(self._refresh)
        session.project_changed.connect(self._refresh)
        session.command_requested.connect(self._obey)
        needs_writing(session, self.details.use_button)

    def _obey(self, command: str, _: str) -> None:
        if command == "add_model_folder":
            self.filters.choose_folder()

    def _build(self) -> None:
        self._notes = QVBoxLayout()
        self.body.addLayout(self._notes)
        row = QHBoxLayout()
        row.setSpacing(theme.L)
        self.filters.setFixedWidth(min(MOST_FILTERS, max(LEAST_FILTERS, self.filters.sizeHint().width())))
        row.addWidget(self.filters)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        add = button(tr("Add folder…"), "primary", icon="plus", clicked=self.filters.choose_folder)
        self.nothing = EmptyState("model", "", "", add, width=NARROW)
        self._listed = QStackedWidget()
        self._listed.addWidget(self.models)
        self._listed.addWidget(self.nothing)
        column.addWidget(self._listed, 1)
        column.addWidget(self.counted)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(theme.L)
        split.setChildrenCollapsible(False)
        split.addWidget(middle)
        split.addWidget(self.details)
        middle.setMinimumWidth(250)
        self.details.setMinimumWidth(280)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        split.setSizes([400, 600])
        row.addWidget(split, 1)
        self.body.addLayout(row, 1)

    def showEvent(self, event: Any) -> None:
        """Look for models when the page is first seen."""
        super().showEvent(event)
        if self._found is None and self._scan is None:
            self.scan()

    def scan(self) -> None:
        """Look for models in the background."""
        if self._scan is not None:
            return

        def find(progress: Any, cancelled: Any) -> Found:
            from ftstudio.models.library import find_models
            from ftstudio.project import modelbook

            def tell(count: int) -> None:
                progress(Progress(phase=text("Looking for models"), done=count))

            return find_models(modelbook.model_folders(), tell)

        self.counted.setText(tr("Looking for models…"))
        self._scan = self._operations.run(
            find,
            title=tr("Looking for models"),
            with_progress=True,
            on_success=self._take,
            on_failure=self._complain,
            on_progress=lambda told: self.counted.setText(
                tr("Looking for models… {count} so far").format(count=number(told.done))
            ),
        )
        self._scan.ended.connect(self._scanned)

    def _scanned(self) -> None:
        self._scan = None

    def _take(self, found: Found) -> None:
        self._found = found
        self._refresh()

    def _refresh(self) -> None:
        if self._found is None:
            return
        listed = entries(self._found, self._session.task)
        wanted = self.filters.chosen()
        shown = [entry for entry in listed if wanted.lets_through(entry)]
        self.models.show_entries(shown, self._in_use())
        self._say_nothing(any(entry.usable for entry in listed))
        self._listed.setCurrentWidget(self.models if shown else self.nothing)
        count = tr_plural("{count} model", "{count} models", len(shown)).format(count=number(len(shown)))
        hidden = len(listed) - len(shown)
        more = tr_plural("{count} more is hidden by the filters", "{count} more are hidden by the filters", hidden)
        self.counted.setText(f"{count}; {more.format(count=number(hidden))}" if hidden else count)

    def _say_nothing(self, some_fit: bool) -> None:
        """Say what to do where no model is listed: choose other filters, or bring one."""
        task = self._session.task
        if some_fit or task is None:
            self.nothing.say(tr("No model is listed."), tr("Other filters show more, or add a folder with models."))
            return
        self.nothing.say(
            tr("None of your models fits “{task}”.").format(task=tr(task.title)),
            tr("Add the folder of one: with config.json and its weights (safetensors), or with a GGUF file."),
        )

    def _in_use(self) -> str:
        return str(self._session.model.path) if self._session.model is not None else ""

    def _show_details(self, entry: Entry | None) -> None:
        self.details.show_entry(entry, entry is not None and str(entry.path) == self._in_use())

    def use(self, entry: Entry | None) -> None:
        """Take a model for the project; a checkpoint is converted first, in the worker."""
        if entry is None or entry.record is None or not entry.usable or self._preparing is not None:
            return
        if self._session.only_looking:
            return
        self._quiet()
        if entry.record.needs_preparing:
            self._prepare(entry.record)
        else:
            self._session.set_model(entry.record)

    def _prepare(self, record: ModelRecord) -> None:
        options = {"starter": record.starter} if record.starter else {"path": str(record.path)}
        self.details.say_preparing(tr("Converting {name}…").format(name=record.name), 0, None)
        self._preparing = self._operations.run_job(
            Request(job="prepare_model", options=options),
            title=tr("Preparing {name}").format(name=record.name),
            on_success=lambda document: self._prepared(record, Path(document["path"])),
            on_failure=self._complain,
            on_progress=lambda told: self.details.say_preparing(str(told.phase), told.done, told.total),
        )
        self._preparing.ended.connect(self._preparing_ended)

    def _prepared(self, record: ModelRecord, folder: Path) -> None:
        from ftstudio.models.library import resolve

        try:
            self._session.set_model(resolve(record.origin if record.starter else str(folder)))
        except StudioError as error:
            self._complain(error)
        self.scan()

    def _preparing_ended(self) -> None:
        self._preparing = None
        self.details.say_ready()
        self._show_details(self.models.current())

    def _cancel_preparing(self) -> None:
        if self._preparing is not None:
            self._preparing.cancel()

    def _add_folder(self, folder: Path) -> None:
        from ftstudio.project import modelbook

        modelbook.add_folder(folder)
        self.scan()

    def _complain(self, error: StudioError | ErrorDocument | Exception) -> None:
        document = error if isinstance(error, ErrorDocument) else ErrorDocument.of(error)
        self._quiet()
        self.banner = Banner(str(document.message), "danger", str(document.hint or ""), closable=True)
        self._notes.addWidget(self.banner)

    def _quiet(self) -> None:
        if self.banner is not None:
            self.banner.hide()
            self.banner.deleteLater()
            self.banner = None
