"""Which words of two texts differ, for people who compare them."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

MOST_WORDS = 1_000  # of each text; comparing takes time that grows with their product
_PIECE = re.compile(r"\w+|[^\w\s]")

Ranges = list[tuple[int, int]]


def differing(first: str, second: str) -> tuple[Ranges, Ranges]:
    """Return the letters of each text, as (start, end), that the other does not have at that place.

    Words and signs are compared, not white space, and only so many of them as `MOST_WORDS`.
    """
    places = [[one.span() for _, one in zip(range(MOST_WORDS), _PIECE.finditer(words), strict=False)]
              for words in (first, second)]  # fmt: skip
    pieces = [[words[start:end] for start, end in at] for words, at in zip((first, second), places, strict=True)]
    found: tuple[Ranges, Ranges] = ([], [])
    for kind, *bounds in SequenceMatcher(None, pieces[0], pieces[1], autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for side, (start, end) in enumerate((bounds[:2], bounds[2:])):
            if end > start:
                found[side].append((places[side][start][0], places[side][end - 1][1]))
    return found
