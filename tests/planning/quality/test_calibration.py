"""Calibration by hand, and the temperature that is the best of all."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from ftstudio.core.deciding import softmax
from ftstudio.planning.quality.calibration import calibration, fit_temperature


def test_a_case_worked_out_by_hand() -> None:
    confidence = np.array([0.6] * 20 + [0.9] * 20)
    right = np.array([True] * 10 + [False] * 10 + [True] * 18 + [False] * 2)

    found = calibration(confidence, right)

    assert [(one.rows, one.claimed, one.right) for one in found.bins] == [
        (20, pytest.approx(0.6), pytest.approx(0.5)),
        (20, pytest.approx(0.9), pytest.approx(0.9)),
    ]
    assert found.error == pytest.approx(0.5 * 0.1 + 0.5 * 0.0)
    assert (found.claimed, found.right) == (pytest.approx(0.75), pytest.approx(0.7))


def test_bins_hold_equally_many_rows_and_few_rows_make_few_bins() -> None:
    chance = np.random.default_rng(1)
    confidence = chance.uniform(0.3, 1.0, 1500)

    assert [one.rows for one in calibration(confidence, chance.random(1500) < confidence).bins] == [100] * 15
    assert len(calibration(confidence[:67], confidence[:67] > 0.5).bins) == 3
    assert calibration(np.zeros(0), np.zeros(0, bool)).bins == ()


def test_rows_of_one_confidence_stay_together() -> None:
    right = np.arange(300) % 2 == 0

    found = calibration(np.ones(300), np.sort(right))

    assert len(found.bins) == 1
    assert found.error == pytest.approx(0.5)


def test_a_model_that_is_as_right_as_it_says_has_a_small_error() -> None:
    chance = np.random.default_rng(2)
    confidence = chance.uniform(0.5, 1.0, 30_000)

    assert calibration(confidence, chance.random(30_000) < confidence).error < 0.01


@pytest.mark.parametrize("truth_at", [0.4, 1.0, 2.5])
def test_the_temperature_is_the_one_of_the_smallest_loss(truth_at: float) -> None:
    chance = np.random.default_rng(5)
    logits = chance.normal(size=(2000, 4)) * 3
    shares = softmax(logits, truth_at)
    labels = (shares.cumsum(axis=1) > chance.random((2000, 1))).argmax(axis=1)

    found = fit_temperature(logits, labels)

    def loss(temperature: float) -> float:
        return float(-np.log(softmax(logits, temperature)[np.arange(2000), labels]).mean())

    if truth_at == 1.0:
        assert found == 1.0
        return
    best = minimize_scalar(loss, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-8})
    assert found == pytest.approx(best.x, rel=1e-4)
    assert found == pytest.approx(truth_at, rel=0.12)


def test_far_too_sure_a_model_is_found_from_afar() -> None:
    chance = np.random.default_rng(6)
    logits = chance.normal(size=(500, 3)) * 200
    labels = np.where(chance.random(500) < 0.6, logits.argmax(axis=1), chance.integers(3, size=500))

    found = fit_temperature(logits, labels)

    assert found == pytest.approx(20.0, rel=0.01)


def test_what_few_rows_cannot_tell_from_chance_is_not_corrected() -> None:
    chance = np.random.default_rng(8)
    logits = chance.normal(size=(20_000, 4)) * 3
    labels = (softmax(logits, 1.1).cumsum(axis=1) > chance.random((20_000, 1))).argmax(axis=1)

    assert fit_temperature(logits[:60], labels[:60]) == 1.0
    assert fit_temperature(logits, labels) == pytest.approx(1.1, rel=0.04)


def test_too_few_rows_or_mistakes_give_no_temperature() -> None:
    logits = np.array([[2.0, 0.0]] * 100)

    assert fit_temperature(logits, np.zeros(100, np.int64)) is None
    assert fit_temperature(logits[:20], np.ones(20, np.int64)) is None
    assert fit_temperature(logits, np.full(100, -1)) is None
