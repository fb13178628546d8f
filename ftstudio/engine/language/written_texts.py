"""Texts to be learned as a model that writes reads them: token ids, and which of the tokens are learned.

A row is a whole text, of which everything is learned, a piece of one, or a conversation, of which only the answers are.
A text that is longer than what is read at once is read on in blocks; no block reaches into another text, and none into
the next block. Pieces of one text are learned as if it had never been cut (`engine.language.pieces`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
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
from ftstudio.engine.language import chat_forms, packing, pieces
from ftstudio.engine.language.pieces import Pieces
from ftstudio.engine.language.token_file import TokenFile
from ftstudio.engine.learning.batching import padded
from ftstudio.engine.task import Batch

UNLEARNED = -100  # what stands where nothing is learned; PyTorch's losses leave it out
AT_ONCE = 512  # rows
Tokens = NDArray[np.int64]


@dataclass
class WrittenTexts:
    """Encoded rows. Row i is `ids[starts[i] : starts[i] + lengths[i]]`; `learned` tells of each token whether it is.

    A row of more than `limit` tokens is read in blocks of so many. `labels` tell whether anything is learned from a row
    (0, else -1), `truncated` which rows were cut, `items` how many tokens of each are learned; `source_rows` counts the
    rows that they were made from, and `has_chats` tells whether conversations are among them. With `packs` several
    short rows lie in one line of a batch (`engine.language.packing`). A row that `goes_on` is the next piece of the
    text that the row before it is of, where that is there. The tokens may lie on the disk.
    """

    ids: NDArray[np.int32]
    learned: NDArray[np.bool_]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    items: NDArray[np.int64]
    truncated: NDArray[np.bool_]
    limit: int
    pad_id: int
    source_rows: int
    goes_on: NDArray[np.bool_]
    has_chats: bool = False
    packs: bool = False

    @property
    def labels(self) -> NDArray[np.int64]:
        """Whether anything is learned from a row: 0, else -1."""
        return np.where(self.items > 0, 0, -1)

    @property
    def truth(self) -> NDArray[np.object_]:
        """The tokens of each row that are learned."""
        return by_row([self.tokens(row)[self.places(row) + 1] for row in range(len(self))])

    def __len__(self) -> int:
        return len(self.lengths)

    def tokens(self, row: int) -> Tokens:
        """Return the token ids of a row."""
        return np.asarray(self.ids[self._span(row)], dtype=np.int64)

    def places(self, row: int) -> Tokens:
        """Return the tokens of a row after which one is learned: the first of a block is given."""
        return np.flatnonzero(_foreseen(self.learned[self._span(row)], self.limit))

    def _span(self, row: int) -> slice:
        return slice(int(self.starts[row]), int(self.starts[row] + self.lengths[row]))

    def batch(self, indices: Sequence[int], seed: int | None) -> Batch:
        """Collate rows; what is learned goes along as `places` and `targets` (`language_models.surprise`)."""
        lines = [
            [row[at : at + self.limit] for at in range(0, len(row), self.limit)] for row in map(self.tokens, indices)
        ]
        inputs, begins = self._laid([block for blocks in lines for block in blocks])
        width = inputs["input_ids"].shape[1]
        most = max((int(self.items[row]) for row in indices), default=0)
        places = np.full((len(indices), max(most, 1)), -1, dtype=np.int64)
        labels = np.full(places.shape, UNLEARNED, dtype=np.int64)
        first = 0
        for at, (row, blocks) in enumerate(zip(indices, lines, strict=True)):
            found = self.places(row)
            labels[at, : len(found)] = self.tokens(row)[found + 1]
            places[at, : len(found)] = begins[first + found // self.limit] + found % self.limit
            places[at, : len(found)] -= 0 if self.packs else at * width
            first += len(blocks)
        targets = torch.from_numpy(labels)
        return Batch({**inputs, "places": torch.from_numpy(places), "targets": targets.clamp(min=0)}, targets)

    def _laid(self, blocks: Sequence[Tokens]) -> tuple[dict[str, torch.Tensor], Tokens]:
        """Lay blocks into lines; returns inputs, and where each block begins when all lines are read in a row."""
        if self.packs:
            laid = packing.lay(blocks, self.pad_id)
            inputs = {"input_ids": torch.from_numpy(laid.ids), "position_ids": torch.from_numpy(laid.positions)}
            return inputs, laid.starts
        ids = np.full((len(blocks), padded(max(map(len, blocks), default=1))), self.pad_id, dtype=np.int64)
        mask = np.zeros_like(ids)
        for at, block in enumerate(blocks):
            ids[at, : len(block)], mask[at, : len(block)] = block, 1
        inputs = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
        return inputs, np.arange(len(ids)) * ids.shape[1]

    def only(self, keep: NDArray[np.bool_]) -> WrittenTexts:
        """Return the rows that `keep` marks; the tokens stay where they are."""
        kept = {name: getattr(self, name)[keep] for name in _OF_ROWS}
        return replace(self, source_rows=int(keep.sum()), **kept)

    def in_blocks(self) -> WrittenTexts:
        """Return every block of every text as a row of its own, to be learned from by itself; a block has whatever
        follows each other in a text, in pieces or not.
        """
        first = np.flatnonzero(~self.goes_on | (self.starts != np.roll(self.starts + self.lengths, 1)))
        whole = np.add.reduceat(self.lengths, first) if len(first) else self.lengths
        counts = -(-whole // self.limit)
        if len(first) == len(self) and counts.max(initial=1) <= 1:
            return self
        number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        lengths = np.minimum(self.limit, np.repeat(whole, counts) - number * self.limit)
        starts = np.repeat(self.starts[first], counts) + number * self.limit
        told = np.array(
            [np.count_nonzero(self.learned[at + 1 : at + size]) for at, size in zip(starts, lengths, strict=True)]
        )
        is_cut = np.repeat(np.logical_or.reduceat(self.truncated, first), counts)
        alone = np.zeros(len(starts), dtype=bool)
        blocks = replace(self, starts=starts, lengths=lengths, items=told, truncated=is_cut, goes_on=alone)
        return replace(blocks.only(told > 0), source_rows=self.source_rows)


_OF_ROWS = ("starts", "lengths", "items", "truncated", "goes_on")


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


def for_strangers(tokenizer: Any, table: pa.Table, long_text: str) -> list[dict[str, str]]:
    """Return rows as one who has only the model could be given them (`exporters/_token_losses.py`)."""
    told = []
    for row in read_rows(table):
        if isinstance(row, str):
            told.append({"text": row} | ({} if long_text == "drop" else {"longer": "in blocks"}))
            continue
        answers = chat_forms.write(tokenizer, row).answers
        told.append({"messages": json.dumps(chats.plain(row)), "answers": json.dumps(answers)})
    return told


def encode(tokenizer: Any, table: pa.Table, long_text: str, folder: Path, *, packs: bool = False) -> WrittenTexts:
    """Encode conversations and texts for a model that reads `model_max_length` tokens at once; raises `InputError`.

    Of a longer conversation `long_text` tells which part is read. A longer text is read on in blocks, unless longer
    ones are to be left out. A tokenizer without chat template gets one where there are conversations. The rows stream
    by, and many tokens are kept in a file in `folder`.
    """
    refuse_slow(tokenizer)
    file, limit, has_chats = TokenFile(folder), int(tokenizer.model_max_length), False
    told, was_text = pieces.of(table), False
    lengths, items, is_cut = (np.zeros(table.num_rows, kind) for kind in (np.int64, np.int64, np.bool_))
    at = 0
    for start in range(0, table.num_rows, AT_ONCE):
        rows = read_rows(table.slice(start, AT_ONCE))
        if any(not isinstance(row, str) for row in rows):
            has_chats = True
            chat_forms.give_template(tokenizer)
        is_text = np.array([isinstance(row, str) and bool(row) for row in rows])
        here = slice(at, at + len(rows))
        told.goes_on[here] &= is_text & np.concatenate(([was_text], is_text[:-1]))
        was_text = bool(is_text[-1])
        for one in _encoded(tokenizer, rows, Pieces(told.goes_on[here], told.ends[here]), limit, long_text):
            file.add(one.ids, one.learned)
            lengths[at], is_cut[at] = len(one.ids), one.is_cut
            items[at] = np.count_nonzero(_foreseen(one.learned, limit))
            at += 1
    ids, learned = file.arrays()
    starts = np.cumsum(lengths) - lengths
    pad = int(tokenizer.pad_token_id or 0)
    return WrittenTexts(
        ids, learned, starts, lengths, items, is_cut, limit, pad, len(lengths), told.goes_on, has_chats, packs
    )


def _encoded(
    tokenizer: Any, rows: Sequence[tuple[Turn, ...] | str], told: Pieces, limit: int, long_text: str
) -> Iterator[_Row]:
    """Yield rows; texts are tokenized together, which is quicker."""
    at = [at for at, row in enumerate(rows) if isinstance(row, str) and row]
    words = [str(rows[one]) for one in at]
    many = pieces.tokenized(tokenizer, words, told.goes_on[at].tolist(), told.ends[at].tolist())
    for row, goes_on in zip(rows, told.goes_on.tolist(), strict=True):
        if isinstance(row, str):
            ids = next(many) if row else np.zeros(0, np.int64)
            learned = np.ones(len(ids), dtype=bool) if goes_on else _all_but_first(len(ids))
            yield _cut(tokenizer, ids, learned, limit, long_text, is_text=True)
        else:
            spelled = _conversation(tokenizer, row)
            yield _cut(tokenizer, spelled.ids, spelled.learned, limit, long_text, is_text=False)


def _all_but_first(count: int) -> NDArray[np.bool_]:
    """Return that the first token of all is given, and every later one is learned after the one before it."""
    learned = np.ones(count, dtype=bool)
    learned[:1] = False
    return learned


def _foreseen(learned: NDArray[np.bool_], limit: int) -> NDArray[np.bool_]:
    """Return after which tokens of a row one is learned, where that is not the first of a block."""
    return learned[1:] & (np.arange(1, len(learned)) % limit > 0)


def refuse_slow(tokenizer: Any) -> None:
    """Raise `InputError` for a tokenizer that cannot tell which letters its tokens stand for."""
    if not getattr(tokenizer, "is_fast", False):
        raise InputError(
            text("The tokenizer of this model cannot tell which letters its tokens stand for."),
            text("Choose a model with a file “tokenizer.json”."),
            field="model",
        )


def spell(tokenizer: Any, row: tuple[Turn, ...] | str, *, ends: bool = True) -> Spelled:
    """Tokenize a text, of which everything but its first token is learned, or a conversation; raises `InputError`.

    A text that does not end there (`ends`) is read as the first piece of one.
    """
    if not isinstance(row, str):
        return _conversation(tokenizer, row)
    ids, at = _tokenized(tokenizer, row, special=True) if row else (np.zeros(0, np.int64), np.zeros((0, 2), np.int64))
    whole = (pieces.ended if ends else pieces.unended)(tokenizer, ids) if row else ids
    at = np.concatenate((at[: len(whole)], np.full((max(0, len(whole) - len(ids)), 2), len(row))))
    return Spelled(row, whole, at, _all_but_first(len(whole)))


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


def cut(learned: NDArray[np.bool_], limit: int, long_text: str, *, is_text: bool) -> tuple[Tokens, NDArray[np.bool_]]:
    """Return which tokens of a row are read, and which of these are learned; `learned` are those of the whole row."""
    if is_text and long_text != "drop":
        return np.arange(len(learned)), learned & (np.arange(len(learned)) % limit > 0)  # the first of a block is given
    kept = _kept(len(learned), limit, long_text)
    left = learned[kept]
    left[:1] = False
    left[1:] &= np.diff(kept) == 1  # nothing is foreseen across a gap
    return kept, left


def _cut(tokenizer: Any, ids: Tokens, learned: NDArray[np.bool_], limit: int, long_text: str, *, is_text: bool) -> _Row:
    if not len(ids):  # every row is read as something
        return _Row(np.array([int(tokenizer.pad_token_id or 0)]), np.zeros(1, dtype=bool), is_cut=False)
    if is_text and long_text != "drop":  # where blocks begin is told later: pieces are read on
        return _Row(ids, learned, is_cut=False)
    kept, left = cut(learned, limit, long_text, is_text=is_text)
    return _Row(ids[kept], left, is_cut=len(kept) < len(ids))


def _kept(count: int, limit: int, long_text: str) -> Tokens:
    """Return which tokens of a row of `count` are read."""
    every = np.arange(count)
    if count <= limit:
        return every
    before = {"tail": 0, "both": limit // 2}.get(long_text, limit)
    return np.concatenate((every[:before], every[count - (limit - before) :]))
