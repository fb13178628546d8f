"""Simple ways of answering, fitted in seconds: always the commonest label, bag of words, a line through features.

Each gives logits, so that a task scores them as it scores a model.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Logits = NDArray[np.float32]
Labels = NDArray[np.int64]

NEVER = -20.0  # the logit of a class that was not among the rows fitted to
SPACES = 0.03  # texts with a smaller share of spaces are not written in words
MOST_WORDS = 50_000


def majority(labels: Labels, classes: int, rows: int) -> Logits:
    """Return the logits of always answering the commonest label, as sure as that is common; shape [rows, classes]."""
    counts = np.bincount(labels, minlength=classes)
    shares = np.log(np.maximum(counts, 1e-9) / counts.sum()).astype(np.float32)
    return np.tile(np.maximum(shares, NEVER), (rows, 1))


def bag_of_words(learned: Sequence[str], labels: Labels, asked: Sequence[Sequence[str]], classes: int) -> list[Logits]:
    """Fit TF-IDF of words and pairs of words with logistic regression; answer each list of texts in `asked`.

    Texts that are not written with spaces between words are cut into single characters and pairs of them.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=MOST_WORDS, **word_options(learned))
    try:
        features = words.fit_transform(learned)
    except ValueError:  # no text has a single word
        return [majority(labels, classes, len(texts)) for texts in asked]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = LogisticRegression(C=10.0, max_iter=200).fit(features, labels)
    return [answers(model, words.transform(texts), classes) if len(texts) else _none(classes) for texts in asked]


def answers(model: Any, features: Any, classes: int) -> Logits:
    """Return log probabilities over all classes, also those that the fitted rows did not have."""
    logits = np.full((features.shape[0], classes), NEVER, dtype=np.float32)
    logits[:, model.classes_] = np.maximum(model.predict_log_proba(features), NEVER)
    return logits


def texts_of(table: pa.Table) -> list[str]:
    """Return the texts of a table; second texts are put after the first."""
    texts = [value or "" for value in table["text"].to_pylist()]
    if "text_pair" not in table.column_names:
        return texts
    return [f"{one}\n{other or ''}" for one, other in zip(texts, table["text_pair"].to_pylist(), strict=True)]


def some_rows(labels: Labels, most: int, seed: int) -> Labels:
    """Return at most `most` rows, in order, each class by its share but with at least one row where there is one."""
    known = np.flatnonzero(labels >= 0)
    if len(known) <= most:
        return known
    chance = np.random.default_rng(seed)
    kept = []
    for label in np.unique(labels[known]):
        rows = chance.permutation(known[labels[known] == label])
        kept.append(rows[: max(1, round(most * len(rows) / len(known)))])
    return np.sort(np.concatenate(kept))


def word_options(learned: Sequence[str]) -> dict[str, Any]:
    """Return how texts like these are cut for a bag of words: into words, or into characters."""
    return {"token_pattern": r"(?u)\b\w+\b"} if _has_words(learned) else {"analyzer": "char", "token_pattern": None}


def _has_words(texts: Sequence[str]) -> bool:
    sample = "".join(texts[:200])
    return sum(map(str.isspace, sample)) >= SPACES * len(sample)


def _none(classes: int) -> Logits:
    return np.zeros((0, classes), dtype=np.float32)
