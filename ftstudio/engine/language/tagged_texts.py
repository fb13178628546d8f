"""Texts whose units have a tag each, as a model reads them: token ids, and which token speaks for which unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ftstudio.core import spans, units
from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.engine.answers.outputs import by_row
from ftstudio.engine.language.text import TextExamples, encode, spans_of_tokens
from ftstudio.engine.task import Batch

UNTAGGED = -100  # what no unit stands at; PyTorch's losses leave it out


@dataclass
class TaggedTexts:
    """Encoded texts. `tokens` holds for each row the token of each unit (-1: cut off), `truth` the tag of each unit."""

    texts: TextExamples
    tokens: NDArray[np.object_]
    truth: NDArray[np.object_]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens per row, special tokens counted."""
        return self.texts.lengths

    @property
    def labels(self) -> NDArray[np.int64]:
        """Whether each row's places are known: 0, else -1."""
        return self.texts.labels

    @property
    def truncated(self) -> NDArray[np.bool_]:
        """Which rows were longer than the model reads."""
        return self.texts.truncated

    @property
    def items(self) -> NDArray[np.int64]:
        """Units per row."""
        return np.array([len(one) for one in self.tokens], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.texts)

    def batch(self, indices: Sequence[int], seed: int | None) -> Batch:
        """Pad rows to one length; `units` has the token of each unit, -1 for one that was cut off or is not there."""
        inputs = self.texts.batch(indices, seed).inputs
        most = max((len(self.tokens[row]) for row in indices), default=1)
        places = np.full((len(indices), max(most, 1)), -1, dtype=np.int64)
        labels = np.full(places.shape, UNTAGGED, dtype=np.int64)
        for at, row in enumerate(indices):
            tokens = self.tokens[row]
            places[at, : len(tokens)] = tokens
            labels[at, : len(tokens)] = np.where(_speaking(tokens), self.truth[row], UNTAGGED)
        labels[labels < 0] = UNTAGGED
        return Batch({**inputs, "units": torch.from_numpy(places)}, torch.from_numpy(labels))

    def only(self, keep: NDArray[np.bool_]) -> TaggedTexts:
        """Return the rows that `keep` marks."""
        return TaggedTexts(self.texts.only(keep), self.tokens[keep], self.truth[keep])


def encode_tagged(
    tokenizer: Any, texts: Sequence[str], cells: Sequence[str | None], tags: Sequence[str], long_text: str
) -> TaggedTexts:
    """Encode texts and their marked places.

    Args:
        tokenizer: a fast one; raises `InputError` for another.
        texts: what is read.
        cells: the places of each text as `core.spans` writes them; None or unreadable where they are not known.
        tags: the tags by number.
        long_text: what of a long text is kept.
    """
    if not getattr(tokenizer, "is_fast", False):
        raise InputError(
            text("The tokenizer of this model cannot tell which letters its tokens stand for."),
            text("Choose a model with a file “tokenizer.json”."),
            field="model",
        )
    places = [units.units_of(one) for one in texts]
    truth = [_truth(cell, words, at, tags) for cell, words, at in zip(cells, texts, places, strict=True)]
    known = np.array([0 if one is not None else -1 for one in truth], dtype=np.int64)
    read = spans_of_tokens(tokenizer, texts, long_text)
    tokens = [units.tokens_of(at, of) for at, of in zip(places, read, strict=True)]
    unknown = [np.full(len(at), -1, np.int64) if one is None else one for one, at in zip(truth, places, strict=True)]
    return TaggedTexts(encode(tokenizer, texts, None, known, long_text), by_row(tokens), by_row(unknown))


def _speaking(tokens: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which units have a token that speaks for no unit before them; the others teach nothing of their own."""
    speaking: NDArray[np.bool_] = (tokens >= 0) & (np.diff(tokens, prepend=-1) != 0)
    return speaking


def _truth(cell: str | None, words: str, at: NDArray[np.int64], tags: Sequence[str]) -> NDArray[np.int64] | None:
    try:
        found = spans.read(cell or "")
    except ValueError:
        return None
    return units.tag(at, spans.fitting(found, len(words)), tags)
