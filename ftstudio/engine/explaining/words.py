"""A text (or a pair of texts) as words that can be weighed and taken away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from torch import Tensor

from ftstudio.core.specs import Modality
from ftstudio.engine.explaining.subject import Removal
from ftstudio.engine.inference.answering import Trained
from ftstudio.engine.language.text import shortened, token_spans
from ftstudio.engine.learning.evaluation import logits_of

# Chinese and Japanese are written without spaces: there each sign is a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\s\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_LETTER = re.compile(r"\w")
BETWEEN = "\n\n"
_REACH = 3  # times what a model reads: what lies further on cannot come into its sight


@dataclass(frozen=True)
class Word:
    """A word of text number `text` (0, or 1 for the second of a pair), from `start` to `end`."""

    text: int
    start: int
    end: int


class Words:
    """One text or pair as a `Subject`; its parts are its words in order. Of endless texts what can be read counts."""

    modality = Modality.TEXT

    def __init__(self, trained: Trained, texts: Sequence[str]) -> None:
        processor, long_text = trained.bundle.processor, trained.bundle.settings.long_text
        # Where words are taken away, later ones are read in their place: at most as many again.
        reach = _REACH * int(processor.model_max_length)
        self.trained, self.texts = trained, tuple(shortened(processor, one, reach, long_text) for one in texts)
        self.words = [
            Word(at, found.start(), found.end()) for at, one in enumerate(self.texts) for found in _WORD.finditer(one)
        ]
        self.parts = len(self.words)
        feed = trained.feed(self._table([self.texts]), trained.bundle.base)
        self.inputs: dict[str, Tensor] = feed.batch([0]).to(trained.hardware.device).inputs
        self.owners = self._owners()
        self.worth = self._worth()

    def without(self, removals: Sequence[Removal]) -> NDArray[np.float32]:
        """Return the logits of the text with words cut out, as if it had been written without them."""
        feed = self.trained.feed(self._table([self._cut(one) for one in removals]), self.trained.bundle.base)
        return logits_of(feed, self.trained.hardware)

    def part_weights(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weights as they are: methods weigh words."""
        return weights

    def pieces(self, weights: NDArray[np.float64]) -> list[tuple[str, float]]:
        """Return the text in pieces, each with its weight."""
        found: list[tuple[str, float]] = []
        for at, passage in enumerate(self.texts):
            end = 0
            found += [(BETWEEN, 0.0)] if at else []
            for word, weight in zip(self.words, weights, strict=True):
                if word.text == at:
                    found += [(passage[end : word.start], 0.0)] if word.start > end else []
                    found.append((passage[word.start : word.end], float(weight)))
                    end = word.end
            found += [(passage[end:], 0.0)] if end < len(passage) else []
        return found

    def _cut(self, removal: Removal) -> tuple[str, ...]:
        cut = []
        for at, passage in enumerate(self.texts):
            parts, end = [], 0
            for word, gone in zip(self.words, removal, strict=True):
                if gone and word.text == at:
                    parts.append(passage[end : word.start])
                    end = word.end
            cut.append("".join([*parts, passage[end:]]))
        return tuple(cut)

    def _table(self, rows: Sequence[Sequence[str]]) -> pa.Table:
        names = ("text", "text_pair")[: len(self.texts)]
        return pa.table({name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(names)})

    def _owners(self) -> NDArray[np.int64] | None:
        """Return the word that each token belongs to, -1 for special tokens; None where the tokenizer cannot tell."""
        pair = self.texts[1] if len(self.texts) > 1 else None
        settings = self.trained.bundle.settings
        spans = token_spans(self.trained.bundle.processor, self.texts[0], pair, settings.long_text)
        if spans is None:
            return None
        letters = [np.full(len(one) + 1, -1, dtype=np.int64) for one in self.texts]
        for number, word in enumerate(self.words):
            letters[word.text][word.start : word.end] = number
        owners = np.full(len(spans), -1, dtype=np.int64)
        for token, (at, start, end) in enumerate(spans):
            if at >= 0 and end > start:
                owners[token] = letters[at][start:end].max()
        return owners

    def _worth(self) -> NDArray[np.bool_]:
        """Return which words were read and have a letter or figure in them."""
        written = [bool(_LETTER.search(self.texts[word.text][word.start : word.end])) for word in self.words]
        worth = np.array(written, dtype=bool).reshape(self.parts)
        if self.owners is not None:
            worth &= np.isin(np.arange(self.parts), self.owners)
        return worth
