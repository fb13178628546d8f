"""What a certificate says, for those who show it: by how much an export differs, and in which unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def compares_numbers(certificate: Mapping[str, Any]) -> bool:
    """Whether it is of a model that answers with numbers, which are compared by how they spread."""
    return not {"tolerance_of_spread", "same_within_of_spread"}.isdisjoint(certificate["bounds"])


def largest_difference(certificate: Mapping[str, Any]) -> float:
    """Return by how much the export differed most: in the unit of the numbers, else in a probability."""
    key = "largest_difference" if compares_numbers(certificate) else "largest_probability_difference"
    return float(certificate[key])
