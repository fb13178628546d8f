"""An explanation is believed only as far as taking away what it marks changes the answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ftstudio.engine.explaining.faithfulness import check
from tests.engine.explaining.making import Parts


def two_count(there: NDArray[np.bool_]) -> Sequence[float]:
    """Parts 3 and 7 speak for the label 0, all else is nothing."""
    return [2.0 * there[3] + 2.0 * there[7], 1.0]


def weights_on(*parts: int) -> NDArray[np.float64]:
    weights = np.full(10, 0.1)
    weights[list(parts)] = 1.0
    return weights


def test_what_is_marked_rightly_matters_more_than_chance() -> None:
    found = check(Parts(10, two_count), weights_on(3, 7), 0, "good")
    assert found is not None and found.holds
    assert (found.removed, found.parts) == (2, 10)
    assert found.before == pytest.approx(1 / (1 + np.exp(-3.0)))
    assert found.without_top == pytest.approx(1 / (1 + np.exp(1.0)))
    assert found.without_top < found.without_random < found.before
    assert "2 strongest words" in str(found.sentence) and "95 %" in str(found.sentence)


def test_what_is_marked_wrongly_is_said_to_be_unreliable() -> None:
    found = check(Parts(10, two_count), weights_on(0, 1), 0, "good")
    assert found is not None and not found.holds
    assert str(found.sentence).startswith("Do not rely on this explanation")


def test_what_makes_no_difference_is_said_to_make_none() -> None:
    found = check(Parts(10, lambda there: [9.0 + there.sum() / 1000, 1.0]), weights_on(3), 0, "good")
    assert found is not None and not found.tells
    assert str(found.sentence).startswith("It makes no difference")


def test_what_the_model_never_read_is_neither_taken_away_nor_drawn() -> None:
    subject = Parts(10, two_count)
    subject.worth[:] = False
    subject.worth[[2, 3]] = True
    found = check(subject, weights_on(0, 7), 0, "good")
    assert found is not None and (found.removed, found.parts) == (1, 2)
    assert found.without_top == found.before, "part 2 comes first of equals, parts 0 and 7 are not considered"


def test_one_part_alone_cannot_be_compared() -> None:
    assert check(Parts(1, lambda there: [float(there[0]), 0.0]), np.ones(1), 0, "good") is None


def test_the_comparison_is_the_same_each_time() -> None:
    first, second = (check(Parts(10, two_count), weights_on(3), 0, "good") for _ in range(2))
    assert first == second
