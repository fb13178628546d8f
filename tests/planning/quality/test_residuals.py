"""How far numbers are off: only what is more than chance is called a leaning."""

from __future__ import annotations

import numpy as np
import pytest

from ftstudio.planning.quality.residuals import residuals


def test_what_draws_to_the_middle_is_seen_and_chance_is_not() -> None:
    chance = np.random.default_rng(0)
    truth = chance.normal(50, 10, 400)
    drawn = residuals(truth, 50 + 0.5 * (truth - 50) + chance.normal(0, 1, 400))
    honest = residuals(truth, truth + chance.normal(0, 1, 400))
    assert drawn is not None and honest is not None
    assert drawn.draws_to_the_middle and not drawn.leaning
    assert (honest.leaning, honest.low_end, honest.high_end) == (0.0, 0.0, 0.0)
    high = residuals(truth, truth + 3 + chance.normal(0, 1, 400))
    assert high is not None and high.leaning == pytest.approx(3, abs=0.2)


def test_half_and_nine_of_ten_are_medians_of_what_is_off() -> None:
    found = residuals(np.zeros(11), np.arange(11, dtype=np.float64))
    assert found is not None
    assert (found.half_within, found.nine_of_ten_within) == (5.0, 9.0)
    assert found.leaning == 0.0, "eleven rows tell no leaning"
    assert residuals(np.zeros(0), np.zeros(0)) is None
