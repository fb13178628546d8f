"""Questions with the passages that hold their answers, as a model reads them: windows of tokens that overlap.

Each word of a passage speaks from the window in which it has most words on both sides (Devlin et al. 2019, the rule of
BERT's `run_squad`), so a passage of any length is read whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ftstudio.core import answers, units
from ftstudio.core.best_answer import items_of
from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.engine.answers.outputs import by_row
from ftstudio.engine.language.text import TextExamples, tokens_at
from ftstudio.engine.task import Batch

ROWS_AT_ONCE = 256
MOST_OVERLAP = 128
UNKNOWN = -100  # what no answer is known of; PyTorch's losses leave it out
_PASSAGE = 1  # which of both texts, as tokenizers count them


@dataclass
class Passages:
    """Encoded rows.

    `windows` are the windows of all rows one after the other, those of row i are `first[i]` to `first[i + 1]`.
    `speakers` tell for each item of a row (no answer, then each unit) the window of the row and the token in it that
    speak for its beginning, and those that speak for its end, shape [items, 4]. `places` have the items at which the
    answer begins and ends, shape [rows, 2]; `truth` the passage and the cell with the right answers of each row.
    `truncated` marks rows whose question was too long.
    """

    windows: TextExamples
    first: NDArray[np.int64]
    speakers: NDArray[np.object_]
    places: NDArray[np.int64]
    truth: NDArray[np.object_]
    truncated: NDArray[np.bool_]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens per row, those of all its windows."""
        total = np.concatenate(([0], np.cumsum(self.windows.lengths)))
        lengths: NDArray[np.int64] = np.diff(total[self.first])
        return lengths

    @property
    def labels(self) -> NDArray[np.int64]:
        """Whether each row's answer is known: 0, else -1."""
        return np.where(self.places[:, 0] >= 0, 0, -1)

    @property
    def items(self) -> NDArray[np.int64]:
        """Items per row: no answer, and each unit of the passage."""
        return np.array([len(one) for one in self.speakers], dtype=np.int64)

    @property
    def losses(self) -> NDArray[np.int64]:
        """One a row: it has one answer, however many words that could be."""
        return np.ones(len(self), dtype=np.int64)

    @property
    def row_by_row(self) -> bool:
        """Whether the model reads one window for each row."""
        return len(self.windows) == len(self)

    def __len__(self) -> int:
        return len(self.places)

    def batch(self, indices: Sequence[int], seed: int | None) -> Batch:
        """Pad the windows of rows to one length; `starts` and `ends` have the token of each item, counted through all
        windows, -1 where there is no item, and `rows` the row of each window.
        """
        windows = [range(self.first[row], self.first[row + 1]) for row in indices]
        inputs = self.windows.batch([window for some in windows for window in some], seed).inputs
        width = inputs["input_ids"].shape[1]
        most = max((len(self.speakers[row]) for row in indices), default=1)
        tokens = np.full((2, len(indices), most), -1, dtype=np.int64)
        before = 0
        for at, (row, some) in enumerate(zip(indices, windows, strict=True)):
            speakers = self.speakers[row].astype(np.int64)
            for side in (0, 1):
                tokens[side, at, : len(speakers)] = (before + speakers[:, 2 * side]) * width + speakers[:, 2 * side + 1]
            before += len(some)
        starts, ends = torch.from_numpy(tokens)
        rows = torch.from_numpy(np.repeat(np.arange(len(indices)), [len(some) for some in windows]))
        places = self.places[list(indices)]
        return Batch(
            {**inputs, "starts": starts, "ends": ends, "rows": rows},
            torch.from_numpy(np.where(places >= 0, places, UNKNOWN)),
        )

    def only(self, keep: NDArray[np.bool_]) -> Passages:
        """Return the rows that `keep` marks."""
        counts = np.diff(self.first)
        return Passages(
            self.windows.only(np.repeat(keep, counts)),
            np.concatenate(([0], np.cumsum(counts[keep]))).astype(np.int64),
            self.speakers[keep],
            self.places[keep],
            self.truth[keep],
            self.truncated[keep],
        )


def encode_passages(
    tokenizer: Any, questions: Sequence[str], passages: Sequence[str], cells: Sequence[str | None]
) -> Passages:
    """Encode questions and passages.

    Args:
        tokenizer: a fast one; raises `InputError` for another. Windows are as long as its `model_max_length`.
        questions: what is asked; one that takes more than half a window is cut there.
        passages: where the answers stand.
        cells: the right answers as `core.answers` reads them; None or unreadable where they are not known.
    """
    if not getattr(tokenizer, "is_fast", False):
        raise InputError(
            text("The tokenizer of this model cannot tell which letters its tokens stand for."),
            text("Choose a model with a file “tokenizer.json”."),
            field="model",
        )
    ids: list[NDArray[np.int32]] = []
    segments: list[NDArray[np.int8]] = []
    speakers, counts = [], []
    asked, truncated = _shortened(tokenizer, questions)
    for row, windows in enumerate(_windows(tokenizer, asked, passages)):
        ids += [np.array(one.ids, dtype=np.int32) for one in windows]
        segments += [np.array(one.type_ids, dtype=np.int8) for one in windows]
        speakers.append(_speakers(windows, units.units_of(passages[row])))
        counts.append(len(windows))
    has_segments = "token_type_ids" in tokenizer.model_input_names
    read = TextExamples(
        np.concatenate(ids) if ids else np.zeros(0, np.int32),
        (np.concatenate(segments) if segments else np.zeros(0, np.int8)) if has_segments else None,
        np.concatenate(([0], np.cumsum([len(one) for one in ids]))).astype(np.int64),
        np.zeros(len(ids), dtype=bool),
        np.zeros(len(ids), dtype=np.int64),
        int(tokenizer.pad_token_id or 0),
    )
    places = [_place(cell, passage) for cell, passage in zip(cells, passages, strict=True)]
    return Passages(
        read,
        np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        by_row(speakers),
        np.array(places, dtype=np.int64).reshape(-1, 2),
        by_row([np.array([one, cell or ""], object) for one, cell in zip(passages, cells, strict=True)]),
        truncated,
    )


def _shortened(tokenizer: Any, questions: Sequence[str]) -> tuple[list[str], NDArray[np.bool_]]:
    """Return questions that leave half a window to the passage, and which of them had to be cut for it."""
    most = int(tokenizer.model_max_length) // 2
    result, cut = list(questions), np.zeros(len(questions), dtype=bool)
    for start in range(0, len(result), ROWS_AT_ONCE):
        part = result[start : start + ROWS_AT_ONCE]
        encodings = tokenizer(part, padding=False, add_special_tokens=False, verbose=False).encodings
        for at, encoding in enumerate(encodings, start=start):
            if len(encoding.ids) > most:
                result[at], cut[at] = result[at][: encoding.offsets[most - 1][1]], True
    return result, cut


def _windows(tokenizer: Any, questions: Sequence[str], passages: Sequence[str]) -> Iterator[list[Any]]:
    """Yield the windows of each row: encodings of the question and a part of the passage."""
    limit = int(tokenizer.model_max_length)
    for start in range(0, len(questions), ROWS_AT_ONCE):
        encoded = tokenizer(
            list(questions[start : start + ROWS_AT_ONCE]),
            list(passages[start : start + ROWS_AT_ONCE]),
            padding=False,
            truncation="only_second",
            max_length=limit,
            stride=overlap(limit),
            return_overflowing_tokens=True,
            verbose=False,
        )
        found: list[list[Any]] = [[] for _ in questions[start : start + ROWS_AT_ONCE]]
        for row, window in zip(encoded["overflow_to_sample_mapping"], encoded.encodings, strict=True):
            found[row].append(window)
        yield from found


def overlap(limit: int) -> int:
    """Return how many tokens of the passage windows of `limit` tokens share with the window before."""
    return max(1, min(MOST_OVERLAP, limit // 4 - 2))


def _speakers(windows: Sequence[Any], places: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return which window and token speak for the beginning and for the end of each item, shape [items, 4].

    The first item is that of no answer, for which the first token of every window speaks. A unit that no token stands
    for has those of the item before it.
    """
    result = np.zeros((len(places) + 1, 4), dtype=np.int32)
    best = np.full((2, len(places)), -np.inf)
    for number, window in enumerate(windows):
        tokens = tokens_at(window, _PASSAGE)
        within = np.flatnonzero(tokens[:, 0] == 0)
        for side, token in enumerate(_ends_of(places, tokens, within)):
            around = np.minimum(token - within[0], within[-1] - token) + 0.01 * len(within) if len(within) else token
            better = (token >= 0) & (around > best[side])
            best[side][better] = around[better]
            chosen = 1 + np.flatnonzero(better)
            result[chosen, 2 * side], result[chosen, 2 * side + 1] = number, token[better]
    for side in (0, 1):
        known = np.concatenate(([True], np.isfinite(best[side])))
        before = np.maximum.accumulate(np.where(known, np.arange(len(known)), 0))
        result[:, 2 * side : 2 * side + 2] = result[before, 2 * side : 2 * side + 2]
    return result


def _ends_of(
    places: NDArray[np.int64], tokens: NDArray[np.int64], within: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and the last token that has a letter of each unit, -1 where none has."""
    nowhere = np.full(len(places), -1, dtype=np.int64)
    if not len(within):
        return nowhere, nowhere
    starts, ends = tokens[within, 1], tokens[within, 2]
    first = np.minimum(np.searchsorted(ends, places[:, 0], side="right"), len(within) - 1)
    last = np.maximum(np.searchsorted(starts, places[:, 1], side="left") - 1, 0)
    there = (starts[first] < places[:, 1]) & (ends[first] > places[:, 0])
    there &= (starts[last] < places[:, 1]) & (ends[last] > places[:, 0])
    return np.where(there, within[first], -1), np.where(there, within[last], -1)


def _place(cell: str | None, passage: str) -> tuple[int, int]:
    """Return the items at which the first right answer begins and ends; (-1, -1) where it is not known."""
    try:
        given = answers.read(cell) if cell and cell.strip() else None
    except ValueError:
        given = None
    return (-1, -1) if given is None else items_of(passage, given)
