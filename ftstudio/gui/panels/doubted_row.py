"""One row whose label is doubted: the row large, what is believed instead, and the choice of what is right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core.quantities import percent
from ftstudio.core.samples import Shown
from ftstudio.core.specs import Answer
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.panels.doubt_choices import CHOICES
from ftstudio.gui.samples.sample_view import SampleView
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.labels import StatusDot, caption, label
from ftstudio.planning.doubts import Doubt

SIDE_WIDTH = 320


class DoubtedRow(QWidget):
    """Emits `fixed(str)` with the cell chosen, `kept()`, `skipped()`. `answer` is the kind of label that rows have."""

    fixed = Signal(str)
    kept = Signal()
    skipped = Signal()

    def __init__(self, view: str, labels: Sequence[str], answer: Answer = Answer.LABEL) -> None:
        super().__init__()
        self.labels, self.answer = list(labels), answer
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
        self.choice = CHOICES[self.answer](self.labels)
        self.choice.changed.connect(self._say_fix)
        self.choice.accepted.connect(self.fix)
        side.add(self.state, self.says, self.believed, caption(_question(self.answer)))
        side.body.addWidget(self.choice, 1)
        self.fix_button = button("", "primary", clicked=self.fix)
        self.keep_button = button("", clicked=self.kept.emit)
        self.skip_button = button(tr("Skip (S)"), "quiet", clicked=self.skipped.emit)
        buttons = QVBoxLayout()
        buttons.setSpacing(theme.S)
        for act in (self.fix_button, self.keep_button, self.skip_button):
            buttons.addWidget(act, 0, Qt.AlignmentFlag.AlignLeft)
        side.body.addLayout(buttons)
        return side

    def show_doubt(self, doubt: Doubt, shown: Shown, folder: Path, state: str, *, may_change: bool = True) -> None:
        """Show a row; `state` says what was done about it, empty while it is open."""
        self._now, self._may_change = shown.truth, may_change
        self.sample.show_sample(shown.model_copy(update={"probabilities": doubt.beliefs}), folder)
        self.says.setText(tr("Labelled “{label}”").format(label=self.choice.in_words(shown.truth)))
        self.believed.setText(self._belief(doubt))
        self.state.setVisible(bool(state))
        self.state.show_state(state, "success")
        is_settled = bool(state) or self.answer is Answer.NUMBER  # what a model foresees is no number that was measured
        self.choose(shown.truth if is_settled else doubt.suggested)
        self.keep_button.setText(tr("Keep “{label}” (K)").format(label=self._short(shown.truth)))
        self.keep_button.setEnabled(may_change)
        self._say_fix()

    def _belief(self, doubt: Doubt) -> str:
        suggested = self.choice.in_words(doubt.suggested)
        if self.answer is Answer.NUMBER:
            return tr("The model foresees {number}, which is further off than chance explains.").format(
                number=suggested
            )
        if self.answer is Answer.LABELS:
            return tr("The model would say “{labels}”, and is {share} sure of what differs.").format(
                labels=suggested, share=percent(doubt.believed)
            )
        return tr("The model believes “{label}”: {share}, against {other} for “{given}”.").format(
            label=suggested, share=percent(doubt.believed), other=percent(doubt.given), given=doubt.label
        )

    def choose(self, cell: str) -> None:
        """Choose what is right, without doing anything yet."""
        self.choice.choose(cell)

    def press(self, at: int) -> None:
        """Do what the key of a digit means."""
        self.choice.press(at)

    @property
    def chosen(self) -> str:
        """The cell that is chosen."""
        return self.choice.chosen

    def fix(self) -> None:
        """Give the row the chosen label."""
        if self.chosen and self.fix_button.isEnabled():
            self.fixed.emit(self.chosen)

    def keep(self) -> None:
        """Say that the label is right as it is."""
        if self.keep_button.isEnabled():
            self.kept.emit()

    def _say_fix(self) -> None:
        can_fix = bool(self.chosen) and not self.choice.is_same(self._now)
        self.fix_button.setEnabled(self._may_change and can_fix)
        self.fix_button.setText(tr("Make it “{label}” (F)").format(label=self._short(self.chosen)))
        self.fix_button.setAccessibleName(self.fix_button.text())
        self.keep_button.setAccessibleName(self.keep_button.text())

    def _short(self, cell: str) -> str:
        words = self.choice.in_words(cell)
        return self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, SIDE_WIDTH // 2)


def _question(answer: Answer) -> str:
    if answer is Answer.NUMBER:
        return tr("Which number is right?")
    return tr("Which labels are right?") if answer is Answer.LABELS else tr("Which label is right?")
