"""A text with its marked places: tinted by whether they are right, wrong or missed, and listed below in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent, QTextCharFormat
from PySide6.QtWidgets import QTextEdit, QVBoxLayout, QWidget

from ftstudio.core import answers, spans
from ftstudio.core.answers import ANSWER
from ftstudio.core.quantities import percent
from ftstudio.core.samples import Explanation, Shown
from ftstudio.core.spans import Marked
from ftstudio.core.translation import tr, tr_plural
from ftstudio.gui import theme
from ftstudio.gui.charts.bar_chart import mixed
from ftstudio.gui.samples.reading_text import ReadingText, qt_letters
from ftstudio.gui.widgets.card import empty
from ftstudio.gui.widgets.labels import StatusDot, caption

MARKED, RIGHT, WRONG, MISSED = "marked", "right", "wrong", "missed"
TINT = 0.28
MOST_LISTED = 12
_COLORS = {MARKED: "accent", RIGHT: "success", WRONG: "danger", MISSED: "warning"}
_LINES = {
    WRONG: QTextCharFormat.UnderlineStyle.WaveUnderline,
    MISSED: QTextCharFormat.UnderlineStyle.DashUnderline,
}

Judged = tuple[str, Marked]


class MarkedText(ReadingText):
    """The text itself. What is wrong or missed is underlined, too, so that colour is not all."""

    def __init__(self) -> None:
        super().__init__()
        self._judged: list[Judged] = []

    def show_judged(self, words: str, judged: Sequence[Judged]) -> None:
        """Show a text and its places, each with what is to be said of it."""
        self._words, self._judged = words, list(judged)
        self.setPlainText(words)
        self.setAccessibleDescription(", ".join(in_words(*one) for one in self._judged))
        self._draw()
        self.fit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take no more room than the lines need, so that the list of places follows them."""
        super().resizeEvent(event)
        self.fit_height()

    def sizeHint(self) -> QSize:
        """Ask for the room of all lines."""
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def _draw(self) -> None:
        selections: list[QTextEdit.ExtraSelection] = []
        for state, place in self._judged:
            start = qt_letters(self._words[: place.start])
            look = QTextCharFormat()
            now = theme.current()
            look.setBackground(mixed(now.color(_COLORS[state]), now.color("surface"), TINT))
            look.setToolTip(in_words(state, place))
            if state in _LINES:
                look.setUnderlineStyle(_LINES[state])
                look.setUnderlineColor(now.color(_COLORS[state]))
            selections.append(self.drawn(start, start + qt_letters(self._words[place.start : place.end]), look))
        self.setExtraSelections(selections)


class MarkedContent(QWidget):
    """The text and, below it, its places one by one."""

    def __init__(self) -> None:
        super().__init__()
        self.words = MarkedText()
        self.listed = QVBoxLayout()
        self.listed.setSpacing(theme.XS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(self.words, 1)
        column.addLayout(self.listed)
        column.addStretch(0)

    def show_sample(self, shown: Shown, folder: Path) -> None:
        """Show a row of the data; its truth is the cell that holds its places."""
        self.show_judged(shown.text, [(MARKED, one) for one in _places(shown.text, shown.truth)])

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Places have no explanation."""

    def show_judged(self, words: str, judged: Sequence[Judged]) -> None:
        """Show a text and its places, each with what is to be said of it."""
        self.words.show_judged(words, judged)
        empty(self.listed)
        for state, place in judged[:MOST_LISTED]:
            self.listed.addWidget(StatusDot(in_words(state, place), _COLORS[state]))
        if len(judged) > MOST_LISTED:
            more = len(judged) - MOST_LISTED
            self.listed.addWidget(caption(tr_plural("and one more", "and {count} more", more).format(count=more)))
        if not judged:
            self.listed.addWidget(caption(tr("Nothing is marked in this text.")))


class AnswerContent(MarkedContent):
    """A question and its passage, with the right answers in it."""

    def show_sample(self, shown: Shown, folder: Path) -> None:
        """Show a row of the data; its truth is the cell that holds its answers."""
        before = len(shown.text) - len(shown.passage)
        self.show_judged(shown.text, [(MARKED, one) for one in _answers(shown.passage, shown.truth, before)])


def in_words(state: str, place: Marked) -> str:
    """Say what a place is: `Lisbon: city, 98 % sure`; that an answer is one needs no words."""
    words = " ".join(place.text.split())
    if place.label == ANSWER:
        return _answer_in_words(state, words, place.probability)
    if state == RIGHT:
        return tr("{words}: {kind}, right, {sure} sure").format(
            words=words, kind=place.label, sure=percent(place.probability)
        )
    if state == WRONG:
        return tr("{words}: {kind}, wrong, {sure} sure").format(
            words=words, kind=place.label, sure=percent(place.probability)
        )
    if state == MISSED:
        return tr("{words}: {kind}, missed").format(words=words, kind=place.label)
    if place.probability < 1.0:
        return tr("{words}: {kind}, {sure} sure").format(words=words, kind=place.label, sure=percent(place.probability))
    return tr("{words}: {kind}").format(words=words, kind=place.label)


def _answer_in_words(state: str, words: str, probability: float) -> str:
    if state == MISSED:
        return tr("{words}: the right answer").format(words=words)
    if state == RIGHT:
        return tr("{words}: right, {sure} sure").format(words=words, sure=percent(probability))
    if state == WRONG:
        return tr("{words}: wrong, {sure} sure").format(words=words, sure=percent(probability))
    return words if probability == 1.0 else tr("{words}: {sure} sure").format(words=words, sure=percent(probability))


def _answers(passage: str, cell: str, before: int) -> list[Marked]:
    """Return the answers of a cell that stand in the passage, as places of a text that has `before` letters before."""
    try:
        found = answers.placed(passage, answers.read(cell))
    except ValueError:
        return []
    return [Marked(start=before + one.start, end=before + one.end, label=ANSWER, text=one.text) for one in found]


def _places(words: str, cell: str) -> list[Marked]:
    """Return the places of a cell that lie in the text; none where the cell cannot be read."""
    try:
        found = spans.fitting(spans.read(cell), len(words))
    except ValueError:
        return []
    return [Marked(**one.model_dump(), text=words[one.start : one.end]) for one in found]
