"""How long lines of a text field are broken: between words, or anywhere where a "word" has no end.

Qt looks for the end of a word from each place where it could break the line, which takes seconds for every key that is
pressed once a word has a hundred thousand letters (a picture pasted as text, the inside of a file).
"""

from __future__ import annotations

from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QPlainTextEdit

LONGEST_WORD = 2_000


def break_lines(field: QPlainTextEdit, words: str) -> None:
    """Have `field` break its lines as suits `words`, which it is about to show."""
    modes = QTextOption.WrapMode
    endless = max(map(len, words.split()), default=0) > LONGEST_WORD
    wanted = modes.WrapAnywhere if endless else modes.WrapAtWordBoundaryOrAnywhere
    if field.wordWrapMode() is not wanted:
        field.setWordWrapMode(wanted)
