"""Whole runs that learn to mark places, with every tuning method, and what is done with them afterwards."""

from __future__ import annotations

import csv
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from safetensors.numpy import load_file

from ftstudio.core import spans, units
from ftstudio.core.errors import InputError
from ftstudio.core.messages import Measured, Stop
from ftstudio.core.states import Split
from ftstudio.core.text import Text
from ftstudio.core.tuning_methods import METHODS
from ftstudio.datasets.store import Dataset
from ftstudio.engine.control import Control
from ftstudio.planning.answers import read_answers
from ftstudio.planning.span_answers import read_span_answers
from tests.engine.learning.test_out_of_memory import let_fail
from tests.engine.projects import PLACES, Tiny

METRICS = {"f1", "precision", "recall", "macro_f1", "loss"}
OF_METHOD: dict[str, dict[str, Any]] = {
    "top_layers": {"top_layers": 1},
    "gradual": {"gradual_epochs": 0.5},
    "custom": {"custom_layers": "encoder.layer.1"},
}


@pytest.mark.parametrize("method", [key for key in METHODS if key != "qlora"])
def test_every_tuning_method_leaves_all_that_it_promises(tagged_project: Tiny, method: str) -> None:
    document = tagged_project.train(tuning_method=method, monitor="f1", dropout=0.0, **OF_METHOD.get(method, {}))

    assert document["state"] == "finished"
    for split in ("validation", "test"):
        assert set(document["metrics"][split]) == METRICS
        assert all(math.isfinite(value) for value in document["metrics"][split].values())
        assert set(document["intervals"][split]) == METRICS - {"loss"}
        assert document["tables"][split]["labels"] == ["colour", "thing"]
    assert document["labels"] == units.tags_for(["colour", "thing"])
    run = tagged_project.run(document["run"])
    assert (run.model / "model.safetensors").is_file()
    answers = tagged_project.job("predict", texts=["the red apple"], run=run.id)["predictions"]
    assert answers[0]["probabilities"] == {}


def test_it_learns_what_is_easy_and_says_it_in_places(tagged_project: Tiny) -> None:
    document = tagged_project.train(monitor="f1", epochs=20.0, learning_rate=1e-2, tuning_method="full", dropout=0.0)

    assert document["metrics"]["test"]["f1"] > 0.9
    passage = "the red paper it , a stone is"
    (answer,) = tagged_project.job("predict", texts=[passage])["predictions"]
    found = [(one["label"], one["text"]) for one in answer["spans"]]
    assert found == [("colour", "red paper"), ("thing", "stone")]
    assert answer["label"] == "red paper (colour), stone (thing)"
    for one in answer["spans"]:
        assert passage[one["start"] : one["end"]] == one["text"]
        assert 0.5 < one["probability"] <= 1.0


def test_evaluating_again_gives_the_figures_of_the_run(tagged_project: Tiny) -> None:
    document = tagged_project.train(monitor="f1", max_steps=8, learning_rate=5e-3)

    evaluated = tagged_project.job("evaluate", run=document["run"])

    assert evaluated["split"] == "test"
    assert evaluated["metrics"] == pytest.approx(document["metrics"]["test"], abs=1e-5)
    assert evaluated["ece"] is None
    for key, (low, high) in evaluated["intervals"].items():
        assert low <= evaluated["metrics"][key] <= high
    assert evaluated["tables"] == document["tables"]["test"]


def test_a_file_is_evaluated(tagged_project: Tiny) -> None:
    tagged_project.train(monitor="f1", epochs=20.0, learning_rate=1e-2, tuning_method="full")
    file = tagged_project.root / "new.conll"
    file.write_text("the O\nred B-colour\nwas O\n\na O\nstone B-thing\nsmell B-odour\n", encoding="utf-8")

    evaluated = tagged_project.job("evaluate", data=str(file))

    assert evaluated["rows"] == 2
    assert evaluated["metrics"]["recall"] == 1.0, "kinds that the model does not know cannot be asked of it"


def test_stored_answers_stand_beside_their_rows(tagged_project: Tiny) -> None:
    document = tagged_project.train(monitor="f1", epochs=10.0, learning_rate=3e-3, tuning_method="full")
    run, dataset = tagged_project.run(document["run"]), Dataset.open(tagged_project.layout.data)

    for split in (Split.VALIDATION, Split.TEST):
        table, answers = dataset.table(split), read_span_answers(run, dataset, split)
        assert [one.row for one in answers] == table["row"].to_pylist()
        assert [one.text for one in answers] == table["text"].to_pylist()
        assert [spans.write(one.truth) for one in answers] == table["label"].to_pylist()
        right = sum(state == "right" for one in answers for state, _ in one.judged)
        marked, there = sum(len(one.marked) for one in answers), sum(len(one.truth) for one in answers)
        assert document["metrics"][split.value]["precision"] == pytest.approx(right / marked)
        assert document["metrics"][split.value]["recall"] == pytest.approx(right / there)
    with pytest.raises(InputError, match="one label for each row"):
        read_answers(run, dataset)


def test_a_table_of_answers_can_be_imported_again(tagged_project: Tiny, tmp_path: Any) -> None:
    tagged_project.train(monitor="f1", epochs=20.0, learning_rate=1e-2, tuning_method="full")
    source = tmp_path / "new.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        rows = [["note", "text"], *([str(at), f"the {word} it {at}"] for at, word in enumerate(PLACES["thing"] * 6))]
        csv.writer(file).writerows([*rows, ["gap", " "]])

    document = tagged_project.job("predict_table", source=str(source), to=str(tmp_path / "out.csv"), shares=True)

    assert (document["answered"], document["unreadable"]) == (30, 1)
    assert document["labels"]["thing"] > 20
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        given = list(csv.DictReader(file))
    assert set(given[0]) == {"note", "text", "label", "probability", "known", "reason"}
    from tests.datasets import making

    again = making.imported(tmp_path / "out.csv", tmp_path / "data", making.span_task())
    assert again.label_counts()["thing"] == document["labels"]["thing"]


def test_words_that_are_cut_off_are_missed_not_forgotten(tagged_project: Tiny) -> None:
    document = tagged_project.train(monitor="f1", max_steps=2, max_length=16)
    whole = sum(row["rows"] for row in document["tables"]["test"]["per_class"])
    dataset = Dataset.open(tagged_project.layout.data)

    assert whole == sum(len(spans.read(cell)) for cell in dataset.table(Split.TEST)["label"].to_pylist())
    (answer,) = tagged_project.job("predict", texts=["red " * 40])["predictions"]
    assert all(one["end"] <= len("red " * 16) for one in answer["spans"])


@pytest.mark.parametrize("values", [{"dropout": 0.2, "class_weights": "balanced"}, {"tuning_method": "lora"}])
def test_a_resumed_run_ends_bit_for_bit_where_an_unbroken_one_does(
    tagged_project: Tiny, values: dict[str, Any]
) -> None:
    asked = {"monitor": "f1", "epochs": 3.0, "early_stopping": False, "tuning_method": "full", **values}
    whole, control = tagged_project.train(**asked), Control()

    def stop(event: object) -> None:
        if isinstance(event, Measured) and event.split == "train" and event.step == 5:
            control.obey(Stop())

    broken = tagged_project.train(control, stop, **asked)
    resumed = tagged_project.train(resume=broken["run"])

    assert (broken["state"], resumed["state"]) == ("stopped", "finished")
    assert resumed["metrics"] == whole["metrics"]
    _assert_same_weights(tagged_project, whole, resumed)


def test_memory_that_runs_out_changes_nothing(tagged_project: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"monitor": "f1", "max_steps": 4, "dropout": 0.1, "tuning_method": "full"}
    small = tagged_project.train(micro_batch_size=8, **asked)
    with monkeypatch.context() as patch:
        let_fail(patch, MemoryError(), most_rows=8)
        halved = tagged_project.train(**asked)

    assert halved["metrics"] == small["metrics"]
    _assert_same_weights(tagged_project, small, halved)


def _assert_same_weights(project: Tiny, one: dict[str, Any], other: dict[str, Any]) -> None:
    mine, theirs = (load_file(project.run(run["run"]).model / "model.safetensors") for run in (one, other))
    assert mine.keys() == theirs.keys()
    assert all(np.array_equal(mine[name], theirs[name]) for name in theirs)


def test_every_word_counts_the_same_however_the_batch_is_cut(tagged_project: Tiny) -> None:
    curves = []
    for portion in (16, 3):
        tagged_project.train(monitor="f1", max_steps=4, micro_batch_size=portion, dropout=0.0, tuning_method="full")
        curves.append([one.values["loss"] for one in tagged_project.of(Measured) if one.split == "train"])

    np.testing.assert_allclose(curves[0], curves[1], rtol=1e-4)


def test_a_model_that_never_got_better_is_called_untrained_not_a_probe(tagged_project: Tiny) -> None:
    document = tagged_project.train(monitor="loss", max_steps=1, learning_rate=1.0, warmup=0.0, tuning_method="full")

    said = str(Text.model_validate(document["kept_because"]))
    assert document["best"]["step"] == 0
    assert "as it was before the first step" in said
    assert "probe" not in said


def test_explaining_is_refused_in_words(tagged_project: Tiny) -> None:
    tagged_project.train(monitor="f1", max_steps=1)

    with pytest.raises(InputError, match="cannot be explained yet"):
        tagged_project.job("explain", text="the red apple")


def test_predictions_are_stored_flat_with_the_right_tags(tagged_project: Tiny) -> None:
    document = tagged_project.train(monitor="f1", max_steps=2)

    table = pa.ipc.open_file(str(tagged_project.run(document["run"]).predictions / "predictions.arrow")).read_all()

    for row in table.to_pylist():
        assert len(row["logits"]) == 5 * len(row["truth"])
        assert set(row["truth"]) <= set(range(5))
