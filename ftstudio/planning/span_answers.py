"""The stored answers of a run that marks places, as places beside the true ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core import units
from ftstudio.core.deciding import softmax
from ftstudio.core.spans import Marked, Span
from ftstudio.core.states import Split
from ftstudio.datasets.splits import CODES
from ftstudio.datasets.store import Dataset
from ftstudio.planning.answers import Stored, damage_told, open_stored
from ftstudio.project.layout import RunLayout

RIGHT, WRONG, MISSED = "right", "wrong", "missed"


@dataclass(frozen=True)
class SpanAnswer:
    """What a model marked in one text, beside what is there. `row` counts from 1 in the source, `place` from 0 in the
    stored table.
    """

    row: int
    place: int
    text: str
    truth: tuple[Span, ...]
    marked: tuple[Marked, ...]

    @cached_property
    def judged(self) -> list[tuple[str, Marked]]:
        """Every place, marked or missed, in the order of the text; right where beginning, end and kind are."""
        there = {(one.start, one.end, one.label) for one in self.truth}
        found = {(one.start, one.end, one.label) for one in self.marked}
        listed = [(RIGHT if (one.start, one.end, one.label) in there else WRONG, one) for one in self.marked]
        for one in self.truth:
            if (one.start, one.end, one.label) not in found:
                letters = self.text[one.start : one.end]
                missed = Marked(start=one.start, end=one.end, label=one.label, text=letters, probability=0.0)
                listed.append((MISSED, missed))
        return sorted(listed, key=lambda one: (one[1].start, one[1].end, one[0]))

    @property
    def mistakes(self) -> int:
        """How many places are wrong or missed."""
        return sum(state != RIGHT for state, _ in self.judged)

    def has(self, kind: str) -> bool:
        """Whether a place of a kind is there or was marked."""
        return any(one.label == kind for _, one in self.judged)


def read_span_answers(run: RunLayout, dataset: Dataset, split: Split) -> list[SpanAnswer]:
    """Return the answers of a finished run to the rows of a split, in their order.

    Raises `InputError` when the run has none, when they are damaged, or when they are not of this data.
    """
    stored = open_stored(run, dataset)
    here = np.flatnonzero(_codes(stored) == CODES[split])
    view = dataset.view
    position = np.searchsorted(view.index, stored.place[here])
    texts = view.table["text"].take(pa.array(position)).to_pylist()
    with damage_told(run):
        logits, truth = (stored.table[name].take(pa.array(here)).to_pylist() for name in ("logits", "truth"))
        return [
            _answer(stored, int(at), words or "", line, right)
            for at, words, line, right in zip(here, texts, logits, truth, strict=True)
        ]


def _codes(stored: Stored) -> NDArray[np.int8]:
    names = {one.value: code for one, code in CODES.items()}
    return np.array([names[name] for name in stored.table["split"].to_pylist()], dtype=np.int8)


def _answer(stored: Stored, at: int, words: str, line: Sequence[float], right: Sequence[int]) -> SpanAnswer:
    places, tags = units.units_of(words), stored.labels
    logits = np.asarray(line, dtype=np.float64).reshape(-1, len(tags))
    if not len(places) == len(logits) == len(right):
        raise ValueError("answers to other words than those of the text")
    if len(right) and not -1 <= min(right) <= max(right) < len(tags):
        raise ValueError(f"a tag that is none of {len(tags)}")
    sure = softmax(logits).max(axis=1) if len(logits) else np.zeros(0)
    marked = []
    for span, first, after in _spans(logits.argmax(axis=1).tolist() if len(logits) else [], places, tags):
        share = float(sure[first:after].mean())
        marked.append(Marked(**span.model_dump(), text=words[span.start : span.end], probability=share))
    known = [number if number >= 0 else 0 for number in right]
    truth = tuple(span for span, _, _ in _spans(known, places, tags))
    row, place = int(stored.table["row"][at].as_py()), int(stored.place[at])
    return SpanAnswer(row, place, words, truth, tuple(marked))


def _spans(tagged: Sequence[int], places: NDArray[np.int64], tags: Sequence[str]) -> list[tuple[Span, int, int]]:
    """Return the places that tags stand for, each with its first word and the one after its last."""
    return [
        (Span(start=int(places[first, 0]), end=int(places[after - 1, 1]), label=kind), first, after)
        for first, after, kind in units.runs_of(tagged, tags)
    ]
