"""How good the words of an answer are beside the right ones: exact match and F1 of words, as SQuAD counts them.

The rules are those of its official script (Rajpurkar et al. 2016 and 2018, arXiv 1606.05250 and 1806.03822): capitals,
punctuation, English articles and white space do not count, and of several right answers the most like it does.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b", re.UNICODE)
_PUNCTUATION = frozenset(string.punctuation)


def normalised(answer: str) -> str:
    """Return the words that count, with one space between."""
    letters = "".join(letter for letter in answer.lower() if letter not in _PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", letters).split())


def exact_match(answer: str, right: str) -> float:
    """Return 1 where the words that count are the same, else 0."""
    return float(normalised(answer) == normalised(right))


def f1(answer: str, right: str) -> float:
    """Return the F1 of the words of an answer; where one of both has none, 1 if the other has none, too, else 0."""
    said, wanted = normalised(answer).split(), normalised(right).split()
    if not said or not wanted:
        return float(said == wanted)
    common = sum((Counter(said) & Counter(wanted)).values())
    if not common:
        return 0.0
    precision, recall = common / len(said), common / len(wanted)
    return 2 * precision * recall / (precision + recall)


def best(score: Callable[[str, str], float], answer: str, right: Sequence[str]) -> float:
    """Return the score beside the most similar right answer; no right answers means that there is none to give."""
    counting = [one for one in right if normalised(one)] or [""]
    return max(score(answer, one) for one in counting)
