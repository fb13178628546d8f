"""How like a text that a model wrote is to the right one: by words in order (ROUGE-L) and by letters (chrF).

Both are written out from their papers and equal what the packages `rouge-score` and `sacrebleu` say, as shares of 1
instead of 100. ROUGE-L takes words of any script, where its first program knew only English letters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ORDERS, BETA = 6, 2
"""chrF looks at pieces of one to six letters, and counts what is missing `BETA` times as much as what is too much."""

_WORD = re.compile(r"[^\W_]+")


def rouge_l(written: str, right: str) -> float:
    """Return the F1 of the longest sequence of words that both have in this order (Lin 2004), in [0, 1]."""
    said, wanted = _WORD.findall(written.lower()), _WORD.findall(right.lower())
    if not said or not wanted:
        return 0.0
    common = _in_order(said, wanted)
    return 2 * common / (len(said) + len(wanted))


def _in_order(first: Sequence[str], second: Sequence[str]) -> int:
    """Return the length of the longest common subsequence, a bit a word (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for at, word in enumerate(first):
        places[word] = places.get(word, 0) | 1 << at
    row = every = (1 << len(first)) - 1
    for word in second:
        met = row & places.get(word, 0)
        row = ((row + met) | (row - met)) & every
    return len(first) - row.bit_count()


def pieces(written: str, right: str) -> NDArray[np.int64]:
    """Return of each length of pieces how many are written, how many are right and how many are both, [ORDERS, 3].

    White space does not count. The sums over many texts make the chrF of all of them.
    """
    said, wanted = "".join(written.split()), "".join(right.split())
    counts = np.zeros((ORDERS, 3), dtype=np.int64)
    for size in range(1, ORDERS + 1):
        own, theirs = _cut(said, size), _cut(wanted, size)
        counts[size - 1] = (own.total() if theirs else 0, theirs.total(), (own & theirs).total())
    return counts


def _cut(letters: str, size: int) -> Counter[str]:
    return Counter(letters[at : at + size] for at in range(len(letters) - size + 1))


def chrf(counts: NDArray[np.int64] | NDArray[np.float64]) -> float:
    """Return chrF2 (Popović 2015 and 2016) from counts of `pieces`, shape [ORDERS, 3], in [0, 1].

    Lengths of which one side has no piece are left out of the means, as `sacrebleu` does.
    """
    there = (counts[:, 0] > 0) & (counts[:, 1] > 0)
    if not there.any():
        return 0.0
    precision = float((counts[there, 2] / counts[there, 0]).mean())
    recall = float((counts[there, 2] / counts[there, 1]).mean())
    if not precision + recall:
        return 0.0
    return (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall)
