"""From which probability on boxes are drawn: a slider that can be tried out, and saved with the run."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from ftstudio.core.row_words import name_rows
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import label

STEPS = 1000


class ThresholdSlider(QWidget):
    """`moved(float)` while it is tried out, `saved(float)` when it is to be kept."""

    moved = Signal(float)
    saved = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._in_force, self._may_choose = 0.5, True
        self.words = label("")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(10, STEPS)
        self.slider.setPageStep(STEPS // 20)
        self.slider.setAccessibleName(tr("Probability from which on boxes are drawn"))
        self.slider.valueChanged.connect(lambda _: self._tell())
        self.save_button = button(tr("Save"), clicked=lambda: self.saved.emit(self.value))
        self.save_button.setAccessibleName(tr("Save the threshold"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addWidget(self.words)
        row.addWidget(self.slider, 1)
        row.addWidget(self.save_button)

    @property
    def value(self) -> float:
        """The probability it stands at; where it was not moved, the one in force to its last digit."""
        here = self.slider.value()
        return self._in_force if here == self._step(self._in_force) else here / STEPS

    def show_threshold(self, threshold: float, *, may_choose: bool) -> None:
        """Show the threshold in force; unless it may be chosen here, it can only be tried out."""
        self._in_force, self._may_choose = threshold, may_choose
        why_not = name_rows(tr("Choose it on validation rows; test rows only tell how it turned out."))
        self.save_button.setToolTip(tr("Save the threshold") if may_choose else why_not)
        self.slider.blockSignals(True)
        self.slider.setValue(self._step(threshold))
        self.slider.blockSignals(False)
        self._say()

    @staticmethod
    def _step(threshold: float) -> int:
        return max(10, round(threshold * STEPS))

    def _tell(self) -> None:
        self._say()
        self.moved.emit(self.value)

    def _say(self) -> None:
        said = tr("Boxes from {threshold} on").format(threshold=number(self.value, 2))
        self.words.setText(said)
        self.slider.setAccessibleDescription(said)
        self.save_button.setEnabled(self._may_choose and self.value != self._in_force)
