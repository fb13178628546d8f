"""How far chance moves a score: never nothing, also where all folds happen to agree."""

from __future__ import annotations

import pytest

from ftstudio.engine import intervals


def test_the_interval_of_a_share_is_wilsons() -> None:
    low, high = intervals.of_share(0.9, 100)
    assert (low, high) == pytest.approx((0.8256, 0.9448), abs=1e-3)


def test_all_right_on_a_few_rows_is_not_certain() -> None:
    low, high = intervals.of_share(1.0, 8)
    assert low < 0.7
    assert high == pytest.approx(1.0)


def test_folds_that_differ_give_students_interval() -> None:
    low, high = intervals.over_folds([0.8, 0.9, 1.0])
    assert (low + high) / 2 == pytest.approx(0.9)
    assert high - low == pytest.approx(2 * 4.303 * 0.1 / 3**0.5, rel=1e-3)
