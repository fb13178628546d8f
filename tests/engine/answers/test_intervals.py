"""How far chance moves a score: never nothing, also where all folds happen to agree."""

from __future__ import annotations

import pytest

from ftstudio.engine.answers import intervals


def test_folds_that_differ_give_students_interval() -> None:
    low, high = intervals.over_folds([0.8, 0.9, 1.0])
    assert (low + high) / 2 == pytest.approx(0.9)
    assert high - low == pytest.approx(2 * 4.303 * 0.1 / 3**0.5, rel=1e-3)
