"""A row as a model reads it: learned tokens tinted and underlined, tokens that are cut off struck through and grey."""

from __future__ import annotations

from PySide6.QtGui import QColor, QTextCharFormat
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTextEdit, QVBoxLayout, QWidget

from ftstudio.core.token_lens import CUT, LEARNED, READ, Lens, State
from ftstudio.core.translation import number, tr, tr_plural
from ftstudio.gui import theme
from ftstudio.gui.charts.bar_chart import mixed
from ftstudio.gui.samples.reading_text import ReadingText, qt_letters
from ftstudio.gui.widgets.labels import label, muted

TINTS: dict[State, tuple[float, float]] = {LEARNED: (0.30, 0.18), READ: (0.12, 0.0), CUT: (0.0, 0.0)}
LINES: dict[State, str] = {LEARNED: "border-bottom: 2px solid;", READ: "", CUT: "text-decoration: line-through;"}


def look(state: State, *, is_odd: bool) -> QTextCharFormat:
    """Return how a token is drawn; neighbours differ a little, so that one sees where each ends."""
    now, made = theme.current(), QTextCharFormat()
    if TINTS[state][is_odd]:
        made.setBackground(_tint(state, int(is_odd)))
    if state == LEARNED:
        made.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
        made.setUnderlineColor(now.color("accent"))
    if state == CUT:
        made.setFontStrikeOut(True)
        made.setForeground(now.color("muted"))
    return made


def _tint(state: State, which: int) -> QColor:
    now = theme.current()
    return mixed(now.color("accent" if state == LEARNED else "muted"), now.color("surface"), TINTS[state][which])


class TokenText(ReadingText):
    """The tokens one after the other, drawn by what becomes of them."""

    def __init__(self) -> None:
        super().__init__()
        self._lens: Lens | None = None
        self.setAccessibleName(tr("Tokens"))

    def show_lens(self, lens: Lens) -> None:
        """Show the tokens of a row."""
        self._lens = lens
        rest = lens.total - len(lens.tokens)
        more = tr_plural(" … and {count} more token", " … and {count} more tokens", rest).format(count=number(rest))
        self.setPlainText("".join(one.text for one in lens.tokens) + more * (rest > 0))
        self.setAccessibleDescription(" ".join(str(one) for one in lens.sentences()))
        self._draw()

    def _draw(self) -> None:
        selections: list[QTextEdit.ExtraSelection] = []
        at = 0
        for count, one in enumerate(self._lens.tokens if self._lens is not None else ()):
            length = qt_letters(one.text)
            selections.append(self.drawn(at, at + length, look(one.state, is_odd=count % 2 == 1)))
            at += length
        self.setExtraSelections(selections)


class TokenLegend(QWidget):
    """What is tinted, and what is struck through, in words that are drawn like the tokens."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        self._words: dict[State, QLabel] = {
            LEARNED: label(tr("learned")),
            READ: label(tr("only read")),
            CUT: label(tr("cut off")),
        }
        for one in self._words.values():
            row.addWidget(one)
        row.addStretch(1)
        theme.notifier().changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        now = theme.current()
        for state, one in self._words.items():
            one.setFont(theme.font(theme.SMALL))
            color = now.muted if state == CUT else now.text
            one.setStyleSheet(f"background: {_tint(state, 0).name()}; color: {color}; padding: 2px 6px; {LINES[state]}")


class LensView(QWidget):
    """The tokens, and above them the legend and what they come to in words."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.legend, self.words = TokenText(), TokenLegend(), muted("")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.legend)
        column.addWidget(self.words)
        column.addWidget(self.tokens, 1)

    def show_lens(self, lens: Lens) -> None:
        """Show a row."""
        self.tokens.show_lens(lens)
        self.words.setText(" ".join(str(one) for one in lens.sentences()))
