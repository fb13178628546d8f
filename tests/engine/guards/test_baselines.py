"""Simple answers on tiny projects: what they score is what scikit-learn's own pipelines score, and runs find them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score, f1_score
from torch import nn

from ftstudio.cli.baselines import against_baselines
from ftstudio.core.errors import StudioError
from ftstudio.core.messages import Remark
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets.store import Dataset
from ftstudio.engine.layers import random_weights
from ftstudio.engine.probes import simple_answers
from ftstudio.project.baselines import STUDY, latest_baselines
from ftstudio.project.studies import list_studies
from ftstudio.studies.baselines import BaselineOptions
from tests.engine.guards.test_cross_validation import HEAD, overrides
from tests.engine.projects import Tiny


def by_key(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["key"]: one for one in document["baselines"]}


def test_the_study_scores_all_simple_answers_on_both_held_back_parts(text_project: Tiny) -> None:
    found = by_key(text_project.job("baselines", settings=overrides()))

    assert list(found) == ["majority", "bag_of_words", "frozen_features"]
    dataset = Dataset.open(text_project.layout.data)
    truth = dataset.table(Split.TEST)["label"].to_pylist()
    learned = dataset.table(Split.TRAIN)["label"].to_pylist()
    expected = DummyClassifier().fit([[0]] * len(learned), learned).predict([[0]] * len(truth))
    scores = found["majority"]["metrics"]["test"]
    assert scores["accuracy"] == pytest.approx(accuracy_score(truth, expected))
    assert scores["macro_f1"] == pytest.approx(f1_score(truth, expected, average="macro"))
    assert found["bag_of_words"]["metrics"]["test"]["accuracy"] > 0.85
    assert all({"validation", "test"} == set(one["metrics"]) for one in found.values())


def test_pictures_have_no_bag_of_words_and_random_weights_come_on_request(image_project: Tiny) -> None:
    found = by_key(image_project.job("baselines", settings=overrides(max_steps=3), random_weights=True))

    assert list(found) == ["majority", "frozen_features", "random_weights"]
    assert found["random_weights"]["of_model"]
    assert found["random_weights"]["rows"] == Dataset.open(image_project.layout.data).count(Split.TRAIN)
    assert list(image_project.layout.cache.iterdir()) == []


def test_the_first_run_on_new_data_scores_the_cheap_ones_by_itself(text_project: Tiny) -> None:
    document = text_project.train()

    assert list(by_key(document)) == ["majority", "bag_of_words", "frozen_features"]
    assert len(list_studies(text_project.layout, STUDY)) == 1
    lines = "\n".join(against_baselines(document))
    assert "Bag of words" in lines
    assert "This model" in lines

    again = text_project.train()
    assert len(list_studies(text_project.layout, STUDY)) == 1
    assert again["baselines"] == document["baselines"]


def test_what_a_run_scores_by_itself_changes_nothing_of_the_run(
    text_project: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_them = text_project.train(dropout=0.2)
    monkeypatch.setattr("ftstudio.engine.guards.baselines_study.MOST_ROWS_BY_ITSELF", 0)
    text_project.layout.studies.rename(text_project.root / "away")
    without = text_project.train(dropout=0.2)

    assert without["baselines"] == []
    assert without["metrics"] == with_them["metrics"]


def test_the_probe_of_a_run_scores_as_the_study_scores_frozen_features(text_project: Tiny) -> None:
    text_project.train(**HEAD)
    by_itself = {one.key: one for one in _latest(text_project)}["frozen_features"]
    text_project.job("baselines", settings=overrides(**HEAD))
    asked_for = {one.key: one for one in _latest(text_project)}["frozen_features"]

    accuracy = [one.metrics["validation"]["accuracy"] for one in (by_itself, asked_for)]
    assert accuracy[0] == pytest.approx(accuracy[1])
    assert "test" in asked_for.metrics


def _latest(project: Tiny) -> list[Any]:
    report = list_studies(project.layout, STUDY)[0].report
    return latest_baselines(project.layout, report.data_fingerprint, report.model_fingerprint)


def test_texts_without_spaces_are_cut_into_characters() -> None:
    learned = ["天气很好我很高兴", "今天很高兴", "高兴极了", "我很难过", "难过得想哭", "真让人难过"]
    labels = np.array([1, 1, 1, 0, 0, 0])
    (answers,) = simple_answers.bag_of_words(learned, labels, [["他们都高兴", "她们都难过"]], 2)
    assert answers.argmax(axis=1).tolist() == [1, 0]


def test_texts_without_any_word_get_the_commonest_label() -> None:
    (answers,) = simple_answers.bag_of_words(["!!! …", "??? !"], np.array([2, 2]), [["…  ", "! !"]], 3)
    assert answers.argmax(axis=1).tolist() == [2, 2]


def test_some_rows_keep_every_class_by_its_share() -> None:
    labels = np.array([0] * 900 + [1] * 95 + [2] * 4 + [-1] * 50)
    rows = simple_answers.some_rows(labels, 100, seed=1)
    assert np.bincount(labels[rows]).tolist() == [90, 10, 1]
    assert len(simple_answers.some_rows(labels, 5000, seed=1)) == 999


def test_random_weights_forget_everything_but_shapes() -> None:
    torch.manual_seed(3)
    model = nn.Sequential(nn.Embedding(9, 4), nn.Linear(4, 8), nn.LayerNorm(8), nn.BatchNorm1d(8), nn.Linear(8, 2))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    random_weights.draw(model, seed=5)
    after = {name: value.clone() for name, value in model.state_dict().items()}
    assert not any(torch.equal(after[name], before[name]) for name in ("0.weight", "1.weight", "4.weight", "4.bias"))
    assert torch.equal(after["2.weight"], torch.ones(8))
    random_weights.draw(model, seed=5)
    assert all(torch.equal(after[name], value) for name, value in model.state_dict().items())


def test_the_options_name_their_limits() -> None:
    assert BaselineOptions().max_rows == 2_000
    with pytest.raises(ValueError, match="greater than or equal to 20"):
        BaselineOptions(max_rows=1)


def test_simple_answers_that_cannot_be_scored_do_not_end_the_training(
    text_project: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StudioError(text("The disk is full."))

    monkeypatch.setattr("ftstudio.engine.guards.baselines_study.before_training", fail)
    document = text_project.train()

    assert document["state"] == "finished"
    assert [one.code for one in text_project.of(Remark)].count("no_baselines") == 1
