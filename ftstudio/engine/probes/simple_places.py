"""Simple ways of finding places, fitted in seconds: marks by words with their neighbours, no answer at all, and the
sentence that has most words of a question.

Each gives logits as a model does, one array a row, so that a task scores them as it scores a model.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core import spans, units
from ftstudio.core.best_answer import END, LONGEST, START
from ftstudio.engine.answers.outputs import by_row

SURE = 8.0  # the logit of what is answered
EDGE = "\n"  # stands before the first and after the last word; no word is it
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_FEWEST_LETTERS = 3  # of a question's words, shorter ones say little

Rows = NDArray[np.object_]


def tagged_truth(table: pa.Table, tags: Sequence[str]) -> Rows:
    """Return the tag of each word of each text (as in `engine.language.tagged_texts`); unreadable cells are unknown."""
    return by_row([_tags(row["text"] or "", row["label"], tags) for row in table.to_pylist()])


def _tags(passage: str, cell: str | None, tags: Sequence[str]) -> NDArray[np.int64]:
    at = units.units_of(passage)
    try:
        return units.tag(at, spans.fitting(spans.read(cell or ""), len(passage)), tags)
    except ValueError:
        return np.full(len(at), -1, dtype=np.int64)


def _sure(tags: Sequence[int], outputs: int) -> NDArray[np.float32]:
    logits = np.zeros((len(tags), outputs), dtype=np.float32)
    logits[np.arange(len(tags)), list(tags)] = SURE
    return logits


class WordWindows:
    """Marks a word as words with the same neighbours were marked most often, else those with one of them, else itself.

    Words that were never seen are left unmarked (the baseline of Tjong Kim Sang and De Meulder 2003, cs/0306050, with a
    window of one word on both sides).
    """

    def __init__(self, table: pa.Table, tags: Sequence[str]) -> None:
        """Learn from the texts of a table and their marks."""
        self._tags, seen = list(tags), defaultdict[Any, Counter[int]](Counter)
        truth = tagged_truth(table, tags)
        for text, right in zip(table["text"].to_pylist(), truth, strict=True):
            for keys, tag in zip(_windows(text or ""), right.tolist(), strict=True):
                if tag >= 0:
                    for key in keys:
                        seen[key][tag] += 1
        self._best = {key: counts.most_common(1)[0][0] for key, counts in seen.items()}

    def answers(self, table: pa.Table) -> Rows:
        """Return logits for the words of each text, shape [words, tags] each."""
        best = self._best
        found = [
            [next((best[key] for key in keys if key in best), 0) for keys in _windows(text or "")]
            for text in table["text"].to_pylist()
        ]
        return by_row([_sure(tags, len(self._tags)) for tags in found])


def _windows(passage: str) -> list[tuple[tuple[str, str, str], ...]]:
    """Return for each word what it is looked up by: with both neighbours, with one of them, alone."""
    words = [passage[start:end].lower() for start, end in units.units_of(passage)]
    around = [EDGE, *words, EDGE]
    return [
        ((left, word, right), (left, word, ""), ("", word, right), ("", word, ""))
        for left, word, right in zip(around, words, around[2:], strict=False)
    ]


def asked_truth(table: pa.Table) -> Rows:
    """Return passage and right answers of each row, as `engine.language.passages` has them."""
    pairs = zip(table["text_pair"].to_pylist(), table["label"].to_pylist(), strict=True)
    return by_row([np.array([passage or "", cell or ""], dtype=object) for passage, cell in pairs])


def no_answers(table: pa.Table) -> Rows:
    """Return the logits of answering no question, shape [items, 2] each."""
    passages = table["text_pair"].to_pylist()
    return by_row([_place(len(units.units_of(passage or "")), 0, 0) for passage in passages])


def best_sentences(table: pa.Table) -> Rows:
    """Return the logits of answering with the sentence that shares most words with the question, shape [items, 2] each.

    Of long sentences the end is given, as many words as an answer may have; no answer where no word is shared.
    """
    pairs = zip(table["text"].to_pylist(), table["text_pair"].to_pylist(), strict=True)
    return by_row([_best_sentence(question or "", passage or "") for question, passage in pairs])


def _best_sentence(question: str, passage: str) -> NDArray[np.float32]:
    places, asked = units.units_of(passage), _words(question)
    sentences = [one.span() for one in _SENTENCE.finditer(passage)]
    shared = [len(asked & _words(passage[start:end])) for start, end in sentences]
    if not any(shared) or not len(places):
        return _place(len(places), 0, 0)
    start, end = sentences[int(np.argmax(shared))]
    held = np.flatnonzero((places[:, 0] >= start) & (places[:, 1] <= end))[-LONGEST:]
    return _place(len(places), int(held[0]) + 1, int(held[-1]) + 1)


def _words(passage: str) -> set[str]:
    return {word for word in re.findall(r"\w+", passage.lower()) if len(word) >= _FEWEST_LETTERS}


def _place(words: int, first: int, last: int) -> NDArray[np.float32]:
    logits = np.zeros((words + 1, 2), dtype=np.float32)
    logits[first, START] = logits[last, END] = SURE
    return logits
