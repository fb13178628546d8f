"""By how much an export differs is said in the unit of its answers."""

from __future__ import annotations

from typing import Any

import pytest

from ftstudio.project.certificate_figures import compares_numbers, largest_difference


@pytest.mark.parametrize(
    ("bounds", "numbers", "largest"),
    [
        ({"tolerance_of_spread": 0.001}, True, 0.4),
        ({"least_agreement": 0.99, "same_within_of_spread": 0.1}, True, 0.4),
        ({"tolerance": 1e-3}, False, 0.2),
        ({"least_agreement": 0.99}, False, 0.2),
    ],
)
def test_the_unit_follows_from_what_was_compared(bounds: dict[str, Any], numbers: bool, largest: float) -> None:
    certificate = {"bounds": bounds, "largest_difference": 0.4, "largest_probability_difference": 0.2}

    assert compares_numbers(certificate) is numbers
    assert largest_difference(certificate) == largest
