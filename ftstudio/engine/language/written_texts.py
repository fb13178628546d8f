"""Texts to be learned as a model that writes reads them: token ids, and which of the tokens are learned.

A row is a whole text, of which everything is learned, or a conversation, of which only the answers are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray

from ftstudio.core import chats, exchanges
from ftstudio.core.chats import Turn
from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.engine.answers.outputs import by_row
from ftstudio.engine.language import chat_forms, packing
from ftstudio.engine.language.text import TextExamples
from ftstudio.engine.task import Batch

UNLEARNED = -100  # what stands where nothing is learned; PyTorch's losses leave it out
Tokens = NDArray[np.int64]


@dataclass
class WrittenTexts:
    """Encoded rows. `places` holds for each row the tokens after which one is learned, `truth` which one that is.

    With `packs` several short rows lie in one line of a batch (`engine.language.packing`).
    """

    texts: TextExamples
    places: NDArray[np.object_]
    truth: NDArray[np.object_]
    packs: bool = False

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens per row."""
        return self.texts.lengths

    @property
    def labels(self) -> NDArray[np.int64]:
        """Whether anything is learned from a row: 0, else -1."""
        return self.texts.labels

    @property
    def truncated(self) -> NDArray[np.bool_]:
        """Which rows were longer than the model reads."""
        return self.texts.truncated

    @property
    def items(self) -> NDArray[np.int64]:
        """Learned tokens per row."""
        return np.array([len(one) for one in self.places], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.texts)

    def batch(self, indices: Sequence[int], seed: int | None) -> Batch:
        """Collate rows; what is learned goes along as `places` and `targets` (`language_models.surprise`)."""
        inputs, starts = self._packed(indices) if self.packs else (self.texts.batch(indices, seed).inputs, None)
        most = max((len(self.places[row]) for row in indices), default=0)
        places = np.full((len(indices), max(most, 1)), -1, dtype=np.int64)
        labels = np.full(places.shape, UNLEARNED, dtype=np.int64)
        for at, row in enumerate(indices):
            count = len(self.places[row])
            places[at, :count], labels[at, :count] = self.places[row], self.truth[row]
            if starts is not None:
                places[at, :count] += starts[at]
        targets = torch.from_numpy(labels)
        return Batch({**inputs, "places": torch.from_numpy(places), "targets": targets.clamp(min=0)}, targets)

    def _packed(self, indices: Sequence[int]) -> tuple[dict[str, torch.Tensor], Tokens]:
        texts = self.texts
        laid = packing.lay([texts.ids[texts.offsets[row] : texts.offsets[row + 1]] for row in indices], texts.pad_id)
        inputs = {"input_ids": torch.from_numpy(laid.ids), "position_ids": torch.from_numpy(laid.positions)}
        return inputs, laid.starts

    def only(self, keep: NDArray[np.bool_]) -> WrittenTexts:
        """Return the rows that `keep` marks."""
        return WrittenTexts(self.texts.only(keep), self.places[keep], self.truth[keep], self.packs)


@dataclass(frozen=True)
class _Row:
    ids: Tokens
    learned: NDArray[np.bool_]
    is_cut: bool


@dataclass(frozen=True)
class Spelled:
    """A whole row in tokens, before anything is cut: `words` are what was tokenized, `at` [tokens, 2] the letters of it
    that each token stands for, `learned` which tokens carry loss.
    """

    words: str
    ids: Tokens
    at: Tokens
    learned: NDArray[np.bool_]


def read_rows(table: pa.Table) -> list[tuple[Turn, ...] | str]:
    """Return each row as what it is (`core.exchanges.rows_of`)."""
    names = ("text", "text_pair", "label")
    return exchanges.rows_of({name: table[name].to_pylist() for name in names if name in table.column_names})


def for_strangers(tokenizer: Any, table: pa.Table) -> list[dict[str, str]]:
    """Return rows as one who has only the model could be given them (`exporters/_token_losses.py`)."""
    told = []
    for row in read_rows(table):
        if isinstance(row, str):
            told.append({"text": row})
            continue
        answers = chat_forms.write(tokenizer, row).answers
        told.append({"messages": json.dumps(chats.plain(row)), "answers": json.dumps(answers)})
    return told


def encode_rows(
    tokenizer: Any, rows: Sequence[tuple[Turn, ...] | str], long_text: str, *, packs: bool = False
) -> WrittenTexts:
    """Encode conversations and texts up to the tokenizer's `model_max_length`; raises `InputError`.

    Of a longer row `long_text` tells which part is read; a row of which nothing is left to learn has the label -1.
    """
    refuse_slow(tokenizer)
    limit = int(tokenizer.model_max_length)
    encoded = [_encode(tokenizer, row, limit, long_text) for row in rows]
    learned = [np.flatnonzero(one.learned[1:]) for one in encoded]
    labels = np.array([0 if len(one) else -1 for one in learned], dtype=np.int64)
    texts = TextExamples(
        np.concatenate([one.ids for one in encoded]).astype(np.int32) if encoded else np.zeros(0, np.int32),
        None,
        np.concatenate(([0], np.cumsum([len(one.ids) for one in encoded]))).astype(np.int64),
        np.array([one.is_cut for one in encoded], dtype=bool),
        labels,
        int(tokenizer.pad_token_id or 0),
    )
    truth = [one.ids[at + 1] for one, at in zip(encoded, learned, strict=True)]
    return WrittenTexts(texts, by_row(learned), by_row(truth), packs)


def refuse_slow(tokenizer: Any) -> None:
    """Raise `InputError` for a tokenizer that cannot tell which letters its tokens stand for."""
    if not getattr(tokenizer, "is_fast", False):
        raise InputError(
            text("The tokenizer of this model cannot tell which letters its tokens stand for."),
            text("Choose a model with a file “tokenizer.json”."),
            field="model",
        )


def spell(tokenizer: Any, row: tuple[Turn, ...] | str) -> Spelled:
    """Tokenize a text, of which everything but its first token is learned, or a conversation; raises `InputError`."""
    if not isinstance(row, str):
        return _conversation(tokenizer, row)
    ids, at = _tokenized(tokenizer, row, special=True) if row else (np.zeros(0, np.int64), np.zeros((0, 2), np.int64))
    if row and tokenizer.eos_token_id is not None and ids[-1:].tolist() != [tokenizer.eos_token_id]:
        ids = np.append(ids, tokenizer.eos_token_id)  # that a text ends is learned, too
        at = np.concatenate((at, [[len(row), len(row)]]))
    learned = np.ones(len(ids), dtype=bool)
    learned[:1] = False  # the first token of all is given, and every later one is learned after the one before it
    return Spelled(row, ids, at, learned)


def _conversation(tokenizer: Any, turns: tuple[Turn, ...]) -> Spelled:
    written = chat_forms.write(tokenizer, turns)
    ids, at = _tokenized(tokenizer, written.words, special=False)
    learned = np.zeros(len(at), dtype=bool)
    for start, end in written.answers:
        learned |= (at[:, 1] > start) & (at[:, 0] < end) & (at[:, 1] > at[:, 0])
    learned[:1] = False
    return Spelled(written.words, ids, at, learned)


def _tokenized(tokenizer: Any, words: str, *, special: bool) -> tuple[Tokens, Tokens]:
    encoded = tokenizer(words, add_special_tokens=special, return_offsets_mapping=True, verbose=False)
    at = np.array(encoded["offset_mapping"], dtype=np.int64).reshape(-1, 2)
    return np.array(encoded["input_ids"], dtype=np.int64), at


def cut(row: Spelled, limit: int, long_text: str) -> tuple[Tokens, NDArray[np.bool_]]:
    """Return which tokens of a row are read, and which of these are learned."""
    kept = _kept(len(row.ids), limit, long_text)
    learned = row.learned[kept]
    learned[:1] = False
    learned[1:] &= np.diff(kept) == 1  # nothing is foreseen across a gap
    return kept, learned


def _encode(tokenizer: Any, row: tuple[Turn, ...] | str, limit: int, long_text: str) -> _Row:
    spelled = spell(tokenizer, row)
    if not len(spelled.ids):  # every row is read as something
        return _Row(np.array([int(tokenizer.pad_token_id or 0)]), np.zeros(1, dtype=bool), is_cut=False)
    kept, learned = cut(spelled, limit, long_text)
    return _Row(spelled.ids[kept], learned, is_cut=len(kept) < len(spelled.ids))


def _kept(count: int, limit: int, long_text: str) -> Tokens:
    """Return which tokens of a row of `count` are read."""
    every = np.arange(count)
    if count <= limit:
        return every
    before = {"tail": 0, "both": limit // 2}.get(long_text, limit)
    return np.concatenate((every[:before], every[count - (limit - before) :]))
