"""The best place of an answer is what looking at every place finds; words that it lies in are items."""

from __future__ import annotations

import numpy as np
import pytest

from ftstudio.core.answers import UNPLACED, Given
from ftstudio.core.best_answer import LONGEST, best_answer, items_of
from ftstudio.core.deciding import softmax


def by_looking_at_all(logits: np.ndarray) -> tuple[int, int]:
    """Return first and last unit of the best place, -1 for none, from every place one after the other."""
    best, found = logits[0].sum(), (-1, -1)
    for first in range(1, len(logits)):
        for last in range(first, min(first + LONGEST, len(logits))):
            if logits[first, 0] + logits[last, 1] >= best:
                if found == (-1, -1) or logits[first, 0] + logits[last, 1] > best:
                    found = (first - 1, last - 1)
                best = logits[first, 0] + logits[last, 1]
    return found


@pytest.mark.parametrize("items", [1, 2, 5, 29, 30, 31, 80])
def test_it_is_the_best_of_all_places(items: int) -> None:
    chance = np.random.default_rng(items)
    for _ in range(40):
        logits = chance.normal(size=(items, 2)) * 3

        found = best_answer(logits)

        assert (found.first, found.last) == by_looking_at_all(logits)
        shares = softmax(logits.T)
        assert found.share == pytest.approx(shares[0, found.first + 1] * shares[1, found.last + 1])


def test_an_answer_ends_after_it_begins_and_is_not_long() -> None:
    logits = np.full((60, 2), -5.0)
    logits[50, 0], logits[3, 1], logits[3, 0] = 9.0, 9.0, 8.0

    assert (best_answer(logits).first, best_answer(logits).last) == (2, 2)
    logits[3, 1] = -5.0
    found = best_answer(logits)
    assert found.last - found.first < LONGEST


def test_none_is_given_where_it_is_likelier() -> None:
    logits = np.array([[4.0, 4.0], [3.0, -9.0], [-9.0, 3.0]])

    assert best_answer(logits).is_none
    logits[0] = 2.9
    assert (best_answer(logits).first, best_answer(logits).last) == (0, 1)


def test_items_of_an_answer() -> None:
    passage = "Ana lives in New York, far away."

    assert items_of(passage, ()) == (0, 0)
    assert items_of(passage, [Given(start=13, text="New York")]) == (4, 5)
    assert items_of(passage, [Given(start=14, text="ew Yo")]) == (4, 5), "whole words"
    assert items_of(passage, [Given(start=3, text="Rome"), Given(start=UNPLACED, text="Ana")]) == (1, 1)
    assert items_of(passage, [Given(start=3, text="Rome")]) == (-1, -1)
