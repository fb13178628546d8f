"""Curves and their areas are those of scikit-learn, and few points suffice to draw them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from ftstudio.planning.quality.curves import MOST_POINTS, macro_areas, of_all, of_scores

CHANCE = np.random.default_rng(3)


def scored(rows: int, digits: int) -> tuple[np.ndarray, np.ndarray]:
    positive = CHANCE.random(rows) < 0.3
    return np.round(np.clip(CHANCE.normal(0.4 + 0.2 * positive, 0.2), 0, 1), digits), positive


@pytest.mark.parametrize("digits", [1, 9], ids=["with ties", "without ties"])
def test_both_curves_are_those_of_scikit_learn(digits: int) -> None:
    scores, positive = scored(150, digits)

    both = of_scores(scores, positive)

    precision, recall, _ = metrics.precision_recall_curve(positive, scores)
    assert both.precision_recall.x == pytest.approx(recall[::-1])
    assert both.precision_recall.y == pytest.approx(precision[::-1])
    assert both.precision_recall.area == pytest.approx(metrics.average_precision_score(positive, scores))
    false_alarms, hits, _ = metrics.roc_curve(positive, scores, drop_intermediate=False)
    assert both.roc.x == pytest.approx(false_alarms)
    assert both.roc.y == pytest.approx(hits)
    assert both.roc.area == pytest.approx(metrics.roc_auc_score(positive, scores))


def test_all_labels_together_and_their_means() -> None:
    probabilities, truth = CHANCE.dirichlet([1, 2, 3], size=200), CHANCE.integers(3, size=200)
    positive = truth[:, None] == np.arange(3)

    together = of_all(probabilities, truth)

    assert together is not None
    assert together.roc.area == pytest.approx(metrics.roc_auc_score(positive, probabilities, average="micro"))
    assert macro_areas(probabilities, truth) == pytest.approx(
        (
            metrics.average_precision_score(positive, probabilities, average="macro"),
            metrics.roc_auc_score(positive, probabilities, average="macro"),
        )
    )


def test_many_points_are_thinned_and_the_area_stays_exact() -> None:
    scores, positive = scored(50_000, 9)

    both = of_scores(scores, positive)

    assert len(both.roc.x) <= MOST_POINTS + 1
    assert both.roc.area == pytest.approx(metrics.roc_auc_score(positive, scores))
    drawn = np.trapezoid(both.roc.y, both.roc.x)
    assert drawn == pytest.approx(both.roc.area, abs=0.002)


def test_a_label_without_rows_has_no_curve() -> None:
    both = of_scores(np.array([0.2, 0.8]), np.array([False, False]))

    assert len(both.precision_recall.x) == len(both.roc.x) == 0
    assert len(of_scores(np.zeros(0), np.zeros(0, bool)).roc.x) == 0
    assert np.isnan(macro_areas(np.array([[0.5, 0.5]]), np.array([-1]))[0])
    assert len(of_scores(np.array([0.2]), np.array([True])).roc.x) == 0
