"""Why the model answered so: the words or the part of the picture that spoke for the answer, on demand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core.samples import Explanation, Shown
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.samples.sample_view import PictureContent, SampleView
from ftstudio.gui.samples.why import WhyPanel
from ftstudio.gui.trying.questions import Question


class Reasons(QWidget):
    """Emits `asked(label)`; whoever answers hands the explanation to `show_explanation`, or the reason to `say`."""

    asked = Signal(str)
    cancelled = Signal()

    def __init__(self, view: str, drawn_on: PictureContent | None = None) -> None:
        """`view` is the task's kind of sample; a picture that is shown already is drawn on where it is."""
        super().__init__()
        self.view = SampleView(view)
        self._is_elsewhere = drawn_on is not None
        if drawn_on is not None:
            self.view.content = drawn_on
        self.panel = WhyPanel(self.view)
        self.panel.asked.connect(self._ask)
        self.panel.cancelled.connect(self._cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.S, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.panel)
        if not self._is_elsewhere:
            column.addWidget(self.view.content, 1)
        column.addStretch(0)  # the button stays below the answer while there is nothing to show under it
        self.view.hide()
        self.hide()

    def offer(self, question: Question, labels: Sequence[str], answer: str) -> None:
        """Be ready to explain the answer to a question."""
        if not self._is_elsewhere:
            self.view.content.show_sample(Shown(row=0, text=_words(question)), Path())
        self.panel.offer(labels, answer)
        self._show_content(False)
        self.show()

    def show_explanation(self, explanation: Explanation) -> None:
        """Show what spoke for the answer."""
        self._show_content(True)
        self.panel.show_explanation(explanation)

    def say(self, message: str, hint: str) -> None:
        """Say why there is no explanation."""
        self._show_content(False)
        self.panel.say_failed(message, hint)

    def withdraw(self) -> None:
        """There is no answer to explain."""
        self.panel.clear()
        self.hide()

    def _show_content(self, shown: bool) -> None:
        if not self._is_elsewhere:
            self.view.content.setVisible(shown)

    def _ask(self, label: str) -> None:
        self.panel.say_working(tr("Looking for the reasons…"))
        self.asked.emit(label)

    def _cancel(self) -> None:
        self.panel.clear()
        self._show_content(False)
        self.cancelled.emit()


def _words(question: Question) -> str:
    return "\n".join(str(question[key]) for key in ("text", "text_pair") if question.get(key))
