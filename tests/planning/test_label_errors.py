"""Wrong labels come first, thresholds are those of each label, and nothing is doubted where a model agrees."""

from __future__ import annotations

import numpy as np

from ftstudio.planning import label_errors


def test_flipped_labels_come_first_and_are_called_probable() -> None:
    chance = np.random.default_rng(1)
    truth = chance.integers(3, size=300)
    beliefs = np.full((300, 3), 0.1)
    beliefs[np.arange(300), truth] = 0.8
    given = truth.copy()
    flipped = chance.choice(300, 15, replace=False)
    given[flipped] = (truth[flipped] + 1) % 3

    found = label_errors.rank(beliefs, given)

    assert set(found.order[:15]) == set(flipped)
    assert found.probable.sum() == 15
    assert (found.suggested[:15] == truth[found.order[:15]]).all()
    assert (found.believed[:15] == 0.8).all() and (found.given[:15] == 0.1).all()


def test_a_label_that_is_never_believed_firmly_does_not_drown_the_others() -> None:
    """Rows of label 1 are believed with 0.4 at best: that another label is ahead of it says nothing about them."""
    beliefs = np.array([[0.95, 0.05]] * 20 + [[0.6, 0.4]] * 20)
    labels = np.repeat([0, 1], 20)
    found = label_errors.rank(beliefs, labels)
    assert not found.probable.any()
    assert np.allclose(label_errors.thresholds(beliefs, labels), [0.95, 0.4])


def test_a_label_without_rows_is_never_suggested_as_probable() -> None:
    beliefs = np.array([[0.1, 0.2, 0.7]] * 4)
    found = label_errors.rank(beliefs, np.array([0, 1, 0, 1]))
    assert not found.probable.any()


def test_no_rows_give_an_empty_ranking() -> None:
    assert len(label_errors.rank(np.zeros((0, 2)), np.zeros(0, dtype=np.int64))) == 0
