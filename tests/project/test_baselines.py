"""The scores a model has to beat: the newest of each kind, of this data and, where it matters, of this model."""

from __future__ import annotations

from pathlib import Path

from ftstudio.project.baselines import STUDY, Baseline, latest_baselines, read
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.studies import StudyReport, store


def _store(project: ProjectLayout, day: int, data: str, model: str, *found: Baseline) -> None:
    numbers = {"baselines": [one.model_dump(mode="json") for one in found]}
    made = f"2026-01-{day:02}T00:00:00Z"
    store(project, StudyReport(study=STUDY, made=made, data_fingerprint=data, model_fingerprint=model, numbers=numbers))


def _baseline(key: str, value: float, split: str = "test", *, of_model: bool = False) -> Baseline:
    return Baseline(key=key, metrics={split: {"accuracy": value}}, rows=9, seconds=0.1, of_model=of_model)


def test_the_newest_of_each_kind_count_and_come_in_a_fixed_order(tmp_path: Path) -> None:
    project = ProjectLayout(tmp_path)
    _store(project, 1, "data", "model", _baseline("frozen_features", 0.6, of_model=True), _baseline("majority", 0.3))
    _store(project, 2, "data", "model", _baseline("majority", 0.4))

    found = latest_baselines(project, "data", "model")
    assert [(one.key, one.metrics["test"]["accuracy"]) for one in found] == [
        ("majority", 0.4),
        ("frozen_features", 0.6),
    ]


def test_other_data_does_not_count_and_other_models_only_where_it_matters(tmp_path: Path) -> None:
    project = ProjectLayout(tmp_path)
    _store(project, 1, "data", "other", _baseline("frozen_features", 0.6, of_model=True), _baseline("majority", 0.3))
    _store(project, 2, "other data", "model", _baseline("bag_of_words", 0.9))

    assert [one.key for one in latest_baselines(project, "data", "model")] == ["majority"]


def test_splits_that_only_an_older_study_has_scored_stay(tmp_path: Path) -> None:
    project = ProjectLayout(tmp_path)
    _store(project, 1, "data", "model", _baseline("frozen_features", 0.6, of_model=True))
    _store(project, 2, "data", "model", _baseline("frozen_features", 0.7, "validation", of_model=True))

    (found,) = latest_baselines(project, "data", "model")
    assert found.metrics == {"test": {"accuracy": 0.6}, "validation": {"accuracy": 0.7}}


def test_what_cannot_be_read_is_left_out() -> None:
    document = {"baselines": [{"key": "majority"}, _baseline("majority", 0.4).model_dump(), 3]}
    assert [one.key for one in read(document)] == ["majority"]
    assert read({}) == []
