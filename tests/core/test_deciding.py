"""What a model answers: probabilities at a temperature, a threshold for one of two labels, and not knowing."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.special import softmax as reference

from ftstudio.core.deciding import AS_TRAINED, Decision, decide, softmax

LOGITS = np.array([[2.0, 0.0], [0.2, 0.0], [-1.0, 1.0], [0.0, 0.0]], dtype=np.float32)
PAIR = ["spam", "ham"]


def test_probabilities_are_those_of_scipy_at_any_temperature() -> None:
    logits = np.random.default_rng(1).normal(size=(50, 7)) * 40

    for temperature in (0.1, 1.0, 3.5):
        assert softmax(logits, temperature) == pytest.approx(reference(logits / temperature, axis=1), abs=1e-15)


def test_without_a_choice_the_likeliest_label_is_given_and_always_known() -> None:
    decided = decide(LOGITS, PAIR)

    assert decided.label.tolist() == [0, 0, 1, 0]
    assert decided.known.all()


def test_temperature_changes_certainty_and_no_answer() -> None:
    cooler, hotter = (decide(LOGITS, PAIR, Decision(temperature=value)) for value in (0.5, 2.0))

    assert (cooler.label == hotter.label).all()
    assert cooler.probabilities[0, 0] > decide(LOGITS, PAIR).probabilities[0, 0] > hotter.probabilities[0, 0] > 0.5


def test_the_positive_label_is_given_from_its_threshold_on() -> None:
    assert decide(LOGITS, PAIR, Decision(positive="ham", threshold=0.4)).label.tolist() == [0, 1, 1, 1]
    assert decide(LOGITS, PAIR, Decision(positive="spam", threshold=0.6)).label.tolist() == [0, 1, 1, 1]
    assert decide(LOGITS, PAIR, Decision(positive="spam", threshold=0.5)).label.tolist() == [0, 0, 1, 0]


def test_a_threshold_for_a_label_that_is_none_of_two_is_ignored() -> None:
    three = np.array([[0.0, 1.0, 2.0]])

    assert decide(three, ["a", "b", "c"], Decision(positive="a", threshold=0.0)).label.tolist() == [2]
    assert decide(LOGITS, PAIR, Decision(positive="egg", threshold=0.0)).label.tolist() == [0, 0, 1, 0]


def test_what_is_less_certain_than_the_limit_is_not_known() -> None:
    decided = decide(LOGITS, PAIR, Decision(dont_know_below=0.6))

    assert decided.known.tolist() == [True, False, True, False]
    assert decided.label.tolist() == [0, 0, 1, 0]


def test_not_knowing_is_about_the_label_that_is_given() -> None:
    decided = decide(LOGITS, PAIR, Decision(positive="ham", threshold=0.1, dont_know_below=0.4))

    assert decided.label.tolist() == [1, 1, 1, 1]
    assert decided.known.tolist() == [False, True, True, True]


def test_no_rows_are_no_answers() -> None:
    assert decide(np.zeros((0, 2)), PAIR, Decision(positive="ham")).label.shape == (0,)
    assert decide(np.zeros((0, 0)), []).known.shape == (0,)


def test_huge_logits_overflow_nowhere() -> None:
    assert decide(np.array([[1e30, -1e30]]), PAIR).probabilities.tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize(
    "wrong", [{"temperature": 0.0}, {"temperature": float("nan")}, {"dont_know_below": 1.1}, {"threshold": -0.1}]
)
def test_values_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Decision(**wrong)


def test_only_a_choice_that_changes_answers_is_one() -> None:
    assert AS_TRAINED.is_plain(PAIR)
    assert Decision(positive="c", threshold=0.9).is_plain(["a", "b", "c"])
    assert not Decision(positive="ham").is_plain(PAIR)
    assert not Decision(temperature=1.1).is_plain(PAIR)
