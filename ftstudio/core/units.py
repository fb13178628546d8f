"""The units of a text that get a tag each: words, and signs by themselves; and what places their tags stand for.

Units depend on the text alone, so any tokenizer's model can be trained on them, scored and compared. A unit takes what
the model says of the token that holds its first letter (Devlin et al. 2019, arXiv 1810.04805, section 5.3). Scripts
that put no spaces between words (Chinese, Japanese) have a unit for each letter, as BERT's tokenizer does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.spans import Span

_PLAIN = re.compile(r"\w+|[^\w\s]")
OUTSIDE = "O"
_UNSPACED = (
    r"\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003fffd"
)


def units_of(passage: str) -> NDArray[np.int64]:
    """Return where the units of a text begin and end, in letters, shape [units, 2]."""
    found = [match.span() for match in (_PLAIN if passage.isascii() else _any()).finditer(passage)]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


@cache
def _any() -> re.Pattern[str]:
    r"""Return what a unit looks like in any script: accents, vowel signs and joiners, which `\w` lacks, belong to what
    they follow.
    """
    joined = "".join(chr(at) for at in (*range(0x80, 0x1F000), *range(0xE0000, 0xE0200)) if _joins(chr(at)))
    word = rf"[^\W{_UNSPACED}]+(?:[{joined}]+[^\W{_UNSPACED}]*)*"
    return re.compile(rf"[{_UNSPACED}][{joined}]*|{word}|[^\w\s][{joined}]*")


def _joins(letter: str) -> bool:
    return unicodedata.category(letter) in ("Mn", "Mc", "Me", "Cf")


def tags_for(kinds: Iterable[str]) -> list[str]:
    """Return the tags that mark places of `kinds`: outside, and for each kind where it begins and goes on."""
    return [OUTSIDE, *(f"{prefix}-{kind}" for kind in kinds for prefix in "BI")]


def kinds_of(tags: Iterable[str]) -> list[str]:
    """Return the kinds that tags stand for, each once, in their order."""
    return list(dict.fromkeys(tag[2:] for tag in tags if tag != OUTSIDE))


def tag(units: NDArray[np.int64], spans: Iterable[Span], tags: Sequence[str]) -> NDArray[np.int64]:
    """Return the tag of each unit as a position in `tags`, shape [units]; kinds that have no tag are outside.

    A unit belongs to a place that holds any of its letters.
    """
    places = {name: at for at, name in enumerate(tags)}
    result = np.full(len(units), places[OUTSIDE], dtype=np.int64)
    for one in spans:
        held = np.flatnonzero((units[:, 0] < one.end) & (units[:, 1] > one.start))
        if len(held) and f"B-{one.label}" in places:
            result[held] = places[f"I-{one.label}"]
            result[held[0]] = places[f"B-{one.label}"]
    return result


def runs_of(tagged: Sequence[int], tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return the places that tags stand for: first unit, unit after the last, kind.

    Read as conlleval does: a tag that goes on what never began, begins.
    """
    found: list[tuple[int, int, str]] = []
    for at, number in enumerate(tagged):
        name = tags[number]
        if name == OUTSIDE:
            continue
        if name[0] == "I" and found and found[-1][1:] == (at, name[2:]):
            found[-1] = (found[-1][0], at + 1, name[2:])
        else:
            found.append((at, at + 1, name[2:]))
    return found


def tokens_of(units: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the token that holds the first letter of each unit, -1 where none does.

    Args:
        units: begin and end in letters, shape [units, 2].
        tokens: which text (-1: a special token), begin and end in letters of each token, shape [tokens, 3].
    """
    real = np.flatnonzero((tokens[:, 0] == 0) & (tokens[:, 2] > tokens[:, 1]))
    starts, ends = tokens[real, 1], tokens[real, 2]
    if not len(real):
        return np.full(len(units), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(ends, units[:, 0], side="right"), len(real) - 1)
    holds = (starts[at] <= units[:, 0]) & (units[:, 0] < ends[at])
    return np.where(holds, real[at], -1)
