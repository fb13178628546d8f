"""Intervals of scores: those of drawing rows again, and fast enough for many rows."""

from __future__ import annotations

import time

import numpy as np
import pytest
from sklearn import metrics

from ftstudio.planning.quality.intervals import of_scores, of_share


def answers(rows: int, classes: int, right: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    truth = chance.integers(classes, size=rows)
    predicted = np.where(chance.random(rows) < right, truth, chance.integers(classes, size=rows))
    return truth, predicted, chance.exponential(size=rows)


def test_intervals_are_those_of_drawing_rows_one_by_one() -> None:
    truth, predicted, losses = answers(120, 3, 0.8)
    chance = np.random.default_rng(9)
    scores = {
        "accuracy": metrics.accuracy_score,
        "macro_f1": lambda t, p: metrics.f1_score(t, p, average="macro"),
        "balanced_accuracy": metrics.balanced_accuracy_score,
    }
    drawn = [chance.integers(120, size=120) for _ in range(1500)]

    found = of_scores(truth, predicted, losses)

    for key, score in scores.items():
        expected = np.percentile([score(truth[rows], predicted[rows]) for rows in drawn], (2.5, 97.5))
        assert found[key] == pytest.approx(expected, abs=0.012)
    expected = np.percentile([losses[rows].mean() for rows in drawn], (2.5, 97.5))
    assert found["loss"] == pytest.approx(expected, abs=0.03)


def test_the_truth_lies_inside_as_often_as_is_said() -> None:
    inside = 0
    for seed in range(200):
        truth, predicted, losses = answers(200, 2, 0.7, seed)
        low, high = of_scores(truth, predicted, losses)["accuracy"]
        inside += low <= 0.85 <= high

    assert 0.90 <= inside / 200 <= 0.99


def test_no_mistake_is_no_certainty() -> None:
    truth = np.array([0, 1] * 20)

    found = of_scores(truth, truth, np.full(40, 0.1))

    assert found["accuracy"] == found["macro_f1"] == of_share(1.0, 40)
    assert found["accuracy"][0] == pytest.approx(0.912, abs=0.001)


def test_rows_without_a_label_do_not_count() -> None:
    truth, predicted, losses = answers(50, 3, 0.8)
    more = of_scores(np.append(truth, [-1] * 9), np.append(predicted, [0] * 9), np.append(losses, [np.nan] * 9))

    assert more == of_scores(truth, predicted, losses)
    assert of_scores(np.array([-1]), np.array([0]), np.array([np.nan])) == {}


@pytest.mark.parametrize("classes", [2, 100])
def test_fifty_thousand_rows_take_less_than_a_second(classes: int) -> None:
    truth, predicted, losses = answers(50_000, classes, 0.9)

    began = time.process_time()
    found = of_scores(truth, predicted, losses)

    assert time.process_time() - began < 2.0  # twice what is wanted: the machine may be busy
    low, high = found["accuracy"]
    assert 0.003 < high - low < 0.008


def test_wilson_is_the_published_interval() -> None:
    assert of_share(0.5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert of_share(0.9, 100) == pytest.approx((0.8256, 0.9448), abs=1e-3)
    assert of_share(0.0, 0) == (0.0, 1.0)


def test_all_right_on_a_few_rows_is_not_certain() -> None:
    low, high = of_share(1.0, 8)
    assert low < 0.7
    assert high == pytest.approx(1.0)
