"""The stored answers of a run that finds answers in passages, as places beside the right ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core import answer_scores, answers, units
from ftstudio.core.answers import ANSWER, Given
from ftstudio.core.best_answer import best_answer, best_place
from ftstudio.core.deciding import Decision
from ftstudio.core.spans import Marked, Span
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.planning.answers import Stored, damage_told, open_stored
from ftstudio.planning.quality.no_answer import Margins
from ftstudio.planning.span_answers import MISSED, RIGHT, WRONG, SpanAnswer
from ftstudio.project.decisions import read_decision
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
    """Return the answers of a finished run to the rows of a split whose right answer is known, in their order, as the
    run decides.

    Raises `InputError` when the run has none, when they are damaged, or when they are not of this data.
    """
    stored, decision = open_stored(run, dataset), read_decision(run)
    with damage_told(run):
        here = _rows_of(stored, split)
        view = dataset.view
        position = pa.array(np.searchsorted(view.index, stored.place[here]))
        questions = view.table["text"].take(position).to_pylist()
        places = stored.place[here].tolist()
        rows = zip(places, questions, stored.table.take(pa.array(here)).to_pylist(), strict=True)
        return [_answer(place, question or "", row, decision) for place, question, row in rows if row["label"] >= 0]


def read_margins(run: RunLayout, dataset: Dataset, split: Split) -> Margins:
    """Return how the questions of a split fare with and without an answer; raises as `read_extract_answers` does."""
    stored = open_stored(run, dataset)
    with damage_told(run):
        rows = stored.table.take(pa.array(_rows_of(stored, split))).to_pylist()
        found = [_fares(row) for row in rows if row["label"] >= 0]
    return Margins(*np.array(found, dtype=np.float64).reshape(-1, 4).T)


def _rows_of(stored: Stored, split: Split) -> NDArray[np.int64]:
    here: NDArray[np.int64] = np.flatnonzero(np.array(stored.table["split"].to_pylist()) == split.value)
    return here


def _fares(row: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """Return a question's margin of no answer, the F1 of the best place, that of no answer, and whether it has one."""
    logits, at, passage = _checked(row)
    first, last, margin = best_place(logits)
    right = [one.text for one in answers.placed(passage, answers.read(row["truth"][1]))]
    words = passage[at[first, 0] : at[last, 1]] if first >= 0 else ""
    said, none = (answer_scores.best(answer_scores.f1, one, right) for one in (words, ""))
    return margin, said, none, float(bool(right))


def _checked(row: Mapping[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.int64], str]:
    passage = row["truth"][0]
    at, logits = units.units_of(passage), np.asarray(row["logits"], dtype=np.float64).reshape(-1, 2)
    if len(logits) != len(at) + 1:
        raise ValueError("answers to other words than those of the text")
    return logits, at, passage


def _answer(place: int, question: str, row: Mapping[str, Any], decision: Decision) -> ExtractAnswer:
    logits, at, passage = _checked(row)
    best, before = best_answer(logits, decision), len(question) + len(BETWEEN)
    marked: tuple[Marked, ...] = ()
    if not best.is_none:
        start, end = int(at[best.first, 0]), int(at[best.last, 1])
        words = passage[start:end]
        marked = (Marked(start=before + start, end=before + end, label=ANSWER, text=words, probability=best.share),)
    truth = tuple(_span(one, before) for one in answers.placed(passage, answers.read(row["truth"][1])))
    return ExtractAnswer(row["row"], place, f"{question}{BETWEEN}{passage}", truth, marked)


def _span(given: Given, before: int) -> Span:
    return Span(start=before + given.start, end=before + given.end, label=ANSWER)
