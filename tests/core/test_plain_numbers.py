"""Numbers of a column are written to what their spread lets a reader tell apart."""

from __future__ import annotations

import pytest

from ftstudio.core import plain_numbers


@pytest.mark.parametrize(
    ("spread", "number", "written"),
    [
        (1.9, -2.21559, "-2.22"),
        (1.9, 0.000253692, "0"),
        (1.9, -0.0002, "0"),
        (1.9, 3.0, "3"),
        (0.05, 0.123456, "0.1235"),
        (20_000.0, 123_456.7, "123457"),
        (0.0, 1.23456789, "1.23457"),
        (float("nan"), 0.5, "0.5"),
    ],
)
def test_a_number_is_written_to_a_hundredth_of_the_spread(spread: float, number: float, written: str) -> None:
    assert plain_numbers.for_reading(spread)(number) == written
