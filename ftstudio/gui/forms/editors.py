"""The control for one setting, by its kind. All have the same three parts: `value`, `show_value` and two signals.

`edited` comes with every keystroke, for live problems; `committed` when the user means it (Enter, leaving the
field, choosing), for one undo step.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from ftstudio.core.row_words import name_rows
from ftstudio.core.settings import SettingField
from ftstudio.core.translation import tr
from ftstudio.gui.forms import numbers

_RATE_STEPS = (1.0, 2.0, 3.0, 5.0, 10.0)


class NumberEditor(QLineEdit):
    """A number in words a person types; Up and Down step it. Empty means None where the setting allows it."""

    edited = Signal()
    committed = Signal()

    def __init__(self, field: SettingField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(112)
        self.setPlaceholderText(tr("automatic") if field.optional else "")
        self.textEdited.connect(self.edited)
        self.editingFinished.connect(self.committed)

    def value(self) -> Any:
        """Return the number, None for an allowed empty field, or the text that is not a number."""
        if self._field.optional and not self.text().strip():
            return None
        return numbers.read(self.text(), self._field.kind)

    def show_value(self, value: Any) -> None:
        """Show `value` without telling anyone."""
        written = numbers.write(value)
        if written != self.text():
            self.setText(written)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step with Up and Down; everything else is typing."""
        direction = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        value = self.value()
        if not direction or not isinstance(value, int | float):
            super().keyPressEvent(event)
            return
        self.show_value(stepped(value, direction, self._field))
        self.edited.emit()


def stepped(value: float, direction: int, field: SettingField) -> float:
    """Return the next sensible value up (1) or down (-1): whole numbers by one, rates along 1, 2, 3, 5, 10."""
    whole = field.kind == "int" or value >= 1
    following = value + direction if whole else _next_rate(value, direction)
    low = field.minimum if field.minimum is not None else following
    high = field.maximum if field.maximum is not None else following
    if following < low or (field.minimum_is_open and following <= low):
        return value
    return min(following, high)


def _next_rate(value: float, direction: int) -> float:
    if value <= 0:
        return 0.01 if direction > 0 else 0.0
    exponent = 0
    while value * 10**exponent < 1:
        exponent += 1
    steps = sorted({step * 10.0**power for power in (-exponent - 1, -exponent) for step in _RATE_STEPS})
    above = [step for step in steps if step > value * 1.0001]
    below = [step for step in steps if step < value * 0.9999]
    return float(f"{(above[0] if direction > 0 else below[-1]):.12g}")


class QuietCombo(QComboBox):
    """A list to choose from that the wheel never changes: it scrolls the page instead."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the scroll area."""
        event.ignore()


class ChoiceEditor(QuietCombo):
    """One of a few named values."""

    edited = Signal()
    committed = Signal()

    def __init__(self, field: SettingField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for key, title in field.choices.items():
            self.addItem(name_rows(tr(title)), key)
        self.activated.connect(self._chosen)

    def _chosen(self) -> None:
        self.edited.emit()
        self.committed.emit()

    def value(self) -> Any:
        """Return the key of the choice."""
        return self.currentData()

    def show_value(self, value: Any) -> None:
        """Show `value`; one that is no choice is shown as it is, so that its problem can be read beside it."""
        index = self.findData(value)
        if index < 0:
            self.addItem(str(value), value)
            index = self.count() - 1
        self.setCurrentIndex(index)

    def paintEvent(self, e: QPaintEvent) -> None:
        """Show the name of the choice alone; the list that opens has the explanation too."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.currentText().partition(":")[0]
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def showPopup(self) -> None:
        """Open the list wide enough for the explanations."""
        widest = max((self.fontMetrics().horizontalAdvance(self.itemText(at)) for at in range(self.count())), default=0)
        self.view().setMinimumWidth(max(self.width(), widest + 40))
        super().showPopup()


class SwitchEditor(QCheckBox):
    """On or off."""

    edited = Signal()
    committed = Signal()

    def __init__(self, field: SettingField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toggled.connect(lambda on: self.setText(tr("On") if on else tr("Off")))
        self.setText(tr("Off"))
        self.clicked.connect(self._chosen)

    def _chosen(self) -> None:
        self.edited.emit()
        self.committed.emit()

    def value(self) -> Any:
        """Return whether it is on."""
        return self.isChecked()

    def show_value(self, value: Any) -> None:
        """Show `value` without telling anyone."""
        self.setChecked(bool(value))


class TextEditor(QLineEdit):
    """A free text."""

    edited = Signal()
    committed = Signal()

    def __init__(self, field: SettingField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.textEdited.connect(self.edited)
        self.editingFinished.connect(self.committed)

    def value(self) -> Any:
        """Return the text."""
        return self.text().strip()

    def show_value(self, value: Any) -> None:
        """Show `value` without telling anyone."""
        if str(value) != self.text():
            self.setText(str(value))


Editor = NumberEditor | ChoiceEditor | SwitchEditor | TextEditor

_EDITORS: dict[str, type[Editor]] = {
    "int": NumberEditor,
    "float": NumberEditor,
    "choice": ChoiceEditor,
    "bool": SwitchEditor,
    "text": TextEditor,
}


def editor_for(field: SettingField, parent: QWidget | None = None) -> Editor:
    """Return a new control for `field`; one that has choices always gets a list to choose from."""
    return _EDITORS["choice" if field.choices else field.kind](field, parent)
