"""One row whose label is doubted: the row large, what is believed instead, and the choice between all labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from ftstudio.core.quantities import percent
from ftstudio.core.samples import Shown
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.samples.sample_view import SampleView
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.labels import StatusDot, caption, label
from ftstudio.gui.widgets.page import column, scrolled
from ftstudio.planning.doubts import Doubt

SIDE_WIDTH = 320
DIGITS = 9


class DoubtedRow(QWidget):
    """Emits `fixed(str)` with the label chosen, `kept()`, `skipped()`."""

    fixed = Signal(str)
    kept = Signal()
    skipped = Signal()

    def __init__(self, view: str, labels: Sequence[str]) -> None:
        super().__init__()
        self.labels = list(labels)
        self._now, self._may_change = "", True
        self.sample = SampleView(view)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.L)
        card = Card()
        card.add(self.sample)
        card.body.setStretchFactor(self.sample, 1)
        row.addWidget(card, 1)
        row.addWidget(self._side())

    def _side(self) -> Card:
        side = Card()
        side.setFixedWidth(SIDE_WIDTH)
        self.state = StatusDot()
        self.says = label("", "section", wrap=True)
        self.believed = label("", wrap=True)
        self.choices = QButtonGroup(self)
        options = [self._choice(at, name) for at, name in enumerate(self.labels)]
        self.choices.idToggled.connect(lambda *_: self._say_fix())
        side.add(self.state, self.says, self.believed, caption(tr("Which label is right?")))
        side.body.addWidget(scrolled(column(*options, spacing=theme.XS)), 1)
        self.fix_button = button("", "primary", clicked=self.fix)
        self.keep_button = button("", clicked=self.kept.emit)
        self.skip_button = button(tr("Skip (S)"), "quiet", clicked=self.skipped.emit)
        buttons = QVBoxLayout()
        buttons.setSpacing(theme.S)
        for act in (self.fix_button, self.keep_button, self.skip_button):
            buttons.addWidget(act, 0, Qt.AlignmentFlag.AlignLeft)
        side.body.addLayout(buttons)
        return side

    def _choice(self, at: int, name: str) -> QRadioButton:
        made = QRadioButton(f"{at + 1}  {name}" if at < DIGITS else name)
        made.setAccessibleName(name)
        self.choices.addButton(made, at)
        return made

    def show_doubt(self, doubt: Doubt, shown: Shown, folder: Path, state: str, *, may_change: bool = True) -> None:
        """Show a row; `state` says what was done about it, empty while it is open."""
        self._now, self._may_change = shown.truth, may_change
        self.sample.show_sample(shown.model_copy(update={"probabilities": doubt.beliefs}), folder)
        self.says.setText(tr("Labelled “{label}”").format(label=shown.truth))
        self.believed.setText(
            tr("The model believes “{label}”: {share}, against {other} for “{given}”.").format(
                label=doubt.suggested, share=percent(doubt.believed), other=percent(doubt.given), given=doubt.label
            )
        )
        self.state.setVisible(bool(state))
        self.state.show_state(state, "success")
        self.choose(shown.truth if state else doubt.suggested)
        self.keep_button.setText(tr("Keep “{label}” (K)").format(label=self._short(shown.truth)))
        self.keep_button.setEnabled(may_change)
        self._say_fix()

    def choose(self, name: str) -> None:
        """Choose a label, without doing anything yet."""
        if name in self.labels:
            self.choices.button(self.labels.index(name)).setChecked(True)

    @property
    def chosen(self) -> str:
        """The label that is chosen."""
        at = self.choices.checkedId()
        return self.labels[at] if at >= 0 else ""

    def fix(self) -> None:
        """Give the row the chosen label."""
        if self.chosen and self.fix_button.isEnabled():
            self.fixed.emit(self.chosen)

    def keep(self) -> None:
        """Say that the label is right as it is."""
        if self.keep_button.isEnabled():
            self.kept.emit()

    def _say_fix(self) -> None:
        self.fix_button.setEnabled(self._may_change and self.chosen not in ("", self._now))
        self.fix_button.setText(tr("Make it “{label}” (F)").format(label=self._short(self.chosen)))
        self.fix_button.setAccessibleName(self.fix_button.text())
        self.keep_button.setAccessibleName(self.keep_button.text())

    def _short(self, name: str) -> str:
        return self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, SIDE_WIDTH // 2)
