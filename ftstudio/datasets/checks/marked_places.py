"""Marked places that cannot be learned as they stand: unreadable, outside the text, on each other, through a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import numpy.typing as npt

from ftstudio.core import spans
from ftstudio.core.errors import Where
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.spans import Span
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text, text_plural
from ftstudio.datasets.checks import MOST_EXAMPLES, Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.splits import LEFT_OUT
from ftstudio.datasets.view import Mask

ANSWERS = frozenset({Answer.SPANS})
FEWEST = 8


def find(case: Case) -> Iterator[Problem]:
    """Report rows whose places cannot be read or used whole, and kinds that are hardly or never seen in training."""
    yield from _unreadable(case)
    view = case.view
    texts = view.column(ColumnRole.TEXT).to_pylist()
    marked = [_read(cell) for cell in view.column(ColumnRole.LABEL).to_pylist()]
    for code, message, hint, is_so in _FAULTS:
        counts = np.array([is_so(words or "", found) for words, found in zip(texts, marked, strict=True)], np.int64)
        counts[view.split == LEFT_OUT] = 0
        if counts.any():
            yield _problem(case, code, counts, message, hint)
    yield from _kinds(case)


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


_FAULTS: tuple[tuple[str, Callable[[int], Text], Text, Callable[[str, tuple[Span, ...]], int]], ...] = (
    (
        "places_outside",
        partial(
            text_plural,
            "{count} marked place lies outside its text, or is empty; it is left out.",
            "{count} marked places lie outside their texts, or are empty; they are left out.",
        ),
        text("Places are counted in letters from 0, the end not included. Correct the file and import it again."),
        _outside,
    ),
    (
        "places_on_each_other",
        partial(
            text_plural,
            "{count} marked place lies on another one; only the first, larger one is learned.",
            "{count} marked places lie on others; only the first, larger ones are learned.",
        ),
        text("A word can be of one kind only. Correct the file if the other one is meant."),
        _covered,
    ),
    (
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


def _problem(
    case: Case, code: str, counts: npt.NDArray[np.int64], message: Callable[[int], Text], hint: Text
) -> Problem:
    total = int(counts.sum())
    return Problem(
        severity=Severity.WARNING,
        code=code,
        message=message(total),
        hint=hint,
        count=total,
        where=Where(column=case.dataset.roles.get(ColumnRole.LABEL)),
        **places(case.view, counts > 0),
    )


def _unreadable(case: Case) -> Iterator[Problem]:
    view = case.view
    unreadable: Mask = (view.label_numbers < 0) & view.filled(ColumnRole.LABEL)
    if count := int(unreadable.sum()):
        yield Problem(
            severity=Severity.WARNING,
            code="unreadable_places",
            message=text_plural(
                "{count} row has marked places that cannot be read; it is left out.",
                "{count} rows have marked places that cannot be read; they are left out.",
                count,
            ),
            hint=text('Write places as [[0, 6, "city"]]: first letter, letter after the last, and kind.'),
            count=count,
            where=Where(column=case.dataset.roles.get(ColumnRole.LABEL)),
            fix=Fix(key="drop_left_out", label=text("Remove these rows")),
            **places(view, unreadable),
        )


def _kinds(case: Case) -> Iterator[Problem]:
    counts = case.view.counts_by_label(Split.TRAIN)
    few = {kind: counts.get(kind, 0) for kind in case.view.counts_by_label() if counts.get(kind, 0) < FEWEST}
    if few:
        yield Problem(
            severity=Severity.WARNING,
            code="rare_kinds",
            message=text_plural(
                "{count} kind of place is marked in fewer than {fewest} training rows.",
                "{count} kinds of places are marked in fewer than {fewest} training rows.",
                len(few),
                fewest=FEWEST,
            ),
            hint=text("They will hardly be found. Mark more of them."),
            count=len(few),
            where=Where(column=case.dataset.roles.get(ColumnRole.LABEL)),
            examples=tuple(f"{kind}: {rows}" for kind, rows in sorted(few.items())[:MOST_EXAMPLES]),
        )
