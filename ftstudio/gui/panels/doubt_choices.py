"""What is right instead of a doubted label: one of all labels, any number of them, or a number that is typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QCheckBox, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from ftstudio.core import label_sets, plain_numbers
from ftstudio.core.specs import Answer
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.widgets.labels import caption
from ftstudio.gui.widgets.page import column, scrolled

DIGITS = 9


class Choice(QWidget):
    """What every choice can do. Emits `changed()`, and `accepted()` where a key in it says that this is right."""

    changed = Signal()
    accepted = Signal()

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__()
        self.labels = list(labels)
        self.lines = QVBoxLayout(self)
        self.lines.setContentsMargins(0, 0, 0, 0)
        self.lines.setSpacing(theme.XS)

    @property
    def chosen(self) -> str:
        """The cell that is chosen; empty while it is none."""
        raise NotImplementedError

    def choose(self, cell: str) -> None:
        """Choose a cell, without doing anything yet."""
        raise NotImplementedError

    def press(self, at: int) -> None:
        """Do what the key of a digit means: of the label at that place, if there is one."""

    def is_same(self, cell: str) -> bool:
        """Whether what is chosen is what a row has already."""
        return self.chosen == cell

    def in_words(self, cell: str) -> str:
        """Return a cell as people read it."""
        return cell


class OneLabel(Choice):
    """One of all labels."""

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__(labels)
        self.buttons = _buttons(self, QRadioButton)

    @property
    def chosen(self) -> str:
        """The label that is chosen."""
        at = self.buttons.checkedId()
        return self.labels[at] if at >= 0 else ""

    def choose(self, cell: str) -> None:
        """Choose a label."""
        if cell in self.labels:
            self.buttons.button(self.labels.index(cell)).setChecked(True)

    def press(self, at: int) -> None:
        """Choose the label at that place."""
        if at < len(self.labels):
            self.choose(self.labels[at])


class SeveralLabels(Choice):
    """Any number of all labels."""

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__(labels)
        self.buttons = _buttons(self, QCheckBox)
        self.buttons.setExclusive(False)

    @property
    def chosen(self) -> str:
        """All labels that are ticked, as a cell."""
        return label_sets.write(name for at, name in enumerate(self.labels) if self.buttons.button(at).isChecked())

    def choose(self, cell: str) -> None:
        """Tick the labels of a cell and no other."""
        there = _read(cell)
        for at, name in enumerate(self.labels):
            self.buttons.button(at).setChecked(name in there)

    def press(self, at: int) -> None:
        """Tick the label at that place, or take the tick away."""
        if at < len(self.labels):
            self.buttons.button(at).toggle()

    def is_same(self, cell: str) -> bool:
        """Whether the ticked labels are those of a cell, in whatever order."""
        return set(_read(self.chosen)) == set(_read(cell))

    def in_words(self, cell: str) -> str:
        """Return the labels with commas between them."""
        return ", ".join(_read(cell)) or tr("no label")


class Number(Choice):
    """A number that is typed; Enter says that it is right."""

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__(labels)
        self.field = QLineEdit()
        self.field.setAccessibleName(tr("The right number"))
        self.field.textChanged.connect(lambda _: self.changed.emit())
        self.field.returnPressed.connect(self.accepted)
        self.lines.addWidget(self.field)
        self.lines.addWidget(caption(tr("Type it, as 1234.5, and press Enter.")))
        self.lines.addStretch(1)

    @property
    def chosen(self) -> str:
        """The number as a cell; empty while nothing that is one was typed."""
        found = plain_numbers.read(self.field.text())
        return "" if found is None else f"{found:.12g}"

    def choose(self, cell: str) -> None:
        """Put a number into the field."""
        self.field.setText(cell)

    def is_same(self, cell: str) -> bool:
        """Whether it is the same number, however it is written."""
        return plain_numbers.read(self.chosen) == plain_numbers.read(cell)


CHOICES: dict[Answer, type[Choice]] = {
    Answer.LABEL: OneLabel,
    Answer.LABELS: SeveralLabels,
    Answer.NUMBER: Number,
}


def _buttons(choice: Choice, kind: type[QAbstractButton]) -> QButtonGroup:
    group, made = QButtonGroup(choice), []
    for at, name in enumerate(choice.labels):
        one = kind()
        one.setText(f"{at + 1}  {name}" if at < DIGITS else name)
        one.setAccessibleName(name)
        group.addButton(one, at)
        made.append(one)
    group.idToggled.connect(lambda *_: choice.changed.emit())
    choice.lines.addWidget(scrolled(column(*made, spacing=theme.XS)), 1)
    return group


def _read(cell: str) -> tuple[str, ...]:
    try:
        return label_sets.read(cell)
    except ValueError:
        return ()
