"""One model's answer, large: its label, how sure it is, how long it took, and a bar a label."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from ftstudio.core.boxes import Spotted
from ftstudio.core.errors import ErrorDocument
from ftstudio.core.quantities import percent
from ftstudio.core.spans import Marked
from ftstudio.core.specs import Answer
from ftstudio.core.text import Text
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.samples.boxed_picture import DRAWN, BoxedContent
from ftstudio.gui.samples.marked_text import MARKED, MarkedContent
from ftstudio.gui.samples.probability_bars import ProbabilityBars
from ftstudio.gui.samples.reading_text import ReadingText
from ftstudio.gui.widgets.card import Card, empty
from ftstudio.gui.widgets.elided import ElidedLabel
from ftstudio.gui.widgets.feedback import Banner, banner_slot
from ftstudio.gui.widgets.labels import StatusDot, big, caption, muted
from ftstudio.gui.widgets.page import scrolled


class AnswerCard(Card):
    """Shows what one run answers; `below` is the place for an explanation."""

    def __init__(self) -> None:
        super().__init__(margin=theme.M)
        self.who = ElidedLabel("", "caption")
        self.about = caption("", wrap=True)
        self.answer = big("")
        self.answer.setWordWrap(True)
        self.sure = muted("", wrap=True)
        self.unsure = StatusDot("", "warning")
        self.took = caption("")
        self.took.setAccessibleName(tr("Time of the answer"))
        self.bars = ProbabilityBars()
        self.marked = MarkedContent()
        self.marked.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.boxed = BoxedContent()
        self.boxed.setMinimumHeight(280)
        self.written = ReadingText()
        self.written.setAccessibleName(tr("What the model writes"))
        self.written.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.working = QProgressBar()
        self.working.setRange(0, 0)
        self.working.setTextVisible(False)
        self.working.setAccessibleName(tr("The model is at work"))
        self.notices, self._notices = banner_slot()
        self.below = QVBoxLayout()
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        for widget in (self.who, self.about, self.working, self.notices, self.unsure, self.answer, self.sure, self.bars,
                       self.marked, self.boxed, self.written, self.took):  # fmt: skip
            column.addWidget(widget)
        column.addLayout(self.below, 1)
        column.addStretch(0)
        self.body.addWidget(scrolled(holder))
        self.show_nothing("")

    def set_name(self, name: str, about: str = "") -> None:
        """Say whose answers these are, and what has to be known of it."""
        self.who.show_text(name)
        self.about.setText(about)
        self.about.setVisible(bool(about))
        self.setAccessibleName(tr("Answer of {name}").format(name=name))

    @property
    def has_answer(self) -> bool:
        """Whether an answer is shown."""
        return not self.took.isHidden()

    def show_nothing(self, words: str, *, working: bool = False) -> None:
        """Say what is waited for; `working` shows that something goes on."""
        empty(self._notices)
        self.working.setVisible(working)
        self.took.setVisible(False)
        self.answer.setText("")
        self.sure.setText(words)
        self.took.setText("")
        self.bars.show_probabilities({})
        for widget in (self.answer, self.unsure, self.marked, self.boxed, self.written):
            widget.hide()
        self.sure.setVisible(bool(words))

    def show_writing(self, words: str, before: str = "") -> None:
        """Show what is written so far, below what was said `before` in the conversation."""
        if self.written.isHidden() or self.has_answer:
            self.show_nothing("")
            self.written.show()
        self.written.setPlainText(f"{before}{words}")
        bar = self.written.verticalScrollBar()
        bar.setValue(bar.maximum())

    def show_stopped(self) -> None:
        """Say that what is shown was not written to its end."""
        self.took.setText(tr("stopped"))
        self.took.show()

    def show_answer(
        self, document: dict[str, Any], seconds: float, asked: str = "", kind: Answer = Answer.LABEL
    ) -> None:
        """Show an answer and how long it took; `asked` is the text that places of the `kind` are marked in."""
        self.show_nothing("")
        self.took.show()
        self.took.setText(tr("answered in {time} ms").format(time=number(round(1000 * seconds))))
        if document.get("number") is not None:
            self.answer.setText(str(document["label"]))
            self.answer.show()
            return
        if kind is Answer.BOXES:
            self._show_boxes(asked, document)
            return
        shares = {str(name): float(share) for name, share in (document.get("probabilities") or {}).items()}
        if kind.writes or (not shares and document.get("label") and not document.get("spans")):
            self.written.setPlainText(str(document.get("label") or ""))
            self.written.setPlaceholderText(tr("The model wrote nothing."))
            self.written.show()
            return
        if not shares:
            self._show_places(asked, document)
            if kind is Answer.EXTRACT:
                self._show_found(document)
            return
        if kind is Answer.LABELS:
            self._show_labels(shares, [str(one) for one in document.get("labels") or []])
            return
        label = str(document.get("label", ""))
        known = bool(document.get("known", True))
        self.unsure.setVisible(not known)
        self.unsure.show_state(tr("Don't know"), "warning")
        self.answer.setText(label)
        self.answer.setVisible(known)
        guess = tr("The best guess is “{label}”, {sure} sure: too little to be trusted.")
        words = tr("{sure} sure") if known else guess
        self.sure.setText(words.format(sure=percent(shares.get(label, 0.0), 1), label=label))
        self.sure.show()
        self.bars.show_probabilities(shares)

    def _show_labels(self, shares: dict[str, float], given: list[str]) -> None:
        self.answer.setText(", ".join(given) or tr("None of the labels"))
        self.answer.show()
        words = tr("Each label is given from a probability of its own on; those given are marked.")
        self.sure.setText(words)
        self.sure.show()
        self.bars.show_probabilities(shares, given=given)

    def _show_places(self, asked: str, document: dict[str, Any]) -> None:
        found = [Marked.model_validate(one) for one in document.get("spans") or []]
        self.marked.show_judged(asked, [(MARKED, one) for one in found])
        self.marked.show()

    def _show_boxes(self, picture: str, document: dict[str, Any]) -> None:
        found = [Spotted.model_validate(one) for one in document.get("boxes") or []]
        self.boxed.show_judged(Path(picture) if picture else None, [(DRAWN, one) for one in found])
        self.boxed.show()

    def _show_found(self, document: dict[str, Any]) -> None:
        known, words = bool(document.get("known", True)), str(document.get("label", ""))
        self.unsure.setVisible(not known)
        self.unsure.show_state(tr("Don't know"), "warning")
        self.answer.setText(" ".join(words.split()) or tr("No answer in this text"))
        self.answer.setVisible(known)

    def show_error(self, error: ErrorDocument) -> None:
        """Say why there is no answer."""
        self.show_problem(error.message, error.hint)

    def show_problem(
        self, message: Text, hint: Text | None, button: tuple[str, Callable[[], object]] | None = None
    ) -> None:
        """Say what keeps the model from answering, and offer a way on."""
        self.show_nothing("")
        banner = Banner(message.render(), "warning", hint.render() if hint else "", narrow=True)
        if button is not None:
            banner.add_button(*button)
        self._notices.addWidget(banner)
