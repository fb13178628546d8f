"""Rows side by side as evidence: two texts with their differences marked, or two pictures, and how alike they are.

Only a few are made at first; more come on request, so that two hundred long texts do not hold up the page.
"""

from __future__ import annotations

import html
import re
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ftstudio.core.advice import Pair, Pairs, Sample
from ftstudio.core.quantities import percent
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.tables.thumbnails import Thumbnails
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.labels import caption, label

AT_ONCE = 10
EDGE = 160
_WORD = re.compile(r"\S+")
_NO_LETTER = re.compile(r"[\W_]+")


class PairList(Card):
    """Shows `Pairs`; pictures are looked for below `folder`. Arrow keys go from pair to pair."""

    def __init__(self, pairs: Pairs, folder: Path) -> None:
        super().__init__(pairs.title.render())
        self._pairs, self._folder = pairs, folder
        self.rows: list[PairRow] = []
        self.counted = caption("")
        self.heading.addWidget(self.counted)
        self.more = button(tr("Show more"), clicked=self.show_more)
        self._place = QVBoxLayout()
        self._place.setSpacing(theme.S)
        self.body.addLayout(self._place)
        self.body.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_more()

    def show_more(self) -> None:
        """Add the next few pairs; the first new one takes the keyboard if the button had it."""
        begin, had_focus = len(self.rows), self.more.hasFocus()
        for pair in self._pairs.pairs[begin : begin + AT_ONCE]:
            self.rows.append(PairRow(pair, self._folder))
            self._place.addWidget(self.rows[-1])
        self.more.setVisible(len(self.rows) < len(self._pairs.pairs))
        shown = number(len(self.rows))
        self.counted.setText(tr("showing {shown} of {total}").format(shown=shown, total=number(self._pairs.total)))
        if had_focus and len(self.rows) > begin:
            self.rows[begin].show()
            self.rows[begin].setFocus(Qt.FocusReason.OtherFocusReason)


class PairRow(QFrame):
    """One pair: the relation and similarity above, the two rows beside each other below."""

    def __init__(self, pair: Pair, folder: Path) -> None:
        super().__init__()
        self.setProperty("role", "pair")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        alike = percent(min(pair.similarity, 0.999 if pair.similarity < 1 else 1.0), 0 if pair.similarity == 1 else 1)
        words = tr("{relation}, {alike} alike").format(relation=pair.relation.render(), alike=alike)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
        column.setSpacing(theme.XS)
        column.addWidget(caption(words))
        beside = QHBoxLayout()
        beside.setSpacing(theme.L)
        self.sides = [SideView(pair.left, pair.right, folder), SideView(pair.right, pair.left, folder)]
        for side in self.sides:
            beside.addWidget(side, 1)
        column.addLayout(beside)
        self.setAccessibleName(f"{words}. {'. '.join(side.spoken for side in self.sides)}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the arrow keys go to the next and the previous pair."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)


class SideView(QWidget):
    """One row of a pair: which it is, and its text or picture; words that the `other` lacks are marked."""

    def __init__(self, sample: Sample, other: Sample, folder: Path) -> None:
        super().__init__()
        self._sample, self._other = sample, other
        self.spoken = f"{sample.caption.render()}: {sample.text or Path(sample.picture).name}"
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(label(sample.caption.render(), "strong", wrap=True))
        self.content = QLabel()
        self.content.setWordWrap(not sample.picture)
        self.content.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.content)
        column.addStretch(1)
        self._path = folder / sample.picture if sample.picture else None
        if self._path is not None:
            self.content.setFixedSize(EDGE, EDGE)
            self.content.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            _thumbnails().ready.connect(self._show_picture)
            self._show_picture(str(self._path))
        else:
            self.content.setTextFormat(Qt.TextFormat.RichText)
            theme.notifier().changed.connect(self._show_text)
            self._show_text()

    def _show_text(self) -> None:
        self.content.setText(marked(self._sample.text, self._other.text, theme.current().accent))

    def _show_picture(self, path: str) -> None:
        if self._path is None or path != str(self._path):
            return
        found = _thumbnails().get(self._path)
        if found is not None and found.isNull():
            self.content.setText(tr("This picture cannot be read."))
        elif found is not None:
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            self.content.setPixmap(found.scaled(EDGE, EDGE, keep, smooth))


def marked(text: str, other: str, color: str) -> str:
    """Return `text` as HTML with the words that `other` lacks underlined; case and punctuation make no difference."""
    words, others = list(_WORD.finditer(text)), [_plain(word) for word in other.split()]
    matcher = SequenceMatcher(None, [_plain(word.group()) for word in words], others, autojunk=False)
    parts, end = [], 0
    for kind, begin, stop, _, _ in matcher.get_opcodes():
        if kind == "equal" or begin == stop:
            continue
        first, last = words[begin].start(), words[stop - 1].end()
        inner = html.escape(text[first:last])
        parts += [html.escape(text[end:first]), f'<span style="color: {color}"><b><u>{inner}</u></b></span>']
        end = last
    return "".join([*parts, html.escape(text[end:])]).replace("\n", "<br>")


def _plain(word: str) -> str:
    return _NO_LETTER.sub("", word).casefold() or word


@cache
def _thumbnails() -> Thumbnails:
    """Return the pictures that all lists share; it lives as long as the program, for its threads outlive a list."""
    return Thumbnails(EDGE)
