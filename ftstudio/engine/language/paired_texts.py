"""Texts and what is to be written in their place, as an encoder-decoder reads and learns them: token ids of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray

from ftstudio.core.settings import TrainingSettings
from ftstudio.engine.answers.outputs import by_row
from ftstudio.engine.language import text
from ftstudio.engine.language.text import TextExamples
from ftstudio.engine.language.written_texts import UNLEARNED
from ftstudio.engine.task import Batch

_AT_ONCE = 1024


@dataclass
class PairedTexts:
    """Encoded rows: what is read, and what is to be written. A row costs what both cost."""

    sources: TextExamples
    targets: TextExamples
    row_by_row = False

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens per row, of both texts."""
        return self.sources.lengths + self.targets.lengths

    @property
    def labels(self) -> NDArray[np.int64]:
        """Whether there is anything to write: 0, else -1."""
        return self.targets.labels

    @property
    def truncated(self) -> NDArray[np.bool_]:
        """Which rows were longer than is read or written."""
        return self.sources.truncated | self.targets.truncated

    @property
    def items(self) -> NDArray[np.int64]:
        """Tokens to be written per row."""
        return self.targets.lengths

    @property
    def truth(self) -> NDArray[np.object_]:
        """The tokens to be written, an array a row."""
        ids = self.targets.ids.astype(np.int64)
        return by_row(np.split(ids, self.targets.offsets[1:-1]) if len(self) else [])

    def __len__(self) -> int:
        return len(self.sources)

    def batch(self, indices: Sequence[int], seed: int | None) -> Batch:
        """Pad both sides to one length each; padding is never learned (`encoder_decoders.surprise`)."""
        inputs, written = self.sources.batch(indices, seed).inputs, self.targets.batch(indices, seed).inputs
        targets = torch.where(written["attention_mask"] > 0, written["input_ids"], UNLEARNED)
        read = {key: inputs[key] for key in ("input_ids", "attention_mask")}
        return Batch({**read, "targets": targets}, targets)

    def only(self, keep: NDArray[np.bool_]) -> PairedTexts:
        """Return the rows that `keep` marks."""
        return PairedTexts(self.sources.only(keep), self.targets.only(keep))


def encode_pairs(tokenizer: Any, table: pa.Table, settings: TrainingSettings) -> PairedTexts:
    """Encode the columns `text` and, where it is there, `label` up to the lengths of the settings."""
    count = table.num_rows
    wanted = table["label"].to_pylist() if "label" in table.column_names else [None] * count
    labels = np.array([0 if one and one.strip() else -1 for one in wanted], dtype=np.int64)
    read = [one or "" for one in table["text"].to_pylist()]
    sources = text.encode(tokenizer, read, None, labels, settings.long_text, lead(tokenizer))
    return PairedTexts(sources, _targets(tokenizer, wanted, labels, settings.target_length))


def lead(tokenizer: Any) -> int:
    """Return the number of special tokens that a text begins with: T5 only ends a text, BART begins it, too."""
    return int(len(tokenizer("", verbose=False)["input_ids"]) > 1)


def _targets(tokenizer: Any, wanted: Sequence[str | None], labels: NDArray[np.int64], limit: int) -> TextExamples:
    ids: list[list[int]] = []
    for start in range(0, len(wanted), _AT_ONCE):
        some = [text.shortened(tokenizer, one or "", limit, "head") for one in wanted[start : start + _AT_ONCE]]
        found = tokenizer(text_target=some, padding=False, verbose=False)["input_ids"]
        ids += [_ended(row if label >= 0 else [], tokenizer) for row, label in zip(found, labels[start:], strict=False)]
    kept = [text.cut(row, limit, "head") for row in ids]
    return TextExamples(
        np.concatenate([row for row, _ in kept]) if kept else np.zeros(0, np.int32),
        None,
        np.concatenate(([0], np.cumsum([len(row) for row, _ in kept]))).astype(np.int64),
        np.array([is_cut for _, is_cut in kept], dtype=bool),
        labels,
        int(tokenizer.pad_token_id or 0),
    )


def _ended(row: list[int], tokenizer: Any) -> list[int]:
    """Return the ids of a text with the token that ends one: that it ends is learned, too."""
    ends = tokenizer.eos_token_id
    return [*row, ends] if row and ends is not None and ends not in row else row


def for_strangers(table: pa.Table, settings: TrainingSettings) -> list[dict[str, str]]:
    """Return rows as one who has only the model could be given them (`exporters/_token_losses.py`)."""
    rows = zip(table["text"].to_pylist(), table["label"].to_pylist(), strict=True)
    longest = str(settings.target_length)
    return [{"text": read or "", "target": wanted or "", "target_length": longest} for read, wanted in rows]
