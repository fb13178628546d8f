"""Samples are found and ordered by what is wrong with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ftstudio.core.states import Split
from ftstudio.planning.answers import Answers
from ftstudio.planning.sample_choice import Choice, Length, Order, Texts, choose, count_wrong

A, B = 0, 1
SURE_WRONG, SURE_RIGHT, UNSURE_WRONG, UNSURE_RIGHT, TEST_ROW, NO_LABEL = range(6)


@pytest.fixture
def answers() -> Answers:
    logits = np.array([[0.0, 4.0], [4.0, 0.0], [0.0, 0.4], [0.2, 0.0], [0.0, 5.0], [9.0, 0.0]])
    rows = np.arange(6)
    split = np.array([1, 1, 1, 1, 2, 1], dtype=np.int8)
    return Answers(["a", "b"], split, rows + 1, rows, np.array([A, A, A, A, A, -1]), logits)


def found(answers: Answers, order: Order = Order.WORST, **values: object) -> list[int]:
    return choose(answers, replace(Choice(Split.VALIDATION, order), **values)).tolist()  # type: ignore[arg-type]


def test_the_worst_have_the_highest_loss_and_rows_without_a_label_come_last(answers: Answers) -> None:
    assert found(answers) == [SURE_WRONG, UNSURE_WRONG, UNSURE_RIGHT, SURE_RIGHT, NO_LABEL]


def test_the_sure_but_wrong_are_all_wrong_and_the_surest_comes_first(answers: Answers) -> None:
    assert found(answers, Order.CONFIDENT) == [SURE_WRONG, UNSURE_WRONG]
    assert found(answers, Order.CONFIDENT, right=True) == [SURE_WRONG, UNSURE_WRONG]


def test_the_least_sure_have_the_smallest_lead(answers: Answers) -> None:
    assert found(answers, Order.UNCERTAIN)[:2] == [UNSURE_RIGHT, UNSURE_WRONG]


def test_chance_gives_all_and_another_order_for_another_seed() -> None:
    rows = np.arange(200)
    many = Answers(["a", "b"], np.ones(200, np.int8), rows, rows, rows % 2, np.zeros((200, 2)))
    first, same, other = (found(many, Order.RANDOM, seed=seed) for seed in (1, 1, 2))
    assert first == same != other
    assert sorted(first) == rows.tolist()


def test_restrictions_hold_together(answers: Answers) -> None:
    assert found(answers, right=False) == [SURE_WRONG, UNSURE_WRONG]
    assert found(answers, right=True) == [UNSURE_RIGHT, SURE_RIGHT]
    assert found(answers, truth="a", predicted="b") == [SURE_WRONG, UNSURE_WRONG]
    assert found(answers, truth="b") == []
    assert found(answers, predicted="unknown") == []
    assert choose(answers, Choice(Split.TEST)).tolist() == [TEST_ROW]


def test_thirds_by_length_leave_nothing_out(answers: Answers) -> None:
    texts = Texts(np.array([5, 10, 20, 30, 40, 50]), (10, 30))
    thirds = [choose(answers, Choice(Split.VALIDATION, length=length), texts).tolist() for length in Length]
    assert [sorted(third) for third in thirds] == [[0, 1], [2, 3], [5]]


def test_wrong_ones_are_counted_among_those_with_a_label(answers: Answers) -> None:
    assert count_wrong(answers, np.arange(6)) == 3
    assert count_wrong(answers, np.array([NO_LABEL])) == 0
