"""Damaged marks and answers come first where other rows tell what they should be."""

from __future__ import annotations

import numpy as np

from ftstudio.planning import place_errors


def _believing(tags: list[np.ndarray], width: int, chance: np.random.Generator) -> list[np.ndarray]:
    """Logits of a model that is right in general, and unsure by chance."""
    return [
        np.eye(width)[one] * chance.uniform(1.5, 6, (len(one), 1)) + chance.normal(0, 0.4, (len(one), width))
        for one in tags
    ]


def test_damaged_tags_are_found_and_texts_without_words_are_not_doubted() -> None:
    chance = np.random.default_rng(3)
    true = [chance.choice(5, size=length, p=[0.8, 0.05, 0.05, 0.05, 0.05]) for length in chance.integers(0, 20, 400)]
    logits = _believing(true, 5, chance)
    damaged = chance.choice([at for at, one in enumerate(true) if len(one) > 3], 20, replace=False)
    given = [one.copy() for one in true]
    for row in damaged:
        at = chance.integers(len(given[row]))
        given[row][at] = (given[row][at] + 1 + chance.integers(4)) % 5

    found = place_errors.of_tags(logits, given)

    first = found.order[: len(true) // 10]
    assert np.isin(damaged, first).mean() >= 0.8
    empty = [at for at, one in enumerate(true) if not len(one)]
    assert empty and not found.probable[empty].any() and (found.given[empty] == 1.0).all()


def test_answers_elsewhere_are_doubted_and_those_a_word_longer_are_not() -> None:
    logits = np.zeros((6, 2))
    logits[2, 0] = logits[3, 1] = 9.0
    items = np.array([[2, 3], [2, 4], [5, 5], [0, 0], [-1, -1]])

    found = place_errors.of_answers([logits] * 5, items)

    assert found.probable.tolist() == [False, False, True, True, False]
    assert set(found.order[:2].tolist()) == {2, 3}
    assert found.given[0] > 0.9 > found.given[2]
