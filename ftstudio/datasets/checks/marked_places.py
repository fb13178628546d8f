"""Marked places that cannot be learned as they stand: unreadable, outside the text, on each other, through a word."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ftstudio.core import spans
from ftstudio.core.problems import Problem
from ftstudio.core.spans import Span
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.checks import Case, _marks
from ftstudio.datasets.checks._marks import Fault

ANSWERS = frozenset({Answer.SPANS})


def find(case: Case) -> Iterator[Problem]:
    """Report rows whose places cannot be read or used whole, and kinds that are hardly or never seen in training."""
    yield from _marks.unreadable(case, "unreadable_places", _UNREADABLE, _HOW_TO_WRITE)
    texts = [words or "" for words in case.view.column(ColumnRole.TEXT).to_pylist()]
    marked = [_read(cell) for cell in case.view.column(ColumnRole.LABEL).to_pylist()]
    yield from _marks.counted(case, _FAULTS, list(zip(texts, marked, strict=True)))
    yield from _marks.rare_kinds(case, _RARE, text("They will hardly be found. Mark more of them."))


_UNREADABLE = partial(
    text_plural,
    "{count} row has marked places that cannot be read; it is left out.",
    "{count} rows have marked places that cannot be read; they are left out.",
)
_HOW_TO_WRITE = text('Write places as [[0, 6, "city"]]: first letter, letter after the last, and kind.')
_RARE = partial(
    text_plural,
    "{count} kind of place is marked in fewer than {fewest} training rows.",
    "{count} kinds of places are marked in fewer than {fewest} training rows.",
)


def _read(cell: str | None) -> tuple[Span, ...]:
    try:
        return spans.read(cell or "")
    except ValueError:
        return ()


def _outside(words: str, found: tuple[Span, ...]) -> int:
    return sum(not 0 <= one.start < one.end <= len(words) for one in found)


def _covered(words: str, found: tuple[Span, ...]) -> int:
    inside = [one for one in found if 0 <= one.start < one.end <= len(words)]
    return len(inside) - len(spans.fitting(inside, len(words)))


def _cutting(words: str, found: tuple[Span, ...]) -> int:
    kept = spans.fitting(found, len(words))
    return sum(_cuts(words, one.start) or _cuts(words, one.end) for one in kept)


def _cuts(words: str, at: int) -> bool:
    return 0 < at < len(words) and words[at - 1].isalnum() and words[at].isalnum()


_FAULTS = (
    Fault(
        "places_outside",
        partial(
            text_plural,
            "{count} marked place lies outside its text, or is empty; it is left out.",
            "{count} marked places lie outside their texts, or are empty; they are left out.",
        ),
        text("Places are counted in letters from 0, the end not included. Correct the file and import it again."),
        _outside,
    ),
    Fault(
        "places_on_each_other",
        partial(
            text_plural,
            "{count} marked place lies on another one; only the first, larger one is learned.",
            "{count} marked places lie on others; only the first, larger ones are learned.",
        ),
        text("A word can be of one kind only. Correct the file if the other one is meant."),
        _covered,
    ),
    Fault(
        "places_cut_words",
        partial(
            text_plural,
            "{count} marked place begins or ends inside a word; the whole word is learned.",
            "{count} marked places begin or end inside a word; the whole words are learned.",
        ),
        text("If many do, the places may be counted in bytes, or from 1: look at an example."),
        _cutting,
    ),
)
