"""Texts as token ids, and the loading of text models with a new head; shared by the language tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ftstudio.core.errors import StudioError
from ftstudio.core.text import text
from ftstudio.engine import backend
from ftstudio.engine.learning.batching import padded
from ftstudio.engine.task import Batch

_ENDLESS = 20_000  # characters: texts up to here are given to the tokenizer as they are
_MARGIN = 200  # tokens: so many may differ at a place where a text was cut in the middle of a word
_DROPOUT_NUMBERS = ("attention_dropout", "activation_dropout", "dropout", "dropout_prob", "attn_pdrop")


@dataclass
class TextExamples:
    """Token ids of many texts in one flat array; row i is `ids[offsets[i] : offsets[i + 1]]`.

    `segments` tell the first text from the second (None where the model has none); `truncated` marks rows that
    were longer than the model reads.
    """

    ids: NDArray[np.int32]
    segments: NDArray[np.int8] | None
    offsets: NDArray[np.int64]
    truncated: NDArray[np.bool_]
    labels: NDArray[np.int64]
    pad_id: int

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens per row, special tokens counted."""
        return np.diff(self.offsets)

    def __len__(self) -> int:
        return len(self.labels)

    def batch(self, indices: Sequence[int], seed: int | None) -> Batch:
        """Pad rows to one length; texts have no augmentation, so `seed` has no effect."""
        width = padded(max((int(self.offsets[row + 1] - self.offsets[row]) for row in indices), default=1))
        ids = np.full((len(indices), width), self.pad_id, dtype=np.int64)
        mask = np.zeros((len(indices), width), dtype=np.int64)
        segments = np.zeros((len(indices), width), dtype=np.int64)
        for at, row in enumerate(indices):
            start, end = self.offsets[row], self.offsets[row + 1]
            ids[at, : end - start] = self.ids[start:end]
            mask[at, : end - start] = 1
            if self.segments is not None:
                segments[at, : end - start] = self.segments[start:end]
        inputs = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
        if self.segments is not None:
            inputs["token_type_ids"] = torch.from_numpy(segments)
        return Batch(inputs, torch.from_numpy(self.labels[list(indices)]))

    def only(self, keep: NDArray[np.bool_]) -> TextExamples:
        """Return the rows that `keep` marks."""
        rows = np.flatnonzero(keep)
        spans = [slice(self.offsets[row], self.offsets[row + 1]) for row in rows]
        lengths = self.lengths[rows]
        ids = np.concatenate([self.ids[span] for span in spans]) if spans else self.ids[:0]
        segments = None
        if self.segments is not None:
            segments = np.concatenate([self.segments[span] for span in spans]) if spans else self.segments[:0]
        offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        return TextExamples(ids, segments, offsets, self.truncated[rows], self.labels[rows], self.pad_id)


def load_tokenizer(folder: Path, max_length: int, long_text: str) -> Any:
    """Load the tokenizer of a model folder with its own truncation and padding removed and ours set.

    A tokenizer file can carry a truncation of its own (MiniLM's cuts at 128 silently); the limit saved with the
    trained model is `max_length`, and the side that is cut follows `long_text`.
    """
    backend.prepare()
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except Exception as error:  # whatever the tokenizers library meets, it raises plain Exception
        raise StudioError(
            text("The tokenizer in “{folder}” could not be loaded: {reason}", folder=folder.name, reason=str(error)),
            text("Choose another model, or get the folder again."),
            file=str(folder),
        ) from error
    inner = getattr(tokenizer, "_tokenizer", None)
    if inner is not None:
        inner.no_truncation()
        inner.no_padding()
    tokenizer.model_max_length = max_length
    tokenizer.truncation_side = "left" if long_text == "tail" else "right"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    return tokenizer


def encode(
    tokenizer: Any,
    texts: Sequence[str],
    pairs: Sequence[str] | None,
    labels: NDArray[np.int64],
    long_text: str,
    lead: int = 1,
) -> TextExamples:
    """Encode texts (and second texts) up to the tokenizer's `model_max_length`; see `settings.long_text`.

    `lead` is the number of special tokens that a text begins with.
    """
    limit = int(tokenizer.model_max_length)
    has_segments = "token_type_ids" in tokenizer.model_input_names
    ids: list[NDArray[np.int32]] = []
    segments: list[NDArray[np.int8]] = []
    truncated = np.zeros(len(texts), dtype=bool)
    for start in range(0, len(texts), 1024):
        first, second = (
            [shortened(tokenizer, one, limit, long_text) for one in many[start : start + 1024]]
            for many in (texts, pairs or ())
        )
        encoded = tokenizer(
            first,
            second if pairs is not None else None,
            padding=False,
            truncation="longest_first" if pairs is not None else False,
            max_length=limit if pairs is not None else None,
            return_attention_mask=False,
            return_token_type_ids=has_segments,
            verbose=False,
        )
        for at, row in enumerate(encoded["input_ids"]):
            kept, truncated[start + at] = cut(row, limit, long_text, lead)
            ids.append(kept)
            if has_segments:
                segments.append(np.asarray(encoded["token_type_ids"][at], dtype=np.int8)[: len(kept)])
    offsets = np.concatenate(([0], np.cumsum([len(row) for row in ids]))).astype(np.int64)
    return TextExamples(
        np.concatenate(ids) if ids else np.zeros(0, np.int32),
        (np.concatenate(segments) if segments else np.zeros(0, np.int8)) if has_segments else None,
        offsets,
        truncated,
        labels,
        int(tokenizer.pad_token_id or 0),
    )


def shortened(tokenizer: Any, passage: str, tokens: int, long_text: str) -> str:
    """Return an endless passage without what lies beyond its first `tokens` tokens (or its last, see `long_text`).

    A book would be tokenized whole for the few hundred tokens that a model reads. “…” stands for what was left out.
    """
    if len(passage) <= _ENDLESS:
        return passage
    size = max(_ENDLESS, 8 * tokens) // 2
    while 2 * size < len(passage):
        start, end = passage[:size], passage[-size:]
        ends = {"tail": [end], "both": [start, end]}.get(long_text, [start])
        if all(_count(tokenizer, one) >= tokens + _MARGIN for one in ends):
            return {"tail": f"… {end}", "both": f"{start} … {end}"}.get(long_text, f"{start} …")
        size *= 4
    return passage


def _count(tokenizer: Any, passage: str) -> int:
    return len(tokenizer(passage, add_special_tokens=False, verbose=False)["input_ids"])


def token_spans(tokenizer: Any, passage: str, pair: str | None, long_text: str) -> NDArray[np.int64] | None:
    """Return where the tokens of one row that `encode` makes come from, shape [tokens, 3]: text 0 or 1, start, end.

    Special tokens have text -1. None where the tokenizer cannot tell.
    """
    if not getattr(tokenizer, "is_fast", False):
        return None
    limit = int(tokenizer.model_max_length)
    encoded = tokenizer(
        [passage],
        None if pair is None else [pair],
        padding=False,
        truncation="longest_first" if pair is not None else False,
        max_length=limit if pair is not None else None,
        verbose=False,
    ).encodings[0]
    return _spans(encoded, limit, long_text)


def spans_of_tokens(tokenizer: Any, texts: Sequence[str], long_text: str) -> list[NDArray[np.int64]]:
    """Return `token_spans` of many texts at once; the tokenizer must be a fast one."""
    limit = int(tokenizer.model_max_length)
    result: list[NDArray[np.int64]] = []
    for start in range(0, len(texts), 1024):
        encodings = tokenizer(list(texts[start : start + 1024]), padding=False, verbose=False).encodings
        result += [_spans(encoded, limit, long_text) for encoded in encodings]
    return result


def _spans(encoded: Any, limit: int, long_text: str) -> NDArray[np.int64]:
    texts = [-1 if one is None else one for one in encoded.sequence_ids]
    kept, _ = cut(range(len(texts)), limit, long_text)
    return np.array([(texts[at], *encoded.offsets[at]) for at in kept], dtype=np.int64).reshape(-1, 3)


def tokens_at(encoding: Any, which: int) -> NDArray[np.int64]:
    """Return where the tokens of an encoding come from, shape [tokens, 3]: 0 if text `which`, else -1; start, end."""
    return np.array(
        [(0 if one == which else -1, *at) for one, at in zip(encoding.sequence_ids, encoding.offsets, strict=True)],
        dtype=np.int64,
    ).reshape(-1, 3)


def cut(row: Sequence[int], limit: int, long_text: str, lead: int = 1) -> tuple[NDArray[np.int32], bool]:
    """Shorten one row to `limit`, keeping its last (special) token and the `lead` first ones."""
    ids = np.asarray(row, dtype=np.int32)
    if len(ids) <= limit:
        return ids, False
    before = {"tail": lead, "both": limit // 2}.get(long_text, limit - 1)
    return np.concatenate((ids[:before], ids[len(ids) - (limit - before) :])), True


def set_dropout(model: nn.Module, share: float | None) -> None:
    """Set every dropout of a model to `share`; None leaves them as the model was made."""
    if share is None:
        return
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = share
        for name in _DROPOUT_NUMBERS:
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, share)
