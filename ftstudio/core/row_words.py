"""What the rows of the open project are called: a row of a project of pictures is a picture, to people.

Sentences speak of rows, because most are true of all tasks. Where rows are pictures the word is exchanged as a sentence
is shown, in the language in use: those words are translated like all others. A sentence about a table, a file or its
columns stays as it is, for there a row is a row. Languages in which the two words need other forms around them
translate “picture” like “row”.
"""

from __future__ import annotations

import re

from ftstudio.core import translation
from ftstudio.core.translation import N_, tr

_WORDS = ((N_("row"), N_("picture")), (N_("rows"), N_("pictures")))
_REAL_ROWS = re.compile(r"\bin a row\b|\b(column|cell|table|line|file)s?\b", re.IGNORECASE)


class _Current:
    """What rows are in this process."""

    are_pictures = False


def rows_are_pictures(are_pictures: bool) -> None:
    """Say what the rows of the project are that is open from now on."""
    _Current.are_pictures = are_pictures


def name_rows(sentence: str, message: str = "") -> str:
    """Return a translated sentence, or a template of one, that calls rows what they are.

    `message` is its English text, where nobody has looked whether it is about rows of a table.
    """
    if not _Current.are_pictures or _REAL_ROWS.search(message):
        return sentence
    for row, picture in _WORDS:
        known = translation.language() == translation.SOURCE_LANGUAGE or tr(picture) != picture
        if known:
            sentence = _exchanged(sentence, tr(row), tr(picture))
    return sentence


def _exchanged(sentence: str, word: str, other: str) -> str:
    """Exchange whole words, but for names in braces; a capital stays one."""

    def exchange(found: re.Match[str]) -> str:
        return other.capitalize() if found[0][0].isupper() else other

    return re.sub(rf"(?<![{{\w]){re.escape(word)}(?![}}\w])", exchange, sentence, flags=re.IGNORECASE)
