"""The large area where data enters: drop a file or folder, or choose one. It shows which forms are understood."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core.specs import Answer, Modality, ReaderSpec, TaskSpec
from ftstudio.core.translation import N_, tr
from ftstudio.gui import theme
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import empty
from ftstudio.gui.widgets.elided import ElidedLabel
from ftstudio.gui.widgets.labels import IconLabel, caption, label, muted

COLUMNS = 3
HEADINGS = {
    Answer.LABEL: N_("Drop your labelled texts here"),
    Answer.SPANS: N_("Drop your marked texts here"),
    Answer.EXTRACT: N_("Drop your questions and answers here"),
    Answer.TEXT: N_("Drop your texts or conversations here"),
    Answer.REWRITE: N_("Drop your pairs of texts here"),
}
PICTURES = N_("Drop your labelled pictures here")


class DropArea(QFrame):
    """Emits `chosen(list[Path])` for whatever was dropped or picked."""

    chosen = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "drop")
        self.setAcceptDrops(True)
        self.setAccessibleName(tr("Drop area for data"))
        self._suffixes: tuple[str, ...] = ()
        self._heading = label("", "title")
        self.file_button = button(tr("Choose file…"), "primary", icon="open", clicked=self.choose_file)
        self.folder_button = button(tr("Choose folder…"), icon="folder", clicked=self.choose_folder)
        self._forms = QGridLayout()
        self._forms.setHorizontalSpacing(theme.XL)
        self._forms.setVerticalSpacing(theme.M)
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.XXL, theme.XXL, theme.XXL, theme.XL)
        column.setSpacing(theme.S)
        column.addStretch(2)
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(IconLabel("data", "accent", 40), 0, middle)
        column.addWidget(self._heading, 0, middle)
        promise = muted(tr("A copy goes into the project. Your files stay as they are and never leave this computer."))
        promise.setAlignment(middle)
        column.addWidget(promise)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.S)
        buttons.addStretch(1)
        buttons.addWidget(self.file_button)
        buttons.addWidget(self.folder_button)
        buttons.addStretch(1)
        column.addSpacing(theme.S)
        column.addLayout(buttons)
        column.addStretch(3)
        column.addWidget(caption(tr("What is understood")), 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(self._forms)

    def accept_forms(self, readers: Iterable[ReaderSpec], task: TaskSpec) -> None:
        """Show what can be dropped for a task, forms made for nothing else first, folders last."""
        empty(self._forms)
        answer = task.answer
        self._heading.setText(tr(PICTURES if task.modality is Modality.IMAGE else HEADINGS[answer]))
        fitting = [spec for spec in readers if task.modality in spec.modalities and answer in spec.answers]
        self._suffixes = tuple(dict.fromkeys(suffix for spec in fitting for suffix in spec.suffixes))
        self.folder_button.setVisible(any(spec.is_folder for spec in fitting))
        for at, spec in enumerate(sorted(fitting, key=lambda spec: (spec.is_folder, len(spec.answers)))):
            self._forms.addLayout(_form_of(spec, answer), at // COLUMNS, at % COLUMNS)
        for at in range(COLUMNS):
            self._forms.setColumnStretch(at, 1)
            self._forms.setColumnMinimumWidth(at, 150)

    def choose_file(self) -> None:
        """Let the user pick files."""
        pattern = " ".join(f"*{suffix}" for suffix in self._suffixes)
        kinds = f"{tr('Data')} ({pattern});;{tr('All files')} (*)" if pattern else ""
        files, _ = QFileDialog.getOpenFileNames(self, tr("Choose data"), "", kinds)
        if files:
            self.chosen.emit([Path(file) for file in files])

    def choose_folder(self) -> None:
        """Let the user pick a folder."""
        folder = QFileDialog.getExistingDirectory(self, tr("Choose a folder with one folder per class"))
        if folder:
            self.chosen.emit([Path(folder)])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files and folders, and show it."""
        if event.mimeData().hasUrls() and all(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            theme.restyle(self, state="over")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Calm down again."""
        theme.restyle(self, state="")

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        theme.restyle(self, state="")
        event.acceptProposedAction()
        self.chosen.emit([Path(url.toLocalFile()) for url in event.mimeData().urls()])


def _form_of(spec: ReaderSpec, answer: Answer) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(2)
    heading = QHBoxLayout()
    heading.setSpacing(theme.S)
    name = label(tr(spec.title), "strong", wrap=True)
    heading.addWidget(name, 1)
    column.addLayout(heading)
    if spec.suffixes:
        column.addWidget(caption("  ".join(spec.suffixes)))
    column.addWidget(ElidedLabel(spec.example_of(answer).strip(), "example"))
    column.addStretch(1)
    return column
