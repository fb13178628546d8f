"""A text, what was to be written in its place, and what a model wrote: what differs is tinted, and said in words."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent, QTextCharFormat
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core.differences import Ranges, differing
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.charts.bar_chart import mixed
from ftstudio.gui.samples.marked_text import TINT
from ftstudio.gui.samples.reading_text import ReadingText, qt_letters
from ftstudio.gui.widgets.labels import caption
from ftstudio.planning.written_answers import WrittenAnswer

MISSING, ADDED = "warning", "danger"
_LINES = {
    MISSING: QTextCharFormat.UnderlineStyle.DashUnderline,
    ADDED: QTextCharFormat.UnderlineStyle.WaveUnderline,
}


class DifferentText(ReadingText):
    """One text with what the other one does not have, in the colour and the line of `state`."""

    def __init__(self, name: str, state: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._state, self._words = state, ""
        self._ranges: Ranges = []

    def show_different(self, words: str, ranges: Ranges) -> None:
        """Show a text, and the letters of it that the other one does not have."""
        self._words, self._ranges = words, ranges
        self.setPlainText(words)
        self.setAccessibleDescription(", ".join(words[start:end] for start, end in ranges))
        self._draw()

    def _draw(self) -> None:
        now = theme.current()
        selections = []
        for start, end in self._ranges:
            look = QTextCharFormat()
            look.setBackground(mixed(now.color(self._state), now.color("surface"), TINT))
            look.setUnderlineStyle(_LINES[self._state])
            look.setUnderlineColor(now.color(self._state))
            first = qt_letters(self._words[:start])
            selections.append(self.drawn(first, first + qt_letters(self._words[start:end]), look))
        self.setExtraSelections(selections)


class ComparedTexts(QWidget):
    """The three texts below one another, each with its name."""

    def __init__(self) -> None:
        super().__init__()
        self.source = ReadingText()
        self.source.setAccessibleName(tr("Read"))
        self.right = DifferentText(tr("To be written"), MISSING)
        self.written = DifferentText(tr("Written"), ADDED)
        self.told = caption("", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        for name, field in (
            (tr("Read"), self.source),
            (tr("To be written"), self.right),
            (tr("Written"), self.written),
        ):
            column.addWidget(caption(name))
            column.addWidget(field, 1)
        column.addWidget(self.told)
        column.addStretch(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let each text have the room that its lines need."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        for field in (self.source, self.right, self.written):
            field.fit_height()

    def show_answer(self, answer: WrittenAnswer | None) -> None:
        """Show what a model wrote in place of one text; None empties all."""
        source, right, written = (answer.source, answer.right, answer.written) if answer else ("", "", "")
        missing, added = differing(right, written)
        self.source.setPlainText(source)
        self.right.show_different(right, missing)
        self.written.show_different(written, added)
        self._fit()
        self.told.setText(_told(answer, missing, added))


def _told(answer: WrittenAnswer | None, missing: Ranges, added: Ranges) -> str:
    if answer is None:
        return ""
    if not answer.written.strip():
        return tr("The model wrote nothing.")
    if not missing and not added:
        return tr("Both are the same.")
    return tr("Dashed: was to be written and is not. Waved: was written and should not be.")
