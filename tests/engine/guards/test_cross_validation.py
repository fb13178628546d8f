"""Cross-validation on tiny models: every row is answered once, by a fold that has not learned from it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ftstudio.core.errors import CancelledError, InputError
from ftstudio.core.messages import Event, Measured, Progress, Request, Stop
from ftstudio.core.problems import Fix
from ftstudio.core.settings import Overrides
from ftstudio.core.states import RunState, Split
from ftstudio.core.text import Text
from ftstudio.datasets import folds
from ftstudio.datasets.store import Dataset
from ftstudio.engine.context import JobContext
from ftstudio.engine.control import Control
from ftstudio.engine.guards import cross_validation, trials
from ftstudio.engine.guards.studies import begin
from ftstudio.planning import out_of_fold
from ftstudio.project.recovery import recover
from ftstudio.project.runs import list_runs
from ftstudio.project.studies import latest, list_studies
from ftstudio.studies.cross_validate import CrossValidateOptions
from tests.engine.projects import FAST, Tiny

HEAD: dict[str, Any] = {"tuning_method": "head", "learning_rate": 1e-2, "epochs": 4.0}


def overrides(**values: Any) -> dict[str, Any]:
    return Overrides(values={**FAST, **values}).model_dump()


def ground_of(project: Tiny, **values: Any) -> trials.Ground:
    request = Request(job="cross_validate", project=project.root, options={"settings": overrides(**values)})
    study = begin(request, JobContext(emit=lambda event: None, folder=project.root), CrossValidateOptions)
    return trials.lay(study, folds.pool(study.dataset))


@pytest.fixture
def done(text_project: Tiny) -> tuple[Tiny, dict[str, Any]]:
    return text_project, text_project.job("cross_validate", folds=3, settings=overrides(**HEAD))


def test_every_row_is_answered_once_beside_its_label(done: tuple[Tiny, dict[str, Any]]) -> None:
    project, document = done
    dataset = Dataset.open(project.layout.data)
    answers = out_of_fold.latest_answers(project.layout, dataset)

    table = answers.table
    expected = pa.concat_tables([dataset.table(Split.TRAIN), dataset.table(Split.VALIDATION)])
    assert sorted(table["row"].to_pylist()) == sorted(expected["row"].to_pylist())
    assert len(set(table["place"].to_pylist())) == table.num_rows == document["rows"]
    assert set(table["fold"].to_pylist()) == {0, 1, 2}
    labels = dict(zip(expected["row"].to_pylist(), expected["label"].to_pylist(), strict=True))
    assert all(answers.labels[row["label"]] == labels[row["row"]] for row in table.to_pylist())
    assert all(len(row["logits"]) == 3 and np.isfinite(row["logits"]).all() for row in table.to_pylist())


def test_the_mean_and_its_intervals_follow_from_the_stored_answers(done: tuple[Tiny, dict[str, Any]]) -> None:
    project, document = done
    table = out_of_fold.latest_answers(project.layout, Dataset.open(project.layout.data)).table
    rows = table.to_pylist()
    shares = [
        np.mean([np.argmax(row["logits"]) == row["label"] for row in rows if row["fold"] == fold]) for fold in range(3)
    ]
    found = document["metrics"]["accuracy"]
    assert found["folds"] == pytest.approx(shares)
    assert found["mean"] == pytest.approx(np.mean(shares))
    spread = 4.303 * np.std(shares, ddof=1) / np.sqrt(3)
    assert found["low"] == pytest.approx(max(0, np.mean(shares) - spread))
    assert found["rows_low"] < np.mean(shares) < found["rows_high"]


def test_the_final_run_learns_from_all_rows_for_the_median_best_step(done: tuple[Tiny, dict[str, Any]]) -> None:
    project, document = done
    assert document["step"] == sorted(document["best_steps"])[1]
    run = list_runs(project.layout)[0]
    assert (run.id, run.status.state) == (document["run"], RunState.FINISHED)
    assert run.report is not None
    final = run.report.document
    assert final["steps"] == document["step"]
    assert final["training_rows"] == document["rows"]
    assert (final["metrics"]["validation"], set(final["metrics"]["test"])) == ({}, set(document["test"]))
    assert "3 folds" in Text.model_validate(final["kept_because"]).render()
    assert (run.layout.model / "model.safetensors").is_file()
    assert project.job("evaluate")["metrics"] == pytest.approx(document["test"], abs=1e-4)


def test_the_report_is_stored_with_the_fingerprint_of_the_data(done: tuple[Tiny, dict[str, Any]]) -> None:
    project, document = done
    report = latest(project.layout, "cross_validate").report
    assert report.id == document["study"]
    assert report.data_fingerprint == Dataset.open(project.layout.data).fingerprint
    assert len(report.charts[0].series) == 3
    assert json.dumps(document)
    phases = [one.phase.render() for one in project.of(Progress)]
    assert [fold for fold in (1, 2, 3) if f"Fold {fold} of 3" in phases] == [1, 2, 3]


def test_answers_of_other_data_are_never_handed_out(done: tuple[Tiny, dict[str, Any]]) -> None:
    project, _ = done
    dataset = Dataset.open(project.layout.data)
    dataset.apply(Fix(key="merge_labels", label=Text(template="x"), params={"names": {"fine": "good"}}))
    report = latest(project.layout, "cross_validate").report
    assert out_of_fold.is_stale(report, dataset)
    with pytest.raises(InputError, match="changed since the folds"):
        out_of_fold.latest_answers(project.layout, dataset)


def test_a_changed_byte_in_the_answers_is_noticed(done: tuple[Tiny, dict[str, Any]]) -> None:
    project, _ = done
    path = latest(project.layout, "cross_validate").folder / out_of_fold.FILE
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match="not as it was written"):
        out_of_fold.latest_answers(project.layout, Dataset.open(project.layout.data))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        HEAD,
        {"dropout": 0.3, "tuning_method": "top_layers", "top_layers": 1},
        {"tuning_method": "lora", "lora_rank": 2},
        {"tuning_method": "gradual", "gradual_epochs": 1.0},
        {"weight_averaging": 0.9},
    ],
    ids=["full", "head", "top_layers", "lora", "gradual", "averaged"],
)
def test_a_fold_is_the_same_alone_as_after_others(text_project: Tiny, tmp_path: Path, settings: dict[str, Any]) -> None:
    """Without the probe the training itself makes the model, so that a fold would be seen in the next."""
    settings = {**settings, "probe_first": False, "learning_rate": 1e-2, "batch_size": 8, "epochs": 6.0}
    ground = ground_of(text_project, **settings)
    fold = folds.divide(ground.pool, 3, 1)
    several = [cross_validation.train_fold(ground, fold, at, 3, tmp_path / f"{at}") for at in range(3)]
    alone = cross_validation.train_fold(ground_of(text_project, **settings), fold, 2, 3, tmp_path / "alone")

    assert any(one.state.best is not None and one.state.best.step > 0 for one in several[:2])
    assert np.array_equal(several[2].logits, alone.logits)
    assert [one.values for one in several[2].checks] == [one.values for one in alone.checks]
    assert several[2].state.best == alone.state.best


def test_a_fold_gives_what_a_run_on_the_same_rows_gives(text_project: Tiny, tmp_path: Path) -> None:
    """The project's own split, taken as a fold, is trained as `train` trains it."""
    settings = {"probe_first": False, "learning_rate": 1e-2, "epochs": 6.0}
    run = text_project.train(**settings)
    ground = ground_of(text_project, **settings)
    held = np.array(ground.pool.table["split"].to_pylist()) == "validation"
    learned, checked = np.flatnonzero(~held), np.flatnonzero(held)
    trial = trials.run(ground, learned, checked, ground.study.settings, tmp_path / "own", lambda done, total: None)

    assert trial.state.best is not None
    assert trial.state.best.step == run["best"]["step"] > 0
    scores = ground.study.task.score(trial.logits, ground.pool.labels[checked])
    assert scores == pytest.approx(run["metrics"]["validation"], abs=1e-5)


def test_pictures_are_cross_validated_too(image_project: Tiny) -> None:
    document = image_project.job("cross_validate", folds=2, refit=False, settings=overrides(epochs=1.0))
    assert document["run"] is None
    assert list_runs(image_project.layout) == []
    assert len(document["metrics"]["accuracy"]["folds"]) == 2


def test_a_stop_leaves_nothing(text_project: Tiny) -> None:
    control = Control()

    def listen(event: Event) -> None:
        if isinstance(event, Progress) and event.phase.params.get("fold") == 2 and event.done:
            control.obey(Stop())

    with pytest.raises(CancelledError):
        text_project.job("cross_validate", control, listen, folds=3, settings=overrides())
    assert list_studies(text_project.layout) == []
    assert list_runs(text_project.layout) == []
    assert list(text_project.layout.cache.iterdir()) == []


def test_a_final_run_that_was_stopped_goes_on_with_the_same_rows(text_project: Tiny) -> None:
    control = Control()

    def listen(event: Event) -> None:
        if isinstance(event, Measured) and event.step == 2:
            control.obey(Stop())

    whole = text_project.job("cross_validate", folds=3, settings=overrides(**HEAD, probe_first=False))
    stopped = text_project.job(
        "cross_validate", control, listen, folds=3, settings=overrides(**HEAD, probe_first=False)
    )
    assert whole["step"] > 2
    assert list_runs(text_project.layout)[0].status.state is RunState.STOPPED

    resumed = text_project.train(resume=stopped["run"])

    assert resumed["steps"] == whole["step"]
    assert resumed["training_rows"] == whole["rows"]
    assert resumed["metrics"]["test"] == pytest.approx(whole["test"], abs=1e-5)


def test_more_folds_than_rows_of_a_class_are_refused_before_anything_is_loaded(text_project: Tiny) -> None:
    dataset = Dataset.open(text_project.layout.data)
    rows = dataset.table()
    gone = [
        row for row, label in zip(rows["row"].to_pylist(), rows["label"].to_pylist(), strict=True) if label == "bad"
    ]
    assert len(gone) > 6
    dataset.apply(Fix(key="drop_rows", label=Text(template="x"), params={"places": gone[:-5]}))
    with pytest.raises(InputError, match="too few for 20 folds"):
        text_project.job("cross_validate", folds=20, settings=overrides())
    assert list_studies(text_project.layout) == []


@pytest.mark.parametrize("method", ["lora", "gradual", "full"])
def test_the_final_model_answers_the_same_from_its_folder(text_project: Tiny, method: str) -> None:
    settings = overrides(tuning_method=method, weight_averaging=0.9)
    document = text_project.job("cross_validate", folds=2, settings=settings)
    assert text_project.job("evaluate", run=document["run"])["metrics"] == pytest.approx(document["test"], abs=1e-3)


def test_without_test_rows_there_is_a_final_model_and_no_score_of_it(text_project: Tiny) -> None:
    dataset = Dataset.open(text_project.layout.data)
    tested = dataset.view.index[dataset.view.in_split(Split.TEST)].tolist()
    dataset.apply(Fix(key="drop_rows", label=Text(template="x"), params={"places": tested}))
    document = text_project.job("cross_validate", folds=2, settings=overrides(**HEAD))
    assert document["test"] == {}
    assert document["advice"][1]["code"] == "final_model"
    assert list_runs(text_project.layout)[0].status.state is RunState.FINISHED


def test_what_a_kill_leaves_of_the_folds_goes_when_the_project_is_opened_again(text_project: Tiny) -> None:
    with trials.scratch(text_project.layout) as folder:
        left = folder.with_name(folder.name.replace(str(os.getpid()), "99999999", 1))
        (left / "0").mkdir(parents=True)
        assert recover(text_project.layout).cleaned == (left,)
        assert folder.exists()
    assert not left.exists()
