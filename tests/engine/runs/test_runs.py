"""Whole runs of both tasks with every tuning method, through the one door."""

from __future__ import annotations

import math
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from safetensors.numpy import load_file, save_file

from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.messages import Changed, Event, Kept, Measured, Pause, Progress, Resume, Started, Stop
from ftstudio.core.problems import Fix
from ftstudio.core.states import RunState, Split
from ftstudio.core.text import Text
from ftstudio.datasets.store import Dataset
from ftstudio.engine.control import Control
from ftstudio.project.decisions import Decision, write_decision
from ftstudio.project.journal import read_events
from ftstudio.project.runs import list_runs, read_status, write_status
from tests.engine.projects import Tiny, read_json

METHODS = ("head", "top_layers", "full")
METRICS = {"accuracy", "macro_f1", "balanced_accuracy", "loss"}


@pytest.fixture
def project(request: pytest.FixtureRequest) -> Tiny:
    found: Tiny = request.getfixturevalue(request.param)
    return found


both = pytest.mark.parametrize("project", ["text_project", "image_project"], indirect=True)


@both
@pytest.mark.parametrize("method", METHODS)
def test_a_run_leaves_all_that_it_promises(project: Tiny, method: str) -> None:
    document = project.train(tuning_method=method, top_layers=1, dropout=0.0)

    assert document["state"] == "finished"
    assert document["steps"] > 0
    assert document["seconds"] > 0
    assert document["samples_per_second"] > 0
    assert document["peak_memory_bytes"] > 0
    assert document["frozen_layers_computed_once"] is (method != "full")
    assert set(document["best"]) == {"step", "metric", "value"}
    assert set(document["metrics"]) == {"validation", "test"}
    for split in ("validation", "test"):
        assert set(document["metrics"][split]) == METRICS
        assert all(math.isfinite(value) for value in document["metrics"][split].values())
    assert document["best"]["value"] == pytest.approx(document["metrics"]["validation"]["macro_f1"], abs=1e-6)
    assert str(document["best"]["step"]) in str(Text.model_validate(document["kept_because"])) or (
        document["best"]["step"] == 0
    )

    run = project.run(document["run"])
    assert read_json(run.request)["settings"]["tuning_method"] == method
    assert read_json(run.environment)["packages"]["torch"]
    assert read_json(run.report)["document"] == document
    assert read_status(run).state is RunState.FINISHED
    assert {path.name for path in run.checkpoints.iterdir()} == {"best", "last"}
    assert (run.model / "model.safetensors").is_file()
    assert (run.model / "config.json").is_file()
    for folder in (run.best, run.last):
        assert (folder / "state.json").is_file()


@both
def test_events_come_in_order_and_are_recorded(project: Tiny) -> None:
    document = project.train()

    started = project.of(Started)
    assert [one.total_steps for one in started][-1] == document["steps"]
    assert started[0].run == document["run"]
    measured = project.of(Measured)
    train = [one for one in measured if one.split == "train"]
    assert [one.step for one in train] == list(range(1, document["steps"] + 1))
    assert train[-1].epoch == pytest.approx(2.0)
    assert [one.seconds for one in train] == sorted(one.seconds for one in train)
    checks = [one for one in measured if one.split == "validation"]
    assert checks[0].step == 0
    assert len(checks) == 3
    assert project.events.index(checks[0]) < project.events.index(train[0])
    assert project.events.index(started[-1]) < project.events.index(measured[0])
    kept = project.of(Kept)
    assert {one.which for one in kept} == {"best", "last"}
    assert [one.step for one in kept if one.which == "last"][-1] == document["steps"]
    assert [one.state for one in project.of(Changed)] == [RunState.FINISHED]
    assert project.of(Progress)

    recorded = read_events(project.run(document["run"]).metrics)
    assert [one for one in recorded if isinstance(one, Measured)] == measured
    assert [one for one in recorded if isinstance(one, Kept)] == kept


@both
def test_predictions_are_stored_beside_their_source_rows(project: Tiny) -> None:
    document = project.train(max_steps=2)

    file = project.run(document["run"]).predictions / "predictions.arrow"
    table = pa.ipc.open_file(str(file)).read_all()
    dataset = Dataset.open(project.layout.data)
    for split in (Split.VALIDATION, Split.TEST):
        rows = [row for row in table.to_pylist() if row["split"] == split.value]
        assert [row["row"] for row in rows] == dataset.table(split)["row"].to_pylist()
        right = np.mean([int(np.argmax(row["logits"])) == row["label"] for row in rows])
        assert right == pytest.approx(document["metrics"][split.value]["accuracy"])


def test_stop_keeps_the_best_and_the_last(text_project: Tiny) -> None:
    control = Control()

    def stop_after_five(event: object) -> None:
        if isinstance(event, Measured) and event.split == "train" and event.step == 5:
            control.obey(Stop())

    document = text_project.train(control, stop_after_five, epochs=10.0)

    assert (document["state"], document["steps"]) == ("stopped", 5)
    run = text_project.run(document["run"])
    assert read_status(run).state is RunState.STOPPED
    assert (run.last / "optimisers.safetensors").is_file()
    assert (run.best / "state.json").is_file()
    assert set(document["metrics"]["test"]) == METRICS
    assert (run.model / "model.safetensors").is_file()


def test_pause_holds_the_run_and_resume_lets_it_go_on(text_project: Tiny) -> None:
    control = Control()
    paused = threading.Event()
    steps_while_paused: list[int] = []

    def listen(event: object) -> None:
        if isinstance(event, Measured) and event.split == "train" and event.step == 3:
            control.obey(Pause())
        if isinstance(event, Changed) and event.state is RunState.PAUSED:
            paused.set()

    def user() -> None:
        assert paused.wait(60)
        run = list_runs(text_project.layout)[0]
        steps_while_paused.append(read_json(run.layout.last / "state.json")["state"]["step"])
        control.obey(Resume())

    person = threading.Thread(target=user)
    person.start()
    document = text_project.train(control, listen, max_steps=6)
    person.join()

    assert steps_while_paused == [3]
    assert document["steps"] == 6
    states = [one.state for one in text_project.of(Changed)]
    assert states == [RunState.PAUSED, RunState.RUNNING, RunState.FINISHED]


def test_a_stop_ends_a_pause(text_project: Tiny) -> None:
    control = Control()

    def listen(event: object) -> None:
        if isinstance(event, Measured) and event.split == "train" and event.step == 2:
            control.obey(Pause())
        if isinstance(event, Changed) and event.state is RunState.PAUSED:
            threading.Thread(target=control.obey, args=(Stop(),)).start()

    document = text_project.train(control, listen, max_steps=6)

    assert (document["state"], document["steps"]) == ("stopped", 2)


def test_early_stopping_ends_a_run_that_learns_nothing(text_project: Tiny) -> None:
    document = text_project.train(learning_rate=1e-9, epochs=20.0, patience=2, probe_first=False)

    steps_an_epoch = text_project.of(Started)[-1].steps_per_epoch
    assert document["steps"] == 2 * steps_an_epoch
    assert document["state"] == "finished"
    assert "early" in str(Text.model_validate(document["stopped_because"]))

    whole = text_project.train(learning_rate=1e-9, epochs=4.0, patience=2, early_stopping=False, probe_first=False)
    assert whole["steps"] == 4 * steps_an_epoch


def test_the_kept_model_is_the_best_one_not_the_last(text_project: Tiny) -> None:
    """A rate that wrecks the model leaves the probe from before the first step as the best."""
    document = text_project.train(learning_rate=0.5, warmup=0.0, max_grad_norm=0.0, max_steps=12, optimizer="sgd")

    assert document["best"]["step"] == 0
    assert document["best"]["value"] == pytest.approx(document["metrics"]["validation"]["macro_f1"], abs=1e-6)
    run = text_project.run(document["run"])
    best, last = load_file(run.best / "weights.safetensors"), load_file(run.last / "weights.safetensors")
    assert any(not np.array_equal(best[name], last[name]) for name in best)
    model = load_file(run.model / "model.safetensors")
    assert np.array_equal(model["classifier.weight"], best["classifier.weight"])


ALL_CHANCE: dict[str, Any] = {"dropout": 0.2, "label_smoothing": 0.1, "class_weights": "balanced"}


@pytest.mark.parametrize(
    ("name", "stop_at", "values"),
    [
        ("text_project", 1, ALL_CHANCE),
        ("text_project", 4, ALL_CHANCE),
        ("text_project", 6, {"tuning_method": "top_layers", "top_layers": 1, "dropout": 0.2}),
        ("image_project", 5, {"augmentation": "strong"}),
    ],
)
def test_a_resumed_run_ends_bit_for_bit_where_an_unbroken_one_does(
    request: pytest.FixtureRequest, name: str, values: dict[str, Any], stop_at: int
) -> None:
    project: Tiny = request.getfixturevalue(name)
    settings = {**values, "epochs": 3.0, "batch_size": 20, "early_stopping": False}
    whole = project.train(**settings)
    curve = [one for one in project.of(Measured) if one.split == "train"]
    control = Control()

    def stop(event: object) -> None:
        if isinstance(event, Measured) and event.split == "train" and event.step == stop_at:
            control.obey(Stop())

    broken = project.train(control, stop, **settings)
    assert broken["state"] == "stopped"
    resumed = project.train(resume=broken["run"])

    assert resumed["run"] == broken["run"]
    assert resumed["steps"] == whole["steps"]
    assert resumed["state"] == "finished"
    assert resumed["metrics"] == whole["metrics"]
    assert resumed["best"] == whole["best"]
    one, other = project.run(whole["run"]), project.run(resumed["run"])
    for file in ("checkpoints/last/weights.safetensors", "checkpoints/best/weights.safetensors"):
        _assert_same(load_file(one.root / file), load_file(other.root / file))
    _assert_same(load_file(one.model / "model.safetensors"), load_file(other.model / "model.safetensors"))
    recorded = [event for event in read_events(other.metrics) if isinstance(event, Measured)]
    losses = [event.values["loss"] for event in recorded if event.split == "train"]
    assert losses == [event.values["loss"] for event in curve]


def _assert_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert np.array_equal(value, other[name]), name


def test_a_finished_run_cannot_be_resumed(text_project: Tiny) -> None:
    document = text_project.train(max_steps=1)

    with pytest.raises(InputError, match="cannot go on"):
        text_project.train(resume=document["run"])


def test_a_run_whose_data_has_changed_is_not_resumed(text_project: Tiny) -> None:
    control = Control()
    control.obey(Stop())
    with pytest.raises(Exception, match="Cancelled"):
        text_project.train(control)
    control = Control()

    def stop(event: object) -> None:
        if isinstance(event, Measured) and event.split == "train":
            control.obey(Stop())

    broken = text_project.train(control, stop)
    dataset = Dataset.open(text_project.layout.data)
    dataset.apply(Fix(key="merge_labels", label=Text(template="x"), params={"names": {"bad": "good"}}))

    with pytest.raises(InputError, match="data has changed"):
        text_project.train(resume=broken["run"])


def test_an_unknown_metric_is_refused_before_anything_is_written(text_project: Tiny) -> None:
    with pytest.raises(InputError, match="no metric called") as caught:
        text_project.train(monitor="rouge")

    assert caught.value.where.field == "monitor"
    assert "macro_f1" in str(caught.value.hint)
    assert not text_project.layout.runs.exists() or not any(text_project.layout.runs.iterdir())


@both
def test_a_finished_run_is_evaluated_and_predicts(project: Tiny) -> None:
    document = project.train(max_steps=3)
    dataset = Dataset.open(project.layout.data)

    evaluated = project.job("evaluate", run=document["run"])
    assert evaluated["split"] == "test"
    assert evaluated["rows"] == dataset.count(Split.TEST)
    assert evaluated["metrics"] == pytest.approx(document["metrics"]["test"], abs=1e-5)
    for key, value in evaluated["metrics"].items():
        low, high = evaluated["intervals"][key]
        assert low <= value <= high
        assert document["intervals"]["test"][key] == pytest.approx([low, high], abs=1e-4)
    assert 0.0 <= evaluated["ece"] <= 1.0

    table = dataset.table(Split.TEST).slice(0, 3).to_pylist()
    if "image" in table[0]:
        answers = project.job("predict", files=[str(dataset.image_path(row["image"])) for row in table])
    else:
        answers = project.job("predict", texts=[row["text"] for row in table])
    stored = pa.ipc.open_file(str(project.run(document["run"]).predictions / "predictions.arrow")).read_all()
    expected = [row for row in stored.to_pylist() if row["split"] == "test"][:3]
    for answer, row in zip(answers["predictions"], expected, strict=True):
        assert answer["label"] == dataset.labels[int(np.argmax(row["logits"]))]
        assert sum(answer["probabilities"].values()) == pytest.approx(1.0, abs=1e-5)
        assert list(answer["probabilities"]) == dataset.labels


def test_a_decision_is_applied_wherever_the_model_answers(text_project: Tiny) -> None:
    run = text_project.run(text_project.train(max_steps=3)["run"])
    before = text_project.job("predict", texts=["good"])["predictions"][0]
    decision = Decision(temperature=2.0, dont_know_below=0.99)
    write_decision(run, decision)

    after = text_project.job("predict", texts=["good"])["predictions"][0]
    assert (after["label"], before["known"], after["known"]) == (before["label"], True, False)
    assert max(after["probabilities"].values()) < max(before["probabilities"].values())
    assert text_project.job("evaluate", run=run.id)["decision"] == decision.model_dump()

    run.decision.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="decision"):
        text_project.job("predict", texts=["good"])


def test_a_damaged_result_is_named(text_project: Tiny) -> None:
    run = text_project.run(text_project.train(max_steps=1, tuning_method="head")["run"])
    weights = run.model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:4000])
    with pytest.raises(InputError, match="safetensors"):
        text_project.job("predict", texts=["good"])

    run.report.write_text('{"document": {}}', encoding="utf-8")
    with pytest.raises(InputError, match="labels"):
        text_project.job("predict", texts=["good"])


def test_weights_that_are_no_numbers_give_no_answer_and_no_export(text_project: Tiny, tmp_path: Path) -> None:
    run = text_project.run(text_project.train(max_steps=1, tuning_method="head")["run"])
    path = run.model / "model.safetensors"
    weights = load_file(path)
    weights[next(name for name in weights if name.endswith("word_embeddings.weight"))][3, 0] = float("nan")
    save_file(weights, path, metadata={"format": "pt"})
    run.weights.unlink()  # as a run from before hashes were taken

    for job, options in (
        ("predict", {"texts": ["good"]}),
        ("evaluate", {"run": run.id}),
        ("export", {"format": "hf-folder", "to": str(tmp_path / "out")}),
    ):
        with pytest.raises(InputError, match="not numbers"):
            text_project.job(job, **options)
    assert not (tmp_path / "out").exists()


def test_an_empty_text_is_told_and_not_answered(text_project: Tiny, tmp_path: Path) -> None:
    text_project.train(max_steps=1, tuning_method="head")
    nothing = tmp_path / "nothing.txt"
    nothing.write_text(" \n", encoding="utf-8")

    with pytest.raises(InputError, match="The text is empty"):
        text_project.job("predict", texts=[""])
    with pytest.raises(InputError, match="Text 2 is empty") as told:
        text_project.job("predict", texts=["good", " "])
    assert told.value.where.row == 2
    with pytest.raises(InputError, match=r"nothing\.txt” is empty"):
        text_project.job("predict", files=[str(nothing)])


def test_the_same_seed_gives_the_same_model_and_another_seed_another(text_project: Tiny) -> None:
    runs = [text_project.train(max_steps=4, dropout=0.1, seed=seed) for seed in (3, 3, 4)]
    weights = [load_file(text_project.run(one["run"]).last / "weights.safetensors") for one in runs]

    _assert_same(weights[0], weights[1])
    assert not all(np.array_equal(weights[0][name], weights[2][name]) for name in weights[0])


def test_several_portions_of_a_batch_train_as_one(text_project: Tiny) -> None:
    whole = text_project.train(max_steps=5, dropout=0.0, optimizer="sgd")
    parts = text_project.train(max_steps=5, dropout=0.0, optimizer="sgd", micro_batch_size=3)

    one, other = (load_file(text_project.run(run["run"]).last / "weights.safetensors") for run in (whole, parts))
    for name, value in one.items():
        np.testing.assert_allclose(value, other[name], atol=2e-5, err_msg=name)


def test_a_run_that_came_to_its_end_is_scored_when_resumed_and_learns_no_more(text_project: Tiny) -> None:
    done = text_project.train(epochs=2.0)
    run = text_project.run(done["run"])
    assert not (run.last / "optimisers.safetensors").exists(), "nothing will be learned from here on"
    weights = (run.model / "model.safetensors").read_bytes()
    status = read_status(run)
    write_status(run, status.model_copy(update={"state": RunState.INTERRUPTED}))

    again = text_project.train(resume=run.id)

    assert again["steps"] == done["steps"]
    assert not [one for one in text_project.of(Measured) if one.split == "train"]
    assert (run.model / "model.safetensors").read_bytes() == weights
    assert again["metrics"] == done["metrics"]


@pytest.mark.parametrize("when", [Started, Measured])
def test_a_run_that_was_taken_away_at_work_ends_and_does_not_come_back_in_parts(
    text_project: Tiny, when: type[Event]
) -> None:
    def take_away(event: Event) -> None:
        if isinstance(event, when):
            for run in text_project.layout.runs.iterdir():
                shutil.rmtree(run)

    with pytest.raises(StudioError, match="is not there any more") as caught:
        text_project.train(listener=take_away)

    assert caught.value.hint is not None
    assert list(text_project.layout.runs.iterdir()) == []
