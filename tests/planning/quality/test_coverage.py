"""What saying “don't know” gains, and the thresholds that serve a wish."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from ftstudio.planning.quality import thresholds
from ftstudio.planning.quality.coverage import coverage

CONFIDENCE = np.array([0.9, 0.5, 0.7, 0.9, 0.6])
RIGHT = np.array([True, False, True, True, False])


def test_a_limit_answers_the_rows_that_are_sure_enough() -> None:
    found = coverage(CONFIDENCE, RIGHT)

    assert (found.at(0.0).answered, found.at(0.0).right) == (1.0, pytest.approx(0.6))
    assert (found.at(0.7).answered, found.at(0.7).right) == (pytest.approx(0.6), 1.0)
    assert found.at(0.71).answered == pytest.approx(0.4)
    assert found.at(0.95).answered == 0.0
    assert np.isnan(found.at(0.95).right)


def test_wishes_become_limits() -> None:
    found = coverage(CONFIDENCE, RIGHT)

    assert found.limit_for_answers(0.8) == 0.6
    assert found.limit_for_answers(1.0) == 0.5
    assert found.limit_for_right(0.75) == 0.6
    assert found.limit_for_right(1.0) == 0.7
    assert coverage(CONFIDENCE, ~RIGHT).limit_for_right(0.9) is None


def test_the_picture_has_few_points_and_both_ends() -> None:
    chance = np.random.default_rng(1)
    confidence = chance.random(30_000)
    x, y = coverage(confidence, chance.random(30_000) < confidence).drawn()

    assert len(x) <= 400
    assert x[-1] == 1.0
    assert y[-1] == pytest.approx(0.5, abs=0.02)
    assert len(coverage(np.zeros(0), np.zeros(0, bool)).drawn()[0]) == 0


def _rows(chance: np.random.Generator, rows: int, share: float, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return scores and truth of a model whose logits are `shift` too high."""
    positive = chance.random(rows) < share
    logits = chance.normal(np.where(positive, 1.2, -1.2)) + np.log(share / (1 - share)) / 2
    return 1 / (1 + np.exp(-1.5 * logits - shift)), positive


def test_the_best_threshold_is_better_on_other_rows_too() -> None:
    chance = np.random.default_rng(4)
    scores, positive = _rows(chance, 300, 0.2, -1.5)
    others, truth = _rows(chance, 20_000, 0.2, -1.5)

    best = thresholds.best_f1(scores, positive)

    reached = metrics.f1_score(truth, others >= best)
    assert reached > metrics.f1_score(truth, others >= 0.5) + 0.2
    assert reached == pytest.approx(
        max(metrics.f1_score(truth, others >= one) for one in np.linspace(0, 1, 99)), abs=0.02
    )
    assert thresholds.effect(others, truth, best).f1 == pytest.approx(reached)


def test_the_best_threshold_of_few_rows_is_not_their_chance() -> None:
    chance = np.random.default_rng(0)
    others, truth = _rows(chance, 20_000, 0.5)
    plain = metrics.f1_score(truth, others >= 0.5)

    lost = [plain - metrics.f1_score(truth, others >= thresholds.best_f1(*_rows(chance, 100, 0.5))) for _ in range(15)]

    assert np.mean(lost) < 0.002, "the highest F1 of 100 rows loses 0.007"


def test_rows_of_one_label_choose_no_threshold() -> None:
    scores = np.linspace(0.1, 0.9, 50)

    assert thresholds.best_f1(scores, np.ones(50, bool)) == thresholds.best_f1(scores, np.zeros(50, bool)) == 0.5
    assert thresholds.best_f1(scores[:0], np.zeros(0, bool)) == 0.5


def test_a_wanted_precision_or_recall_is_reached() -> None:
    chance = np.random.default_rng(4)
    positive = chance.random(300) < 0.4
    scores = np.clip(chance.normal(0.4 + 0.2 * positive, 0.12), 0, 1)

    for_precision = thresholds.for_precision(scores, positive, 0.9)
    for_recall = thresholds.for_recall(scores, positive, 0.9)

    assert for_precision is not None
    assert for_recall is not None
    assert thresholds.effect(scores, positive, for_precision).precision >= 0.9
    assert thresholds.effect(scores, positive, for_recall).recall >= 0.9
    assert for_precision > for_recall
    assert thresholds.for_precision(1 - scores, positive & (scores < 0), 0.99) is None
