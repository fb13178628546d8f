"""Which of a few languages texts are written in, told by the small words that each of them is full of."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ftstudio.core.text import Text, text

_SMALL_WORDS = {
    "en": "the of and to in is was that he she it for on with his her as at by had not are but from have they you "
    "this which or were be an",
    "pt": "os um uma que não do da dos das em no na com para por mais como mas ao se ele ela foi são está muito "
    "também quando já sua seu",
    "es": "el los las un una que no del en con para por más como pero al se él ella fue son está muy también cuando y "
    "lo su es",
    "de": "der die das und nicht ein eine ist war sie er es zu mit auf für von dem den des im auch als wie aber bei "
    "wird sich ich",
    "fr": "le les un une et est que qui dans pour pas sur au avec du des ce il elle plus par mais sont était comme "
    "nous vous ne se",
}
_WORDS = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}
_LEAST, _AHEAD = 0.12, 1.2  # of all words; times those of the next language

NAMES: dict[str, Text] = {
    "en": text("English"),
    "pt": text("Portuguese"),
    "es": text("Spanish"),
    "de": text("German"),
    "fr": text("French"),
}
"""What each language is called within a sentence."""


def language_of(texts: Iterable[str]) -> str:
    """Return the code of the language that most of `texts` are in (a key of `NAMES`), empty where that is unclear."""
    counted, total = dict.fromkeys(_WORDS, 0), 0
    for one in texts:
        for word in re.findall(r"[^\W\d_]{2,}", one.casefold()):
            total += 1
            for language, known in _WORDS.items():
                counted[language] += word in known
    (first, most), (_, next_most) = sorted(counted.items(), key=lambda item: -item[1])[:2]
    return first if total and most >= _LEAST * total and most >= _AHEAD * next_most else ""
