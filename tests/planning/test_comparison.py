"""The statistics of a comparison: held against scipy and scikit-learn, and against chance by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, f1_score

from ftstudio.planning import comparison
from ftstudio.planning.comparison import agresti_min, compare, mcnemar


def answers(chance: np.random.Generator, labels: np.ndarray, right: float, classes: int = 4) -> np.ndarray:
    """Answers that are right with a probability, and otherwise any label."""
    return np.where(chance.random(len(labels)) < right, labels, chance.integers(0, classes, len(labels)))


@pytest.mark.parametrize(("left", "right"), [(0, 0), (0, 1), (3, 9), (9, 3), (50, 50), (400, 480), (0, 900)])
def test_mcnemar_is_the_binomial_test_of_the_differing_rows(left: int, right: int) -> None:
    expected = binomtest(left, left + right, 0.5).pvalue if left + right else 1.0

    assert mcnemar(left, right) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_values_are_those_of_scikit_learn() -> None:
    chance = np.random.default_rng(2)
    for classes in (2, 3, 7):
        labels = chance.integers(0, classes, 80)
        first, second = answers(chance, labels, 0.6, classes), answers(chance, labels, 0.7, classes)

        found = compare(labels, first, second)

        for metric, score in (("accuracy", accuracy_score), ("macro_f1", lambda a, b: f1_score(a, b, average="macro"))):
            assert found.of(metric).first == pytest.approx(score(labels, first))
            assert found.of(metric).second == pytest.approx(score(labels, second))
            assert comparison.scores(labels, second)[metric] == pytest.approx(score(labels, second))


def test_the_interval_is_that_of_rows_drawn_again() -> None:
    """The draws are made by cells; drawing whole rows one by one must come to the same interval."""
    chance = np.random.default_rng(3)
    labels = chance.integers(0, 3, 400)
    first, second = answers(chance, labels, 0.7, 3), answers(chance, labels, 0.75, 3)
    drawn = [
        f1_score(labels[rows], second[rows], average="macro") - f1_score(labels[rows], first[rows], average="macro")
        for rows in (chance.integers(0, 400, 400) for _ in range(1500))
    ]

    found = compare(labels, first, second).of("macro_f1")

    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(drawn, (2.5, 97.5))), abs=0.006)


def test_both_ways_round_say_the_same() -> None:
    chance = np.random.default_rng(4)
    labels = chance.integers(0, 3, 300)
    first, second = answers(chance, labels, 0.6), answers(chance, labels, 0.8)

    one, other = compare(labels, first, second), compare(labels, second, first)

    assert one.p_value == other.p_value
    assert (one.only_first, one.only_second) == (other.only_second, other.only_first)
    assert one.of("accuracy").by == pytest.approx(-other.of("accuracy").by)
    assert one.of("accuracy").low == pytest.approx(-other.of("accuracy").high, abs=0.01)
    assert one.is_clear("accuracy") and other.is_clear("accuracy")


def test_the_same_answers_are_never_clear() -> None:
    labels = np.arange(30) % 3

    found = compare(labels, labels, labels)

    assert (found.alike, found.p_value) == (30, 1.0)
    assert not found.is_clear("accuracy") and not found.is_clear("macro_f1")
    assert found.of("accuracy").low < 0 < found.of("accuracy").high, "thirty rows cannot exclude every difference"


def test_a_single_row_is_compared_without_a_claim() -> None:
    found = compare(np.array([1]), np.array([0]), np.array([1]))

    assert found.of("accuracy").by == 1.0
    assert not found.is_clear("accuracy")


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        compare(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))
    with pytest.raises(ValueError, match="as many answers"):
        compare(np.zeros(3, np.int64), np.zeros(3, np.int64), np.zeros(2, np.int64))


def test_more_comparisons_ask_for_more() -> None:
    chance = np.random.default_rng(5)
    labels = chance.integers(0, 3, 300)
    first, second = answers(chance, labels, 0.6), answers(chance, labels, 0.7)

    alone, among_ten = compare(labels, first, second), compare(labels, first, second, comparisons=10)

    assert among_ten.level == pytest.approx(0.995)
    for metric in ("accuracy", "macro_f1"):
        assert among_ten.of(metric).low < alone.of(metric).low
        assert among_ten.of(metric).high > alone.of(metric).high


def test_copies_of_rows_are_no_more_evidence() -> None:
    chance = np.random.default_rng(6)
    labels = chance.integers(0, 3, 100)
    first, second = answers(chance, labels, 0.6), answers(chance, labels, 0.75)
    eight = [np.repeat(one, 8) for one in (labels, first, second)]
    unit = np.repeat(np.arange(100), 8)

    once = compare(labels, first, second).of("macro_f1")
    taken_as_new = compare(*eight).of("macro_f1")
    together = compare(*eight, unit).of("macro_f1")

    assert together.high - together.low == pytest.approx(once.high - once.low, rel=0.15)
    assert taken_as_new.high - taken_as_new.low < 0.5 * (together.high - together.low)


@pytest.mark.parametrize("rows", [40, 300])
def test_intervals_hold_the_truth_as_often_as_they_say(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Models whose true difference in accuracy is 0.06: the interval must hold it about 95 times of 100."""
    monkeypatch.setattr(comparison, "FEWEST_DRAWS", 300)
    monkeypatch.setattr(comparison, "DRAWS", 300)
    chance, held, trials = np.random.default_rng(rows), 0, 200
    for _ in range(trials):
        labels = chance.integers(0, 4, rows)
        first, second = answers(chance, labels, 0.72), answers(chance, labels, 0.80)
        found = compare(labels, first, second, seed=int(chance.integers(1 << 30))).of("accuracy")
        held += found.low <= 0.06 <= found.high

    assert 0.93 <= held / trials <= 0.99


@pytest.mark.parametrize("rows", [40, 200])
@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_models_that_are_equally_good_are_seldom_called_different(
    rows: int, metric: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "FEWEST_DRAWS", 300)
    monkeypatch.setattr(comparison, "DRAWS", 300)
    chance, called, trials = np.random.default_rng(rows), 0, 200
    for _ in range(trials):
        labels = chance.integers(0, 4, rows)
        first, second = answers(chance, labels, 0.8), answers(chance, labels, 0.8)
        called += compare(labels, first, second, seed=int(chance.integers(1 << 30))).is_clear(metric)

    assert called / trials <= 0.08


def test_a_large_difference_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(8)
    labels = chance.integers(0, 4, 400)

    found = compare(labels, answers(chance, labels, 0.6), answers(chance, labels, 0.8))

    assert found.is_clear("accuracy") and found.is_clear("macro_f1")
    assert found.p_value < 1e-4


def test_agresti_and_min_hold_what_is_published() -> None:
    """1600 voters asked twice (Agresti, Categorical Data Analysis, table 10.1): -0.04 with standard error 0.0095."""
    low, high = agresti_min(150, 86, 1600, 0.95)

    assert (low, high) == pytest.approx((-0.0587, -0.0212), abs=5e-4)
    assert agresti_min(0, 0, 50, 0.95)[0] == pytest.approx(-0.0377, abs=5e-3)
