"""How long the texts are, in characters, words or a model's tokens, from a bounded sample."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ftstudio.core import chats
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.datasets import identity
from ftstudio.datasets.splits import LEFT_OUT
from ftstudio.datasets.view import View

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MOST_TEXTS = 20_000
MOST_TOKENIZED = 2_000
MOST_BYTES_TOKENIZED = 2_000_000
FEWEST_TOKENIZED = 30
_LONGEST = 200_000
_SEED = 0


@dataclass(frozen=True)
class Lengths:
    """The lengths of a sample of texts, sorted; `unit` is characters, words or tokens, `rows` how many there are."""

    unit: str
    values: npt.NDArray[np.int64]
    rows: int

    @property
    def is_sample(self) -> bool:
        """Whether only some of the rows were measured."""
        return len(self.values) < self.rows

    def quantile(self, share: float) -> int:
        """Return the length that a share of the texts does not exceed; 0 without texts."""
        return int(np.quantile(self.values, share)) if len(self.values) else 0

    def histogram(self, bins: int = 30) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return counts and the edges of the bins; the last bin ends at the longest text."""
        counts, edges = np.histogram(self.values, bins=min(bins, max(1, self.quantile(1.0))))
        return counts.astype(np.int64), edges


def read_texts(view: View) -> pa.ChunkedArray:
    """Return what a model reads of each row: its text, the second text if there is one, and where it learns to
    answer, the answer.
    """
    roles = [ColumnRole.TEXT, ColumnRole.TEXT_PAIR, *([ColumnRole.LABEL] if view.answer is Answer.TEXT else [])]
    texts = [view.column(role) for role in roles if view.has(role)]
    return texts[0] if len(texts) == 1 else pc.binary_join_element_wise(*(pc.fill_null(one, "") for one in texts), " ")


def without_forms(view: View, texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return texts as they are read: of conversations what is said, without the form that they are written in."""
    if view.answer is not Answer.TEXT or view.has(ColumnRole.LABEL):
        return texts
    return pa.chunked_array([pa.array([one and chats.in_words(one) for one in texts.to_pylist()], pa.string())])


def measure(view: View, unit: str, model: Path | None = None) -> Lengths | None:
    """Measure the texts of all usable rows; None without a text column, or without a tokenizer for tokens."""
    if not view.has(ColumnRole.TEXT):
        return None
    rows = np.flatnonzero(view.split != LEFT_OUT)
    column = read_texts(view)
    chosen = sample_for_tokens(rows, column) if unit == "tokens" else sample(rows, MOST_TEXTS)
    texts = without_forms(view, identity.take(column, chosen))
    if unit == "tokens":
        tokenizer = load_tokenizer(model) if model else None
        if tokenizer is None:
            return None
        values = token_counts(tokenizer, texts.to_pylist())
    elif unit == "words":
        values = pc.add(pc.count_substring(pc.utf8_trim_whitespace(texts), " "), 1).to_numpy()
    else:
        values = pc.utf8_length(texts).to_numpy()
    return Lengths(unit, np.sort(np.asarray(values, dtype=np.int64)), len(rows))


def sample(rows: npt.NDArray[np.int64], most: int) -> npt.NDArray[np.int64]:
    """Return at most `most` of the rows, the same ones each time, in order."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(_SEED).choice(rows, most, replace=False))


def sample_for_tokens(rows: npt.NDArray[np.int64], texts: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Return some of the rows whose texts together take about a second to cut into tokens, in order."""
    chosen = np.random.default_rng(_SEED).permutation(sample(rows, MOST_TOKENIZED))
    sizes = np.minimum(byte_lengths(texts)[chosen], _LONGEST)
    fitting = int(np.searchsorted(np.cumsum(sizes), MOST_BYTES_TOKENIZED))
    return np.sort(chosen[: max(fitting, FEWEST_TOKENIZED)])


def byte_lengths(texts: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Return the size of each text in bytes; a token has at least one."""
    lengths: npt.NDArray[np.int64] = pc.fill_null(pc.binary_length(texts), 0).to_numpy()
    return lengths


def load_tokenizer(model: Path) -> Tokenizer | None:
    """Return the tokenizer in a model's folder without its stored cutting and padding; None when there is none."""
    place = model / "tokenizer.json"
    try:
        return _load(place, place.stat().st_mtime_ns)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=2)
def _load(place: Path, changed: int) -> Tokenizer | None:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(place))
    except Exception:  # the library raises plain Exception for every kind of damage
        return None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def token_counts(tokenizer: Tokenizer, texts: list[str | None]) -> list[int]:
    """Return the number of tokens of each text, special ones included; very long texts are measured in proportion."""
    cut = [(text or "")[:_LONGEST] for text in texts]
    counts = [len(encoding.ids) for encoding in tokenizer.encode_batch_fast(cut)]
    return [
        count if not text or len(text) <= _LONGEST else round(count * len(text) / _LONGEST)
        for count, text in zip(counts, texts, strict=True)
    ]
