"""Buffers that double and a reduction that never loses a peak."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftstudio.gui.charts.series import Series, peaks


def test_points_survive_growth() -> None:
    series = Series()
    for step in range(1000):
        series.append(step, step / 10, step / 2, step**2)

    assert len(series) == 1000
    assert series.values[999] == 999**2
    assert series.x("epoch")[10] == 1.0
    assert (series.low, series.high) == (0, 999**2)


def test_nan_and_infinity_leave_the_bounds_alone() -> None:
    series = Series()
    for value in (1.0, float("nan"), float("inf"), 2.0):
        series.append(0, 0, 0, value)

    assert (series.low, series.high) == (1.0, 2.0)


@given(st.integers(1, 5000), st.integers(1, 300), st.integers(0, 2**31))
def test_the_reduction_keeps_the_extremes_and_stays_small(points: int, columns: int, seed: int) -> None:
    y = np.random.default_rng(seed).normal(size=points)
    x = np.arange(points, dtype=float)

    reduced_x, reduced_y = peaks(x, y, columns)

    assert reduced_y.max() == y.max()
    assert reduced_y.min() == y.min()
    assert np.all(np.diff(reduced_x) >= 0)
    assert len(reduced_x) <= max(points, 2) and (points <= 3 * columns or len(reduced_x) <= 4 * columns + 2)


def test_only_the_visible_part_is_returned() -> None:
    series = Series()
    series.extend(np.tile(np.arange(100.0), (4, 1)))

    x, _ = series.visible("step", 20, 30, 500)

    assert (x[0], x[-1]) == (19, 31)


@pytest.mark.parametrize(("position", "expected"), [(-5, 0), (0.4, 0), (0.6, 1), (98.6, 99), (500, 99)])
def test_the_nearest_point(position: float, expected: int) -> None:
    series = Series()
    series.extend(np.tile(np.arange(100.0), (4, 1)))

    assert series.nearest("step", position) == expected
