"""Figures of several labels and of numbers, against formulas written out and against scikit-learn and SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ftstudio.core.deciding import AS_TRAINED, Decision, decide_several
from ftstudio.engine.answers import numbers, several_labels
from ftstudio.planning.quality.several import FEWEST, best_thresholds, given_when_always

NAMES = ["a", "b", "c", "d"]


def made(rows: int = 200) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(3)
    truth = (chance.random((rows, 4)) < (0.5, 0.2, 0.08, 0.0)).astype(np.float32)
    return (2 * truth - 1.5 + chance.normal(0, 1.2, truth.shape)).astype(np.float32), truth


def test_scores_by_hand() -> None:
    truth = np.array([[1, 0], [1, 1], [0, 0], [0, 1]], dtype=np.float32)
    logits = np.array([[2, -1], [1, -2], [-1, 1], [3, 2]], dtype=np.float32)
    # a: right 2, given 3, there 2; b: right 1, given 2, there 2; all right in row 1 only
    found = several_labels.score(logits, truth, NAMES[:2])

    assert found["micro_f1"] == pytest.approx(2 * 3 / (5 + 4))
    assert found["macro_f1"] == pytest.approx((4 / 5 + 2 / 4) / 2)
    assert found["subset_accuracy"] == pytest.approx(1 / 4)
    # a: hits at ranks 2 and 3 of (3, 2, 1, -1); b: at ranks 1 and 4 of (2, 1, -1, -2)
    assert found["average_precision"] == pytest.approx(((1 / 2 + 2 / 3) / 2 + (1 + 2 / 4) / 2) / 2)
    signed = np.where(truth > 0, logits, -logits)
    assert found["loss"] == pytest.approx(float(np.log1p(np.exp(-signed)).mean()))


def test_scores_are_those_of_scikit_learn() -> None:
    from sklearn import metrics

    logits, truth = made()
    found = several_labels.score(logits, truth, NAMES)
    _, given = decide_several(logits, NAMES)

    there = truth[:, :3]  # nobody has the last label
    assert found["micro_f1"] == pytest.approx(metrics.f1_score(truth, given, average="micro"))
    each = metrics.f1_score(truth, given, average=None, zero_division=0)
    assert found["macro_f1"] == pytest.approx(float(each[(truth.sum(0) + given.sum(0)) > 0].mean()))
    assert found["subset_accuracy"] == pytest.approx(metrics.accuracy_score(truth, given))
    assert found["average_precision"] == pytest.approx(metrics.average_precision_score(there, logits[:, :3]))
    shares, _ = decide_several(logits, NAMES)
    losses = [metrics.log_loss(truth[:, at], shares[:, at], labels=[0, 1]) for at in range(4)]
    assert found["loss"] == pytest.approx(float(np.mean(losses)), abs=1e-6)


def test_rows_whose_labels_are_not_known_do_not_count() -> None:
    logits, truth = made()
    more = np.concatenate((truth, np.full((5, 4), np.nan, np.float32)))
    asked = np.concatenate((logits, np.ones((5, 4), np.float32)))

    assert several_labels.score(asked, more, NAMES) == several_labels.score(logits, truth, NAMES)
    assert several_labels.score(logits, np.full(len(logits), -1), NAMES) == {}


def test_intervals_hold_the_scores_and_the_report_counts_right() -> None:
    logits, truth = made()
    found = several_labels.score(logits, truth, NAMES)
    for key, (low, high) in several_labels.intervals(logits, truth, NAMES).items():
        assert low <= found[key] <= high, key
        assert high - low < 0.4, key
    report = several_labels.report(logits, truth, NAMES)
    assert [row["rows"] for row in report["per_class"]] == truth.sum(axis=0).astype(int).tolist()
    assert report["baseline"]["labels"] == ["a"]


def test_always_giving_some_labels_is_the_best_such_answer() -> None:
    _, truth = made()
    there = truth > 0
    best = given_when_always(there)
    scores = []
    for number in range(16):
        given = np.array([bool(number >> at & 1) for at in range(4)])
        hits = (there & given).sum()
        scores.append(2 * hits / max(1, given.sum() * len(there) + there.sum()))
    mine = 2 * (there & best).sum() / (best.sum() * len(there) + there.sum())
    assert mine == pytest.approx(max(scores))


def test_thresholds_are_best_where_rows_can_show_it_and_usual_elsewhere() -> None:
    logits, truth = made(400)
    shares, _ = decide_several(logits, NAMES)
    found = best_thresholds(shares, truth > 0, NAMES)

    assert found["d"] == 0.5  # no row has it
    for at, name in enumerate(NAMES[:3]):
        tried = np.unique(shares[:, at])

        def f1(threshold: float, column: int = at) -> float:
            given, there = shares[:, column] >= threshold, truth[:, column] > 0
            return float(2 * (given & there).sum() / (given.sum() + there.sum()))

        assert f1(found[name]) >= max(f1(one) for one in tried) - 0.011, name
    few = truth.copy()
    few[np.flatnonzero(few[:, 0])[FEWEST - 1 :], 0] = 0
    assert best_thresholds(shares, few > 0, NAMES)["a"] == 0.5


def test_a_threshold_of_its_own_gives_a_label_sooner() -> None:
    logits = np.array([[-1.0, -1.0]], dtype=np.float32)
    usual = several_labels.decode(logits, ["x"], ["a", "b"], AS_TRAINED)[0]
    moved = several_labels.decode(logits, ["x"], ["a", "b"], Decision(thresholds={"b": 0.2}))[0]

    assert (usual.labels, usual.label) == ((), "[]")
    assert (moved.labels, moved.label) == (("b",), "b")
    assert not Decision(thresholds={"b": 0.2}).is_plain(["a", "b"])
    assert Decision(thresholds={"gone": 0.2}).is_plain(["a", "b"])


def numbered(rows: int = 120) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(5)
    truth = chance.normal(2000, 10, rows).round(1)
    said = truth + chance.normal(0, 4, rows)
    return said[:, None].astype(np.float32), np.column_stack((truth, np.full(rows, 10.0))).astype(np.float32)


def test_scores_of_numbers_are_those_of_scikit_learn_and_scipy() -> None:
    from scipy.stats import spearmanr
    from sklearn import metrics

    said, truth = numbered()
    found = numbers.score(said, truth)

    wanted, given = truth[:, 0].astype(np.float64), said[:, 0].astype(np.float64)
    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(wanted, given))
    assert found["rmse"] == pytest.approx(metrics.root_mean_squared_error(wanted, given))
    assert found["r2"] == pytest.approx(metrics.r2_score(wanted, given))
    assert found["spearman"] == pytest.approx(spearmanr(wanted, given).statistic)
    assert found["loss"] == pytest.approx(metrics.mean_squared_error(wanted / 10, given / 10))
    for key, (low, high) in numbers.intervals(said, truth, ["year"]).items():
        assert low <= found[key] <= high, key


def test_numbers_that_do_not_differ_have_no_rank_and_no_share_foreseen() -> None:
    said = np.ones((6, 1), np.float32)
    truth = np.column_stack((np.full(6, 3.0), np.ones(6))).astype(np.float32)
    found = numbers.score(said, truth)

    assert set(found) == {"mae", "rmse", "loss"}
    assert set(numbers.intervals(said, truth, ["x"])) == {"mae", "rmse", "loss"}
    assert all(math.isfinite(value) for value in found.values())
