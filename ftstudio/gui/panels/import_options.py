"""How a table is read: what was detected, and the controls to say otherwise."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ftstudio.core.translation import N_, tr
from ftstudio.datasets.options import ReadOptions
from ftstudio.gui import theme
from ftstudio.gui.forms.editors import QuietCombo
from ftstudio.gui.widgets.labels import caption

DELIMITERS = {
    ",": N_("Comma  ,"),
    ";": N_("Semicolon  ;"),
    "\t": N_("Tab"),
    "|": N_("Bar  |"),
    ":": N_("Colon  :"),
    " ": N_("Blank"),
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "iso-8859-1", "iso-8859-15", "shift_jis", "gb18030")


class ImportOptions(QWidget):
    """Shows `ReadOptions`; emits `changed(ReadOptions)` when the user states something else."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = ReadOptions()
        self._captions: dict[QComboBox, QLabel] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.L)
        self.delimiter = self._choice(row, tr("Between cells"), 150)
        self.encoding = self._choice(row, tr("Letters (encoding)"), 150)
        self.header = QCheckBox(tr("The first line has the column names"))
        self.header.clicked.connect(lambda on: self._state(header=on))
        row.addWidget(self.header, 0, Qt.AlignmentFlag.AlignBottom)
        row.addStretch(1)
        for key, title in DELIMITERS.items():
            self.delimiter.addItem(tr(title), key)
        for name in ENCODINGS:
            self.encoding.addItem(name, name)
        self.delimiter.activated.connect(lambda _: self._state(delimiter=self.delimiter.currentData(), quote=None))
        self.encoding.activated.connect(lambda _: self._state(encoding=self.encoding.currentData()))

    def _choice(self, row: QHBoxLayout, title: str, width: int) -> QComboBox:
        column = QVBoxLayout()
        column.setSpacing(2)
        box = QuietCombo()
        box.setMinimumWidth(width)
        box.setAccessibleName(title)
        self._captions[box] = caption(title)
        column.addWidget(self._captions[box])
        column.addWidget(box)
        row.addLayout(column)
        return box

    def show_options(self, options: ReadOptions) -> None:
        """Show what is in force; controls that do not apply to the form of the data are hidden."""
        self._options = options
        for box, value in ((self.delimiter, options.delimiter), (self.encoding, options.encoding)):
            _select(box, value)
            self._captions[box].setVisible(value is not None)
        self.header.setVisible(options.header is not None)
        self.header.setChecked(bool(options.header))
        applies = any(value is not None for value in (options.delimiter, options.encoding, options.header))
        self.setVisible(applies)

    def _state(self, **values: object) -> None:
        self._options = self._options.model_copy(update=values)
        self.changed.emit(self._options)


def _select(box: QComboBox, value: str | None) -> None:
    place = box.parentWidget()
    box.setVisible(value is not None)
    if value is None or place is None:
        return
    if box.findData(value) < 0:
        box.addItem(value, value)
    box.setCurrentIndex(box.findData(value))
