"""“Why?”: asks for the explanation of an answer, says how far it has come, and how much it can be relied on.

Where the explanation is made is not its matter: `asked(str)` carries the label to explain, and whoever hears it hands
the result to `show_explanation`, or says with `say_failed` why there is none.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core.samples import Explanation, Faithfulness
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.forms.editors import QuietCombo
from ftstudio.gui.samples.heat_overlay import HeatLegend
from ftstudio.gui.samples.sample_view import SampleView
from ftstudio.gui.samples.word_weights import WordLegend
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import StatusDot, caption, label

KEY = "W"


class WhyPanel(QWidget):
    """The button, the label to explain, and below them what the explanation is worth. It draws onto a `SampleView`."""

    asked = Signal(str)
    cancelled = Signal()

    def __init__(self, view: SampleView) -> None:
        super().__init__()
        self._view = view
        self.why = button(tr("Why this answer?"), tip=tr("What speaks for the label, and what against it (W)"))
        self.why.clicked.connect(self.ask)
        QShortcut(QKeySequence(KEY), self, self.ask, context=Qt.ShortcutContext.WindowShortcut)
        self.label = QuietCombo()
        self.label.setAccessibleName(tr("Label to explain"))
        self.label.setMaximumWidth(200)
        self.label.activated.connect(lambda _: self.ask())
        self.state = caption("")
        self.cancel = button(tr("Cancel"), "link", clicked=self.cancelled.emit)
        self.words, self.heat = WordLegend(), HeatLegend()
        self.heat.changed.connect(self._set_strength)
        self.verdict, self.sentence = StatusDot(), label("", wrap=True, selectable=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        for widget in (self.why, self.label, self.state, self.cancel):
            row.addWidget(widget)
        row.addStretch(1)
        column.addLayout(row)
        for below in (self.words, self.heat, self.verdict, self.sentence):
            column.addWidget(below)
        self.clear()

    def offer(self, labels: Sequence[str], answer: str) -> None:
        """Make ready for another sample, whose answer is `answer` of `labels`."""
        if [self.label.itemText(at) for at in range(self.label.count())] != list(labels):
            self.label.clear()
            self.label.addItems(list(labels))
        self.label.setCurrentText(answer)
        self.clear()

    def ask(self) -> None:
        """Ask why the chosen label."""
        if self.why.isEnabled() and self.isVisible() and self.label.currentText():
            self.asked.emit(self.label.currentText())

    def clear(self) -> None:
        """Take the explanation away."""
        self._view.content.show_explanation(None)
        self._busy("")
        self._show_parts("")

    def say_working(self, words: str) -> None:
        """Say how far it has come."""
        self._busy(words)

    def say_failed(self, message: str, hint: str = "") -> None:
        """Say why there is no explanation."""
        self.clear()
        self.verdict.show_state(message, "danger")
        self.verdict.show()
        self.sentence.setText(hint)
        self.sentence.setVisible(bool(hint))

    def show_explanation(self, explanation: Explanation) -> None:
        """Draw an explanation onto the sample, and say how far it can be relied on."""
        self._busy("")
        self.label.setCurrentText(explanation.label)
        self._view.content.show_explanation(explanation)
        legend = self.words if explanation.kind == "words" else self.heat
        legend.show_explanation(explanation)
        self._show_parts(explanation.kind)
        checked = explanation.faithfulness
        self.sentence.setText(
            checked.sentence.render() if checked else tr("There is too little here to check the explanation by.")
        )
        self.sentence.show()
        self.verdict.setVisible(checked is not None)
        if checked is not None:
            self.verdict.show_state(*_verdict(checked))

    def _busy(self, words: str) -> None:
        self.state.setText(words)
        self.state.setVisible(bool(words))
        self.cancel.setVisible(bool(words))
        self.why.setEnabled(not words)

    def _show_parts(self, kind: str) -> None:
        self.words.setVisible(kind == "words")
        self.heat.setVisible(kind == "picture")
        self.verdict.setVisible(bool(kind))
        self.sentence.setVisible(bool(kind))

    def _set_strength(self, percent: int) -> None:
        set_strength = getattr(self._view.content, "set_strength", None)
        if set_strength is not None:
            set_strength(percent)


def _verdict(checked: Faithfulness) -> tuple[str, str]:
    """Return what the check has shown, and its state."""
    if not checked.tells:
        return tr("Checked: no part decides alone"), "muted"
    if not checked.holds:
        return tr("Checked: not to be relied on"), "warning"
    return tr("Checked: what is marked matters to the model"), "success"
