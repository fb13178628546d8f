"""The stored answers of a run that finds answers in passages, as places beside the right ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from ftstudio.core import answer_scores, answers, units
from ftstudio.core.answers import ANSWER, Given
from ftstudio.core.best_answer import best_answer
from ftstudio.core.spans import Marked, Span
from ftstudio.core.states import Split
from ftstudio.datasets.splits import CODES
from ftstudio.datasets.store import Dataset
from ftstudio.planning.answers import damage_told, open_stored
from ftstudio.planning.span_answers import MISSED, RIGHT, WRONG, SpanAnswer
from ftstudio.project.layout import RunLayout

BETWEEN = "\n\n"
"""What stands between a question and its passage where both are shown as one text."""


@dataclass(frozen=True)
class ExtractAnswer(SpanAnswer):
    """What a model found in one passage. `text` is the question and then the passage; of `truth` any place is right."""

    @cached_property
    def judged(self) -> list[tuple[str, Marked]]:
        """The place found, right where its words are those of a right answer; else also the first right one, missed."""
        right = [self.text[one.start : one.end] for one in self.truth]
        said = self.marked[0].text if self.marked else ""
        if answer_scores.best(answer_scores.exact_match, said, right):
            return [(RIGHT, one) for one in self.marked]
        missed = [
            (MISSED, Marked(**one.model_dump(), text=self.text[one.start : one.end], probability=0.0))
            for one in self.truth[:1]
        ]
        listed = [*((WRONG, one) for one in self.marked), *missed]
        return sorted(listed, key=lambda one: (one[1].start, -one[1].end))  # the shorter one is drawn on top


def read_extract_answers(run: RunLayout, dataset: Dataset, split: Split) -> list[ExtractAnswer]:
    """Return the answers of a finished run to the rows of a split whose right answer is known, in their order.

    Raises `InputError` when the run has none, when they are damaged, or when they are not of this data.
    """
    stored = open_stored(run, dataset)
    with damage_told(run):
        codes = {one.value: code for one, code in CODES.items()}
        here = np.flatnonzero(np.array([codes[name] for name in stored.table["split"].to_pylist()]) == CODES[split])
        view = dataset.view
        position = pa.array(np.searchsorted(view.index, stored.place[here]))
        questions = view.table["text"].take(position).to_pylist()
        rows = stored.table.take(pa.array(here))
        return [
            _answer(row, int(place), question or "", line, *truth)
            for row, place, question, line, truth, label in zip(
                rows["row"].to_pylist(),
                stored.place[here],
                questions,
                rows["logits"].to_pylist(),
                rows["truth"].to_pylist(),
                rows["label"].to_pylist(),
                strict=True,
            )
            if label >= 0
        ]


def _answer(row: int, place: int, question: str, line: Sequence[float], passage: str, cell: str) -> ExtractAnswer:
    at, logits = units.units_of(passage), np.asarray(line, dtype=np.float64).reshape(-1, 2)
    if len(logits) != len(at) + 1:
        raise ValueError("answers to other words than those of the text")
    best, before = best_answer(logits), len(question) + len(BETWEEN)
    marked: tuple[Marked, ...] = ()
    if not best.is_none:
        start, end = int(at[best.first, 0]), int(at[best.last, 1])
        words = passage[start:end]
        marked = (Marked(start=before + start, end=before + end, label=ANSWER, text=words, probability=best.share),)
    truth = tuple(_span(one, before) for one in answers.placed(passage, answers.read(cell)))
    return ExtractAnswer(row, place, f"{question}{BETWEEN}{passage}", truth, marked)


def _span(given: Given, before: int) -> Span:
    return Span(start=before + given.start, end=before + given.end, label=ANSWER)
