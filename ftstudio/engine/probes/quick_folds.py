"""Answers to rows not learned from, in about the time of one pass: simple models on what the unchanged model sees.

Rows are divided into folds several times over; in each, a logistic regression on the features of the unchanged model
and, for texts, one on words answer the rows held back. They err differently, so the mean of all is more often right
than either.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.deciding import sigmoid
from ftstudio.core.specs import Answer, Modality
from ftstudio.core.text import text
from ftstudio.datasets import folds
from ftstudio.engine.guards import depth
from ftstudio.engine.guards.studies import Study
from ftstudio.engine.layers.freezing import parts_of
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.probes import shaped_answers, simple_answers
from ftstudio.engine.runs import preparation

FOLDS = 5
STRENGTH = 0.01  # inverse regularisation on standardised features; weaker learns wrong labels by heart
MOST_LEARNED = 5_000  # rows that each answer is fitted to
LOOKING = text("Running all rows through the model")
FITTING = text("Asking about rows that were not learned from")

Matrix = NDArray[np.float64]
Rows = NDArray[np.int64]


def probabilities(study: Study[Any], pool: folds.Pool, repeats: int) -> Matrix:
    """Return the mean belief in each label over all rounds, shape [rows, labels]; each row sums to 1."""
    features = _standardised(_features(study, pool))
    texts = simple_answers.texts_of(pool.table) if study.task.SPEC.modality is Modality.TEXT else []
    total = np.zeros((len(pool), len(pool.names)))
    for at in range(repeats):
        fold = folds.assign(pool.labels, pool.units, FOLDS, study.settings.seed + at)
        for held in range(FOLDS):
            study.tell(FITTING, at * FOLDS + held, repeats * FOLDS)
            asked, inner = np.flatnonzero(fold == held), np.flatnonzero(fold != held)
            learned = inner[simple_answers.some_rows(pool.labels[inner], MOST_LEARNED, study.settings.seed + at)]
            if len(asked) and len(np.unique(pool.labels[learned])) > 1:
                total[asked] += _answers(features, texts, pool, learned, asked)
    sums: Matrix = total.sum(axis=1, keepdims=True)
    return np.where(sums > 0, total / np.maximum(sums, 1e-12), 1.0 / len(pool.names))


def outputs(study: Study[Any], pool: folds.Pool, truth: NDArray[np.float32], repeats: int) -> Matrix:
    """Return the mean answers over all rounds where rows have several labels or a number: the probability of each
    label, or the number, in the shape of `truth` (NaN where it is not known).
    """
    way, features = shaped_answers.way_of(study.task.SPEC.answer), _features(study, pool)
    texts = simple_answers.texts_of(pool.table) if study.task.SPEC.modality is Modality.TEXT else []
    total = np.zeros(truth.shape)
    for at in range(repeats):
        seed = study.settings.seed + at
        fold = folds.assign(pool.labels, pool.units, FOLDS, seed)
        for held in range(FOLDS):
            study.tell(FITTING, at * FOLDS + held, repeats * FOLDS)
            asked, inner = np.flatnonzero(fold == held), np.flatnonzero(fold != held)
            learned = inner[shaped_answers.some_known(truth[inner], MOST_LEARNED, seed)]
            if not len(asked) or not len(learned):
                continue
            said = way.by_features(features[learned], truth[learned], [features[asked]])
            if texts:
                words = [texts[row] for row in learned], truth[learned], [[texts[row] for row in asked]]
                said += way.by_words(*words)
            made = [one if study.task.SPEC.answer is Answer.NUMBER else sigmoid(one) for one in said]
            total[asked] += np.mean(made, axis=0) / repeats
    return total


def _answers(features: NDArray[np.float32], texts: list[str], pool: folds.Pool, learned: Rows, asked: Rows) -> Matrix:
    from sklearn.linear_model import LogisticRegression

    classes = len(pool.names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        line = LogisticRegression(C=STRENGTH, max_iter=200).fit(features[learned], pool.labels[learned])
    found: Matrix = np.exp(simple_answers.answers(line, features[asked], classes).astype(np.float64))
    if texts:
        words = [texts[row] for row in learned], pool.labels[learned], [[texts[row] for row in asked]]
        found += np.exp(simple_answers.bag_of_words(*words, classes)[0].astype(np.float64))
    return found


def _features(study: Study[Any], pool: folds.Pool) -> NDArray[np.float32]:
    """Return what the unchanged model makes of each row before its head, shape [rows, channels]."""
    names = pool.learned
    bundle = preparation.load(study.task, study.model_folder, names, study.settings, study.hardware, study.tell)
    study.tell(preparation.ENCODING, 0, 1)
    examples = study.task.encode(bundle, pool.table, study.dataset.folder)
    feed = ModelFeed(study.task, bundle, examples, study.settings)
    last = depth.watchpoints(bundle.model, parts_of(bundle.model), len(bundle.labels))[-1:]
    found = depth.collect(feed, last, study.hardware, lambda done, total: study.tell(LOOKING, done, total))
    return found.values[0].astype(np.float32)


def _standardised(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = (rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-6)
    return scaled
