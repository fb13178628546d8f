"""Which file shall be answered, which of its columns is read, and where the table of answers goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ftstudio.core import catalog
from ftstudio.core.specs import ColumnRole, Modality
from ftstudio.core.translation import N_, tr
from ftstudio.datasets.row_files import ENDINGS
from ftstudio.gui import theme
from ftstudio.gui.widgets.buttons import button, set_kind
from ftstudio.gui.widgets.card import empty
from ftstudio.gui.widgets.elided import ElidedLabel
from ftstudio.gui.widgets.feedback import FormRow
from ftstudio.gui.widgets.labels import IconLabel, label, muted

COLUMN_TITLES = {
    ColumnRole.TEXT: N_("Column of the text"),
    ColumnRole.TEXT_PAIR: N_("Column of the second text"),
    ColumnRole.IMAGE: N_("Column of the picture"),
}
HINTS = {
    Modality.TEXT: N_("A table (CSV, TSV, JSON, JSON lines, Parquet, Excel) or a folder of text files."),
    Modality.IMAGE: N_("A table that names pictures, or a folder of pictures."),
}


class SourceDrop(QFrame):
    """Emits `chosen(Path)` for the one file or folder that was dropped or picked."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "drop")
        self.setAcceptDrops(True)
        self.setAccessibleName(tr("Drop area for a file to answer"))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        row.setSpacing(theme.M)
        row.addWidget(IconLabel("table", "accent", 32))
        words = QVBoxLayout()
        words.setSpacing(2)
        self.heading = label(tr("Drop a file here whose rows shall all be answered"), "section", wrap=True)
        self.name, self.hint = ElidedLabel(""), muted("")
        for one in (self.heading, self.name, self.hint):
            words.addWidget(one)
        row.addLayout(words, 1)
        self.file_button = button(tr("Choose file…"), "primary", icon="open", clicked=self.choose_file)
        self.folder_button = button(tr("Choose folder…"), icon="folder", clicked=self.choose_folder)
        row.addWidget(self.file_button)
        row.addWidget(self.folder_button)
        self.name.hide()

    def show_source(self, path: Path | None, modality: Modality) -> None:
        """Show what was chosen."""
        self.hint.setText(tr(HINTS[modality]))
        self.heading.setText(path.name if path else tr("Drop a file here whose rows shall all be answered"))
        self.name.show_text(str(path.parent) if path else "")
        self.name.setVisible(path is not None)
        self.hint.setVisible(path is None)
        set_kind(self.file_button, "primary" if path is None else "", "open")

    def choose_file(self) -> None:
        """Let the user pick a table."""
        endings = sorted({suffix for spec in catalog.readers() for suffix in spec.suffixes})
        kinds = f"{tr('Data')} ({' '.join(f'*{one}' for one in endings)});;{tr('All files')} (*)"
        file, _ = QFileDialog.getOpenFileName(self, tr("Choose a file to answer"), "", kinds)
        if file:
            self.chosen.emit(Path(file))

    def choose_folder(self) -> None:
        """Let the user pick a folder."""
        folder = QFileDialog.getExistingDirectory(self, tr("Choose a folder to answer"))
        if folder:
            self.chosen.emit(Path(folder))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files and folders, and show it."""
        if event.mimeData().hasUrls() and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()
            theme.restyle(self, state="over")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Calm down again."""
        theme.restyle(self, state="")

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        theme.restyle(self, state="")
        event.acceptProposedAction()
        self.chosen.emit(Path(event.mimeData().urls()[0].toLocalFile()))


class ColumnChoice(QWidget):
    """One chooser a role; the column of the training is chosen where the file has it."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.choices: dict[ColumnRole, QComboBox] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.S)

    def show_columns(
        self, needed: Sequence[ColumnRole], columns: Sequence[str], trained: Mapping[ColumnRole, str]
    ) -> None:
        """Offer the columns of a file."""
        empty(self._column)
        self.choices = {}
        for role in needed:
            chooser = QComboBox()
            chooser.addItem(tr("Choose a column…"), "")
            for name in columns:
                chooser.addItem(name, name)
            named = trained.get(role, role.value)
            there = named if named in columns else role.value
            chooser.setCurrentIndex(max(0, chooser.findData(there)))
            self.choices[role] = chooser
            row = FormRow(tr(COLUMN_TITLES.get(role, role.value)), chooser)
            lacking = tr("The file has no column “{column}”, as the training data had.").format(column=named)
            chooser.activated.connect(
                lambda _, chooser=chooser, row=row, said=lacking: self._chosen(chooser, row, said)
            )
            row.say("" if chooser.currentData() else lacking)
            self._column.addWidget(row)

    def _chosen(self, chooser: QComboBox, row: FormRow, lacking: str) -> None:
        row.say("" if chooser.currentData() else lacking)
        self.changed.emit()

    def columns(self) -> dict[str, str]:
        """Return the chosen column of each role; those not chosen are missing."""
        return {role.value: one.currentData() for role, one in self.choices.items() if one.currentData()}

    def is_complete(self) -> bool:
        """Whether every role has its column."""
        return bool(self.choices) and all(one.currentData() for one in self.choices.values())


class TargetChoice(QWidget):
    """The file that the answers are written to."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.field = QLineEdit()
        self.field.setAccessibleName(tr("File for the answers"))
        self.field.textChanged.connect(lambda _: self.changed.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(self.field, 1)
        row.addWidget(button(tr("Change…"), clicked=self.choose))
        self.setFocusProxy(self.field)

    def path(self) -> str:
        """Return what is in the field."""
        return self.field.text().strip()

    def propose(self, source: Path) -> None:
        """Propose a free name beside the source."""
        stem = f"{source.stem} {tr('answers')}"
        names = (f"{stem}.csv" if at == 1 else f"{stem} {at}.csv" for at in range(1, 1000))
        self.field.setText(str(next(path for name in names if not (path := source.parent / name).exists())))

    def choose(self) -> None:
        """Let the user pick another place; the dialog asks before something is replaced."""
        kinds = ";;".join(f"{ending[1:].upper()} (*{ending})" for ending in ENDINGS)
        file, _ = QFileDialog.getSaveFileName(self, tr("Write the answers to"), self.path(), kinds)
        if file:
            self.field.setText(file)
