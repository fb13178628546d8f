"""Why the model answered so: the words or the part of the picture that spoke for the answer, on demand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core.samples import Explanation, Shown
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.samples.sample_view import SampleView
from ftstudio.gui.samples.why import WhyPanel
from ftstudio.gui.trying.questions import Question


class Reasons(QWidget):
    """Emits `asked(label)`; whoever answers hands the explanation to `show_explanation`, or the reason to `say`."""

    asked = Signal(str)
    cancelled = Signal()

    def __init__(self, view: str) -> None:
        super().__init__()
        self.view = SampleView(view)
        self.panel = WhyPanel(self.view)
        self.panel.asked.connect(self._ask)
        self.panel.cancelled.connect(self._cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.S, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.panel)
        column.addWidget(self.view.content, 1)
        self.view.hide()
        self.hide()

    def offer(self, question: Question, labels: Sequence[str], answer: str) -> None:
        """Be ready to explain the answer to a question."""
        shown = Shown(row=0, text=_words(question), picture=str(question.get("file", "")))
        self.view.content.show_sample(shown, Path())
        self.panel.offer(labels, answer)
        self.view.content.hide()
        self.show()

    def show_explanation(self, explanation: Explanation) -> None:
        """Show what spoke for the answer."""
        self.view.content.show()
        self.panel.show_explanation(explanation)

    def say(self, message: str, hint: str) -> None:
        """Say why there is no explanation."""
        self.view.content.hide()
        self.panel.say_failed(message, hint)

    def withdraw(self) -> None:
        """There is no answer to explain."""
        self.panel.clear()
        self.hide()

    def _ask(self, label: str) -> None:
        self.panel.say_working(tr("Looking for the reasons…"))
        self.asked.emit(label)

    def _cancel(self) -> None:
        self.panel.clear()
        self.view.content.hide()
        self.cancelled.emit()


def _words(question: Question) -> str:
    return "\n".join(str(question[key]) for key in ("text", "text_pair") if question.get(key))
