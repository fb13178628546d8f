"""A text to be read, with its words tinted by what they weigh: for an answer in one colour, against it in another."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextCharFormat
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTextEdit, QWidget

from ftstudio.core.samples import Explanation
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts.bar_chart import mixed
from ftstudio.gui.samples.reading_text import ReadingText, qt_letters

STRONGEST_TINT, FAINTEST = 0.45, 0.06
NAMED = 5

Piece = tuple[str, float]


def tint(weight: float, now: theme.Theme | None = None) -> QColor:
    """Return the background of a word of `weight` from -1 to 1, on the surface of the theme."""
    now = now or theme.current()
    hue = now.color("accent" if weight > 0 else "warning")
    return mixed(hue, now.color("surface"), STRONGEST_TINT * min(1.0, abs(weight)))


def scaled(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces with weights from -1 to 1; the strongest has one of them."""
    listed = list(pieces)
    top = max((abs(weight) for _, weight in listed), default=0.0)
    return [(piece, weight / top if top else 0.0) for piece, weight in listed]


def strongest(pieces: Iterable[Piece], sign: int) -> list[Piece]:
    """Return the few pieces that speak most for (1) or against (-1) the answer."""
    ranked = sorted((piece for piece in pieces if piece[1] * sign > 0), key=lambda piece: -abs(piece[1]))
    return ranked[:NAMED]


class WordWeights(ReadingText):
    """Read-only text that can be copied. Words against the answer are underlined, too, so that colour is not all."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[Piece] = []

    def show_text(self, words: str) -> None:
        """Show a text without weights."""
        self._pieces = []
        self.setPlainText(words)
        self.setAccessibleDescription("")
        self._draw()

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Tint the words of a text, that of the explanation; None takes the tints away."""
        self._pieces = scaled(explanation.pieces) if explanation is not None else []
        whole = "".join(piece for piece, _ in self._pieces)
        if whole and whole.replace("\r\n", "\n") != self.toPlainText():
            self.setPlainText(whole)
        self.setAccessibleDescription(in_words(explanation) if explanation is not None else "")
        self._draw()

    def _draw(self) -> None:
        selections, at = [], 0
        for piece, weight in self._pieces:
            length = qt_letters(piece)
            if abs(weight) >= FAINTEST:
                selections.append(self._tinted(at, at + length, weight))
            at += length
        self.setExtraSelections(selections)

    def _tinted(self, start: int, end: int, weight: float) -> QTextEdit.ExtraSelection:
        look = QTextCharFormat()
        look.setBackground(tint(weight))
        if weight < 0:
            look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DashUnderline)
            look.setUnderlineColor(theme.current().color("warning"))
        return self.drawn(start, end, look)


def in_words(explanation: Explanation) -> str:
    """Say which words speak for an answer and which against it."""
    parts = []
    for sign, template in ((1, tr("Speaks for “{label}”: {words}.")), (-1, tr("Speaks against it: {words}."))):
        found = strongest(explanation.pieces, sign)
        if found:
            listed = ", ".join(f"{piece} ({number(weight, 1)})" for piece, weight in found)
            parts.append(template.format(label=explanation.label, words=listed))
    return " ".join(parts)


class WordLegend(QWidget):
    """What the tints mean."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        self._for, self._against = QLabel(), QLabel()
        self.setToolTip(tr("The deeper the colour, the more a word weighs."))
        row.addWidget(self._for)
        row.addWidget(self._against)
        row.addStretch(1)
        theme.notifier().changed.connect(self._draw)

    def show_explanation(self, explanation: Explanation) -> None:
        """Name the label."""
        self._for.setText(tr("for “{label}”").format(label=explanation.label))
        self._against.setText(tr("against it"))
        self._draw()

    def _draw(self) -> None:
        now = theme.current()
        for one, weight in ((self._for, 0.8), (self._against, -0.8)):
            one.setFont(theme.font(theme.SMALL))
            one.setTextFormat(Qt.TextFormat.PlainText)
            line = f"border-bottom: 2px dashed {now.warning};" if weight < 0 else ""
            one.setStyleSheet(f"background: {tint(weight).name()}; color: {now.text}; padding: 2px 6px; {line}")
