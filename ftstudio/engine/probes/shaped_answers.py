"""Simple ways of answering with several labels, or with a number: the usual answer, a bag of words, a line.

As `simple_answers`, they give logits in the form of the task's (`engine.answers.several_labels`, `.numbers`).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core.specs import Answer
from ftstudio.engine import rows
from ftstudio.engine.probes.simple_answers import MOST_WORDS, NEVER, word_options

Floats = NDArray[np.float32]

PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0, 1_000.0)
STRENGTH = 10.0  # inverse regularisation on words, as for one label


class Way(Protocol):
    """How one kind of answer is given without a model. Truth is [rows, labels] or [rows, 1], NaN where not known."""

    usual_key: str
    words_key: str

    def truth(self, table: pa.Table, names: Sequence[str]) -> Floats:
        """Return what is true of the rows of a table."""

    def scored_by(self, truth: Floats, learned: Floats) -> Floats:
        """Return truth as the task scores by it."""

    def usual(self, learned: Floats, count: int) -> Floats:
        """Return the logits of always answering the same, for `count` rows."""

    def by_words(self, learned: Sequence[str], truth: Floats, asked: Sequence[Sequence[str]]) -> list[Floats]:
        """Fit TF-IDF of words to texts and answer each list in `asked`."""

    def by_features(self, learned: Floats, truth: Floats, asked: Sequence[Floats]) -> list[Floats]:
        """Fit a line to features [rows, channels] and answer each of `asked`."""


def way_of(answer: Answer) -> Way:
    """Return how answers of a kind are given."""
    return _Number() if answer is Answer.NUMBER else _Labels()


def some_known(truth: NDArray[Any], most: int, seed: int) -> NDArray[np.int64]:
    """Return at most `most` of the rows whose truth is known, in order."""
    known = np.flatnonzero(~np.isnan(truth).any(axis=1))
    return known if len(known) <= most else np.sort(np.random.default_rng(seed).permutation(known)[:most])


def fitted_labels(features: Any, truth: Floats, strength: float) -> list[Any]:
    """Return a logistic regression for each label, or its share (0 or 1) where all rows are alike."""
    from sklearn.linear_model import LogisticRegression

    made: list[Any] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for column in truth.T:
            same = float(column[0]) if len(np.unique(column)) < 2 else None
            made.append(
                LogisticRegression(C=strength, max_iter=200).fit(features, column > 0.5) if same is None else same
            )
    return made


def answered_labels(models: Sequence[Any], features: Any) -> Floats:
    """Return the logits of each label by itself, shape [rows, labels]."""
    count = features.shape[0]
    columns = [
        np.full(count, -NEVER if one else NEVER) if isinstance(one, float) else one.decision_function(features)
        for one in models
    ]
    return np.column_stack(columns).astype(np.float32).clip(NEVER, -NEVER)


class _Labels:
    usual_key, words_key = "usual_labels", "bag_of_words"

    def truth(self, table: pa.Table, names: Sequence[str]) -> Floats:
        return rows.label_sets(table, names)

    def scored_by(self, truth: Floats, learned: Floats) -> Floats:
        return truth

    def usual(self, learned: Floats, count: int) -> Floats:
        known = learned[~np.isnan(learned).any(axis=1)]
        share = known.mean(axis=0).clip(1e-6, 1 - 1e-6)
        return np.tile(np.log(share / (1 - share)).astype(np.float32), (count, 1))

    def by_words(self, learned: Sequence[str], truth: Floats, asked: Sequence[Sequence[str]]) -> list[Floats]:
        words, features = _words(learned)
        if words is None:
            return [self.usual(truth, len(texts)) for texts in asked]
        models = fitted_labels(features, truth, STRENGTH)
        return [answered_labels(models, words.transform(texts)) if len(texts) else truth[:0] for texts in asked]

    def by_features(self, learned: Floats, truth: Floats, asked: Sequence[Floats]) -> list[Floats]:
        mean, spread = learned.mean(axis=0), learned.std(axis=0) + 1e-6
        models = fitted_labels((learned - mean) / spread, truth, 0.01)
        return [answered_labels(models, (one - mean) / spread) for one in asked]


class _Number:
    usual_key, words_key = "mean", "bag_of_words_ridge"

    def truth(self, table: pa.Table, names: Sequence[str]) -> Floats:
        return rows.numbers(table)

    def scored_by(self, truth: Floats, learned: Floats) -> Floats:
        unit = float(np.nanstd(learned)) or 1.0
        return np.column_stack((truth[:, :1], np.full(len(truth), unit, np.float32)))

    def usual(self, learned: Floats, count: int) -> Floats:
        return np.full((count, 1), float(np.nanmean(learned[:, 0])), np.float32)

    def by_words(self, learned: Sequence[str], truth: Floats, asked: Sequence[Sequence[str]]) -> list[Floats]:
        words, features = _words(learned)
        if words is None:
            return [self.usual(truth, len(texts)) for texts in asked]
        model = _ridge(features, truth[:, 0])
        return [_said(model, words.transform(texts)) if len(texts) else truth[:0, :1] for texts in asked]

    def by_features(self, learned: Floats, truth: Floats, asked: Sequence[Floats]) -> list[Floats]:
        mean, spread = learned.mean(axis=0), learned.std(axis=0) + 1e-6
        model = _ridge((learned - mean) / spread, truth[:, 0])
        return [_said(model, (one - mean) / spread) for one in asked]


def _ridge(features: Any, wanted: Floats) -> Any:
    """Fit a line whose penalty leave-one-out, or a few folds of sparse rows, choose."""
    from sklearn.linear_model import Ridge, RidgeCV
    from sklearn.model_selection import GridSearchCV

    if isinstance(features, np.ndarray):
        return RidgeCV(alphas=[one * 10 for one in PENALTIES]).fit(features, wanted)
    if len(wanted) < 10:
        return Ridge(alpha=1.0).fit(features, wanted)
    return GridSearchCV(Ridge(), {"alpha": PENALTIES}, cv=3).fit(features, wanted)


def _said(model: Any, features: Any) -> Floats:
    return np.asarray(model.predict(features), dtype=np.float32).reshape(-1, 1)


def _words(learned: Sequence[str]) -> tuple[Any, Any]:
    """Return what turns texts into words, and those of `learned`; (None, None) where no text has a word."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=MOST_WORDS, **word_options(learned))
    try:
        return words, words.fit_transform(learned)
    except ValueError:
        return None, None
