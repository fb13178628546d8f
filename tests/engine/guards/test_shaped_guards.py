"""The guards where rows have several labels, or a number: baselines, folds, growth, leaks, and doubtful labels."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from ftstudio.core.specs import Answer
from ftstudio.datasets import label_edits
from ftstudio.datasets.folds import pool
from ftstudio.datasets.store import Dataset
from ftstudio.engine.answers.shaped import task_of
from ftstudio.engine.guards import baselines, depth_choice, depth_study
from ftstudio.engine.probes import shaped_answers
from ftstudio.planning import doubts
from ftstudio.project.studies import latest
from tests.engine.projects import FAST, SIGNS, Tiny, copy
from tests.engine.projects import _import as imported
from tests.engine.runs.test_shaped_runs import MONITOR, rows_of

PLANTED = 7  # the row, from 0, whose labels are turned around, or whose number is far off


@pytest.fixture(scope="module", params=["labels", "number"])
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    root = tmp_path_factory.mktemp("guards") / request.param
    rows = rows_of(request.param, 160)
    given = rows[PLANTED][1]
    turned = "|".join(sorted(set(SIGNS) - set(given.split("|")))) or "[]"
    rows[PLANTED] = (rows[PLANTED][0], turned if request.param == "labels" else "52000")
    with root.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return request.param, imported(root, "text-classification", root.with_suffix(".csv"))


@pytest.fixture
def shaped(template: tuple[str, Path], tmp_path: Path, tiny_text_model: Path) -> tuple[str, Tiny]:
    return template[0], copy(template[1], tmp_path / "project", tiny_text_model)


def settings(kind: str, **values: object) -> dict[str, object]:
    return {"values": {**FAST, "monitor": MONITOR[kind], "max_steps": 4, "probe_first": False, **values}}


def test_baselines_are_the_usual_answer_words_and_a_line(shaped: tuple[str, Tiny]) -> None:
    kind, project = shaped
    document = project.job("baselines", settings=settings(kind))
    found = {one["key"]: one["metrics"]["validation"] for one in document["baselines"]}
    usual, words = {"labels": ("usual_labels", "bag_of_words"), "number": ("mean", "bag_of_words_ridge")}[kind]
    assert set(found) == {usual, words, "frozen_features"}
    assert all(math.isfinite(value) for one in found.values() for value in one.values())
    better = {"labels": "average_precision", "number": "spearman"}[kind]
    assert found[words][better] > 0.3
    if kind == "labels":
        assert found[words][better] > found[usual][better] + 0.2
    else:
        assert found[usual]["r2"] <= 0.0


def test_a_cross_validation_answers_every_row_once(shaped: tuple[str, Tiny]) -> None:
    kind, project = shaped
    document = project.job("cross_validate", settings=settings(kind), folds=3, refit=True)
    data = Dataset.open(project.layout.data)
    assert document["rows"] == len(pool(data))
    assert {"labels": "micro_f1", "number": "r2"}[kind] in document["metrics"]
    for one in document["metrics"].values():
        assert one["low"] <= one["mean"] <= one["high"]
    assert set(document["test"]) >= {"loss", MONITOR[kind]}

    doubted = project.job("find_label_errors", answers="cross_validation", settings=settings(kind))
    assert doubted["rows"] == document["rows"]


def test_the_curve_of_growing_data_is_drawn(shaped: tuple[str, Tiny]) -> None:
    kind, project = shaped
    document = project.job("learning_curve", settings=settings(kind))
    assert [round(one["rows"]) for one in document["points"]] == sorted(
        round(one["rows"]) for one in document["points"]
    )
    assert set(document["by_class"]) == (set(SIGNS) if kind == "labels" else set())
    assert all(math.isfinite(one["value"]) for one in document["points"])


def test_a_planted_mistake_is_doubted_first(shaped: tuple[str, Tiny]) -> None:
    kind, project = shaped
    document = project.job("find_label_errors", answers="quick", settings=settings(kind))
    ranked = [one["row"] for one in document["ranked"]]
    at = ranked.index(PLANTED + 1)  # which must not be a test row: those are not judged
    assert at < 20
    assert document["ranked"][at]["probable"]
    assert latest(project.layout, "find_label_errors").folder.joinpath(doubts.FILE).is_file()
    assert document["advice"][0]["remedies"][0]["values"] == {"view": "label_doctor"}

    data = Dataset.open(project.layout.data)
    (place,) = data.find(rows=[PLANTED + 1]).tolist()
    cell = data.view.table["label"][int(np.searchsorted(data.view.index, place))].as_py()
    data.set_edits((*data.edits, label_edits.confirm(place, cell)))
    again = project.job("find_label_errors", answers="quick", settings=settings(kind))
    assert again["rows"] == document["rows"] - 1, "what somebody said to be right is not doubted again"


def test_leaks_are_looked_for(shaped: tuple[str, Tiny]) -> None:
    kind, project = shaped
    assert "found" in project.job("audit_leaks", settings=settings(kind))


def test_every_depth_is_scored_and_what_should_learn_is_advised(shaped: tuple[str, Tiny]) -> None:
    kind, project = shaped
    found = project.job("advise_depth", settings=settings(kind, tuning_method="top_layers", top_layers=7))

    metrics = {"labels": ["micro_f1", "macro_f1"], "number": ["r2"]}[kind]
    assert found["metric"] == metrics[0]
    assert [len(found[one]) for one in metrics] == [len(found["parts"])] * len(metrics)
    assert found["score"] == found[metrics[0]]
    if kind == "labels":  # of an untrained model; the planted number spoils what R² could show
        assert max(found["score"]) > 0.5
    assert "classes" not in str(found["advice"][0]["sentence"])
    assert found["advice"][0]["remedies"][0]["values"] == found["values"]


def test_scores_of_several_labels_and_of_numbers_are_scikit_learns() -> None:
    from sklearn.metrics import f1_score, r2_score

    chance = np.random.default_rng(0)
    there = chance.random((200, 5)) < [0.5, 0.3, 0.1, 0.05, 0.0]
    given = np.where(chance.random((200, 5)) < 0.8, there, ~there).astype(float)
    labels = depth_choice.curve(["a"], [1], 1, given[None], there.astype(float), "macro_f1", 0, Answer.LABELS)
    for key in ("micro", "macro"):
        assert labels.scores[f"{key}_f1"] == pytest.approx([f1_score(there, given > 0.5, average=key)])
    truth = chance.normal(50, 20, 200)
    said = truth + chance.normal(0, 10, 200)
    numbers = depth_choice.curve(["a"], [1], 1, said[None], truth, "loss", 0, Answer.NUMBER)
    assert numbers.metric == "r2"
    assert numbers.score == pytest.approx([r2_score(truth, said)])
    assert numbers.low[0] < numbers.score[0] < numbers.high[0]


def test_probes_of_several_labels_give_each_as_often_as_it_is_there() -> None:
    wanted = np.array([[1, 0], [0, 0], [1, 1], [0, 0]], dtype=np.float32)
    said = np.array([[0.4, 0.1], [0.1, 0.2], [0.3, 0.0], [0.2, -1.0]], dtype=np.float32)

    given = depth_study._answered(said, wanted, Answer.LABELS)

    assert given.tolist() == [[1, 0], [0, 1], [1, 0], [0, 0]]


def test_folds_have_small_and_large_numbers_alike(template: tuple[str, Path]) -> None:
    kind, project = template
    data = Dataset.open(project / "data")
    found = pool(data)
    assert len(found.names) > 1
    assert found.labels.min() == 0
    if kind == "number":
        numbers = np.array([float(cell) for cell in found.table["label"].to_pylist()])
        means = [numbers[found.labels == at].mean() for at in range(len(found.names))]
        assert means == sorted(means)
    else:
        assert set(found.learned) == set(SIGNS)


def test_simple_answers_of_numbers_are_those_of_least_squares() -> None:
    chance = np.random.default_rng(0)
    features = chance.normal(size=(200, 3)).astype(np.float32)
    wanted = (features @ [2.0, -1.0, 0.5] + 40).astype(np.float32)[:, None]
    (said,) = shaped_answers.way_of(Answer.NUMBER).by_features(features[:150], wanted[:150], [features[150:]])
    assert np.abs(said - wanted[150:]).max() < 0.1
    assert shaped_answers.some_known(np.array([[1.0], [np.nan], [2.0]]), 10, 0).tolist() == [0, 2]


def test_thresholds_of_baselines_are_chosen_as_those_of_runs() -> None:
    """A bag of words that is never sure would else be shown as if it found nothing."""
    from ftstudio.core.states import Split

    task = task_of("text-classification", Answer.LABELS)
    chance = np.random.default_rng(1)
    truth = (chance.random((200, 2)) < 0.2).astype(np.float32)
    logits = np.where(truth > 0, -1.0, -3.0).astype(np.float32)
    made = baselines.scored(
        task, "bag_of_words", lambda: {Split.VALIDATION: logits}, {Split.VALIDATION: truth}, 10, names=["a", "b"]
    )
    assert made.metrics["validation"]["micro_f1"] == 1.0
