"""Metrics against scikit-learn, and the tables of the result page."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from torch.nn import functional

from ftstudio.core.deciding import Decision, softmax
from ftstudio.core.settings import TrainingSettings
from ftstudio.engine.answers.classification import (
    balanced_weights,
    calibration_error,
    confusion,
    decode,
    intervals,
    loss,
    report,
    score,
)

CASES = st.integers(2, 6).flatmap(
    lambda classes: st.tuples(
        st.just(classes),
        st.lists(st.tuples(st.integers(0, classes - 1), st.integers(0, classes - 1)), min_size=1, max_size=60),
        st.integers(0, 100),
    )
)


def made_logits(answers: np.ndarray, classes: int, seed: int) -> np.ndarray:
    """Return random logits whose largest is at `answers`."""
    logits = np.random.default_rng(seed).normal(size=(len(answers), classes)).astype(np.float32)
    logits[np.arange(len(answers)), answers] = logits.max(axis=1) + 0.5
    return logits


@settings(max_examples=60)
@given(CASES)
def test_scores_are_those_of_scikit_learn(case: tuple[int, list[tuple[int, int]], int]) -> None:
    classes, pairs, seed = case
    truth, answers = np.array(pairs, dtype=np.int64).T
    logits = made_logits(answers, classes, seed)

    found = score(logits, truth)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert found["accuracy"] == pytest.approx(metrics.accuracy_score(truth, answers))
        assert found["macro_f1"] == pytest.approx(metrics.f1_score(truth, answers, average="macro"))
        assert found["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(truth, answers))
        expected = metrics.log_loss(truth, softmax(logits), labels=list(range(classes)))
    assert found["loss"] == pytest.approx(expected, rel=1e-4, abs=1e-5)


@settings(max_examples=60)
@given(CASES)
def test_tables_are_those_of_scikit_learn(case: tuple[int, list[tuple[int, int]], int]) -> None:
    classes, pairs, seed = case
    truth, answers = np.array(pairs, dtype=np.int64).T
    names = [f"class {at}" for at in range(classes)]

    found = report(made_logits(answers, classes, seed), truth, names)

    expected = metrics.classification_report(
        truth, answers, labels=list(range(classes)), target_names=names, output_dict=True, zero_division=0
    )
    for row in found["per_class"]:
        known = expected[row["label"]]
        assert row["rows"] == known["support"]
        assert row["precision"] == pytest.approx(known["precision"])
        assert row["recall"] == pytest.approx(known["recall"])
        assert row["f1"] == pytest.approx(known["f1-score"])
    assert found["confusion"] == metrics.confusion_matrix(truth, answers, labels=list(range(classes))).tolist()
    assert found["baseline"]["accuracy"] == pytest.approx(np.bincount(truth).max() / len(truth))
    assert found["baseline"]["label"] == names[int(np.bincount(truth).argmax())]


def test_rows_without_a_label_are_left_out() -> None:
    logits = np.array([[2.0, 0.0], [0.0, 3.0], [5.0, 0.0]], dtype=np.float32)
    some = np.array([0, 1, -1])

    assert score(logits, some) == score(logits[:2], some[:2])
    assert report(logits, some, ["a", "b"]) == report(logits[:2], some[:2], ["a", "b"])


def test_no_row_has_a_label() -> None:
    assert score(np.zeros((2, 3), np.float32), np.array([-1, -1])) == {}
    assert report(np.zeros((2, 2), np.float32), np.array([-1, -1]), ["a", "b"])["baseline"]["accuracy"] == 0.0


def test_confusion_has_the_truth_first() -> None:
    assert confusion(np.array([1, 1, 2]), np.array([0, 1, 1]), 3).tolist() == [[0, 1, 0], [0, 1, 1], [0, 0, 0]]


def test_probabilities_of_huge_logits() -> None:
    shares = softmax(np.array([[1e4, -1e4, 1e4], [0, 0, 0]], dtype=np.float32))

    np.testing.assert_allclose(shares, [[0.5, 0, 0.5], [1 / 3] * 3], atol=1e-6)


def test_predictions_name_the_likeliest_label_and_all_shares() -> None:
    answers = decode(np.array([[0.0, 2.0], [1.0, 0.0]], np.float32), ["x", "y"], ["no", "yes"])

    assert [(one.input, one.label) for one in answers] == [("x", "yes"), ("y", "no")]
    assert answers[0].probabilities["yes"] == pytest.approx(1 / (1 + np.exp(-2)))
    assert sum(answers[1].probabilities.values()) == pytest.approx(1.0)


def test_predictions_are_decided_as_was_chosen() -> None:
    decision = Decision(temperature=2.0, dont_know_below=0.7, positive="yes", threshold=0.2)
    answers = decode(np.array([[0.0, 4.0], [1.0, 0.0]], np.float32), ["x", "y"], ["no", "yes"], decision)

    assert [(one.label, one.known) for one in answers] == [("yes", True), ("yes", False)]
    assert answers[0].probabilities["yes"] == pytest.approx(1 / (1 + np.exp(-2)))


def test_scores_and_tables_are_of_the_answers_as_they_are_decided() -> None:
    logits, labels = np.array([[1.0, 0.0], [1.0, 0.0]], np.float32), np.array([1, 1])
    decision = Decision(temperature=2.0, positive="yes", threshold=0.2)

    assert score(logits, labels)["accuracy"] == 0.0
    assert score(logits, labels, ["no", "yes"], decision)["accuracy"] == 1.0
    assert score(logits, labels, ["no", "yes"], decision)["loss"] == pytest.approx(-np.log(1 / (1 + np.exp(0.5))))
    assert report(logits, labels, ["no", "yes"], decision)["confusion"] == [[0, 0], [0, 2]]


def test_every_score_lies_in_its_interval() -> None:
    chance = np.random.default_rng(1)
    labels = chance.integers(3, size=80)
    logits = made_logits(np.where(chance.random(80) < 0.7, labels, 0), 3, 4)
    names, decision = ["a", "b", "c"], Decision(temperature=3.0)

    found = intervals(logits, labels, names, decision)

    scores = score(logits, labels, names, decision)
    assert found.keys() == scores.keys()
    assert all(low < scores[key] < high for key, (low, high) in found.items())
    assert intervals(logits[:2], np.array([-1, -1]), names) == {}


def test_the_calibration_error_is_of_the_labels_given() -> None:
    logits = np.log(np.array([[0.8, 0.2]] * 10, np.float32))

    assert calibration_error(logits, np.array([0] * 8 + [1] * 2), ["a", "b"]) == pytest.approx(0.0, abs=1e-6)
    assert calibration_error(logits, np.array([0] * 5 + [1] * 5), ["a", "b"]) == pytest.approx(0.3)
    always_b = Decision(positive="b", threshold=0.0)
    assert calibration_error(logits, np.array([1] * 10), ["a", "b"], always_b) == pytest.approx(0.8)
    assert calibration_error(logits, np.full(10, -1), ["a", "b"]) is None


@given(st.lists(st.integers(0, 4), min_size=1, max_size=50))
def test_balanced_weights_are_those_of_scikit_learn_and_average_one(rows: list[int]) -> None:
    from sklearn.utils.class_weight import compute_class_weight

    labels = np.array(rows)
    present = np.unique(labels)
    weights = balanced_weights(labels, 5)

    np.testing.assert_allclose(weights[present], compute_class_weight("balanced", classes=present, y=labels), rtol=1e-5)
    assert weights[labels].mean() == pytest.approx(1.0, rel=1e-5)
    assert not weights[np.setdiff1d(np.arange(5), present)].any()


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_row_losses(smoothing: float) -> None:
    logits, labels = torch.randn(6, 3), torch.tensor([0, 1, 2, 0, 1, 2])
    plain = loss(logits, labels, TrainingSettings(label_smoothing=smoothing), None)

    torch.testing.assert_close(plain.mean(), functional.cross_entropy(logits, labels, label_smoothing=smoothing))
    weights = torch.tensor([1.0, 2.0, 0.5])
    torch.testing.assert_close(
        loss(logits, labels, TrainingSettings(label_smoothing=smoothing), weights), plain * weights[labels]
    )
