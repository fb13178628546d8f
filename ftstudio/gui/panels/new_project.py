"""Beginning a project: its name, what the model shall learn, where the folder goes. No dialog, no order to obey."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from ftstudio.core import catalog, paths
from ftstudio.core.errors import StudioError
from ftstudio.core.specs import Modality, TaskSpec
from ftstudio.core.translation import tr
from ftstudio.gui import notifications
from ftstudio.gui.sample_projects import free_folder
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import ClickCard
from ftstudio.gui.widgets.feedback import FormRow
from ftstudio.gui.widgets.flow import FlowGrid
from ftstudio.gui.widgets.labels import IconLabel, caption, label, muted, section
from ftstudio.gui.widgets.page import PageFrame

FORM_WIDTH = 704
_PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"}


class NewProjectPanel(PageFrame):
    """Asks for name and task; the stages do the rest."""

    closed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(tr("New project"))
        self._session = session
        self._parent = paths.projects_folder()
        self._files = ""
        self.header.addWidget(button(tr("Back"), "quiet", icon="chevron-left", clicked=self.closed.emit))
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("for example “complaints by topic”"))
        self.name.textChanged.connect(self._refresh)
        self.name.returnPressed.connect(self.create_project)
        self.body.addWidget(_limited(FormRow(tr("Name"), self.name)))
        self.place = caption()
        self.body.addWidget(_limited(FormRow(tr("Folder"), self._place_row())))
        self.body.addWidget(section(tr("What shall the model learn?")))
        self.tasks = FlowGrid(least_width=300)
        self.cards: dict[str, ClickCard] = {}
        self.task = ""
        for spec in catalog.tasks():
            self._add_task(spec)
        self.body.addWidget(self.tasks)
        self.create_button = button(tr("Create project"), "primary", clicked=self.create_project)
        row = QHBoxLayout()
        row.addWidget(self.create_button)
        self.next_words = caption()
        row.addWidget(self.next_words)
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addStretch(1)

    def _place_row(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.place)
        row.addWidget(button(tr("Change…"), "link", clicked=self._choose_place))
        row.addStretch(1)
        return holder

    def _add_task(self, spec: TaskSpec) -> None:
        card = ClickCard(tr(spec.title))
        head = QHBoxLayout()
        head.addWidget(IconLabel(spec.modality.value, "accent"))
        head.addWidget(label(tr(spec.title), "section"), 1)
        card.body.addLayout(head)
        card.add(muted(tr(spec.summary)))
        card.body.addStretch(1)
        if spec.example:
            card.add(caption(tr(spec.example), wrap=True))
        card.clicked.connect(lambda: self.choose(spec.key))
        self.cards[spec.key] = card
        self.tasks.add(card)

    def begin(self, task: str = "") -> None:
        """Start afresh. A task is chosen only if one is given, because it cannot be changed later."""
        self._files = ""
        self.name.clear()
        self.choose(task)
        self.name.setFocus()

    def begin_from(self, files: str) -> None:
        """Start with dropped files: their name and kind suggest name and task."""
        first = Path(files.split("\n")[0])
        self.begin(self._task_for(first))
        self._files = files
        self.name.setText(first.stem)
        self.name.selectAll()

    @staticmethod
    def _task_for(dropped: Path) -> str:
        inside = dropped.rglob("*") if dropped.is_dir() else iter([dropped])
        first = next((path for path in inside if path.is_file()), dropped)
        wanted = Modality.IMAGE if first.suffix.lower() in _PICTURES else Modality.TEXT
        return next((spec.key for spec in catalog.tasks() if spec.modality is wanted), "")

    def choose(self, task: str) -> None:
        """Choose what the model learns."""
        self.task = task
        for key, card in self.cards.items():
            card.set_selected(key == task)
        self._refresh()

    def root(self) -> Path:
        """Return the folder the project would get."""
        return free_folder(self._parent, self.name.text().strip())

    def create_project(self) -> None:
        """Make the project and go to its first stage."""
        if not self.create_button.isEnabled():
            return
        try:
            self._session.create(self.root(), self.name.text().strip(), self.task)
        except StudioError as error:
            notifications.centre().error(error)
            return
        files = self._files
        self.closed.emit()
        self._session.stage_requested.emit("data" if files else "model")
        if files:
            self._session.command_requested.emit("import_files", files)

    def _choose_place(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Where shall the project’s folder be?"), str(self._parent))
        if chosen:
            self._parent = Path(chosen)
            self._refresh()

    def _refresh(self) -> None:
        name = self.name.text().strip()
        self.create_button.setEnabled(bool(name and self.task))
        self.place.setText(str(self.root() if name else self._parent))
        if not name:
            self.next_words.setText(tr("Give it a name."))
        elif not self.task:
            self.next_words.setText(tr("Choose what the model shall learn."))
        else:
            self.next_words.setText(tr("Then choose a model and add your data, in whichever order you like."))


def _limited(row: FormRow) -> FormRow:
    row.setMaximumWidth(FORM_WIDTH)
    return row
