"""Whole runs that learn to find answers in texts, also longer ones than the model reads, and what is done with them."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch.nn import functional

from ftstudio.core import answer_scores, answers, catalog
from ftstudio.core.errors import InputError
from ftstudio.core.messages import Measured, Stop
from ftstudio.core.settings import Overrides, build
from ftstudio.core.states import Split
from ftstudio.core.tuning_methods import METHODS
from ftstudio.datasets.store import Dataset
from ftstudio.engine.control import Control
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.planning.answers import read_answers
from ftstudio.planning.extract_answers import read_extract_answers
from tests.engine.projects import FAST, PLACES, Tiny
from tests.engine.runs.test_parity import STEPS, VALUES, our_curve

METRICS = {"f1", "exact_match", "f1_with_answer", "right_without_answer", "loss"}
GOOD: dict[str, Any] = {"monitor": "f1", "epochs": 25.0, "learning_rate": 5e-3, "batch_size": 8, "dropout": 0.0}
OF_METHOD: dict[str, dict[str, Any]] = {
    "top_layers": {"top_layers": 1},
    "gradual": {"gradual_epochs": 0.5},
    "custom": {"custom_layers": "encoder.layer.1"},
}
OURS = {**VALUES, "monitor": "f1"}
ASKED = {"texts": ["what thing is it"], "pairs": ["very good the plot and the river with this film"]}


@pytest.mark.parametrize("length", [32, 64])
@pytest.mark.parametrize("method", [key for key in METHODS if key != "qlora"])
def test_every_tuning_method_leaves_all_that_it_promises(question_project: Tiny, method: str, length: int) -> None:
    document = question_project.train(
        tuning_method=method, monitor="f1", max_length=length, max_steps=6, **OF_METHOD.get(method, {})
    )

    assert document["state"] == "finished"
    for split in ("validation", "test"):
        assert set(document["metrics"][split]) == METRICS
        assert all(math.isfinite(value) for value in document["metrics"][split].values())
        assert set(document["intervals"][split]) == METRICS
    assert document["labels"] == ["answer"]
    (answer,) = question_project.job("predict", **ASKED, run=document["run"])["predictions"]
    assert answer["probabilities"] == {}


def test_it_learns_what_is_easy_also_beyond_the_length_that_is_read(question_project: Tiny) -> None:
    document = question_project.train(**GOOD, tuning_method="full")

    assert document["metrics"]["test"]["f1"] > 0.9
    passage = f"{'very good film ' * 30}river {'the plot and ' * 30}"
    found, none = question_project.job("predict", texts=["what thing is it"] * 2, pairs=[passage, "the plot"])[
        "predictions"
    ]
    assert (found["label"], [one["start"] for one in found["spans"]]) == ("river", [passage.index("river")])
    assert (none["label"], none["spans"]) == ("", ())


def test_evaluating_again_gives_the_figures_of_the_run(question_project: Tiny) -> None:
    document = question_project.train(**GOOD, max_steps=10)

    evaluated = question_project.job("evaluate", run=document["run"])

    assert evaluated["metrics"] == pytest.approx(document["metrics"]["test"], abs=1e-5)
    for key, (low, high) in evaluated["intervals"].items():
        assert low <= evaluated["metrics"][key] <= high
    assert evaluated["tables"] == document["tables"]["test"]


def test_stored_answers_stand_beside_their_rows(question_project: Tiny) -> None:
    document = question_project.train(**GOOD, max_steps=30)
    run, dataset = question_project.run(document["run"]), Dataset.open(question_project.layout.data)

    for split in (Split.VALIDATION, Split.TEST):
        table, found = dataset.table(split), read_extract_answers(run, dataset, split)
        assert [one.row for one in found] == table["row"].to_pylist()
        for one, passage, cell in zip(found, table["text_pair"].to_pylist(), table["label"].to_pylist(), strict=True):
            assert one.text.endswith(passage)
            assert [one.text[place.start : place.end] for place in one.truth] == [a.text for a in answers.read(cell)]
            assert all(one.text[place.start : place.end] == place.text for place in one.marked)
        right = [not one.mistakes for one in found]
        assert np.mean(right) == pytest.approx(document["metrics"][split.value]["exact_match"])
    with pytest.raises(InputError, match="one label for each row"):
        read_answers(run, dataset)


def test_scores_are_those_of_the_words_in_the_text(question_project: Tiny) -> None:
    document = question_project.train(**GOOD, max_steps=20)
    table = Dataset.open(question_project.layout.data).table(Split.TEST)

    given = question_project.job("predict", texts=table["text"].to_pylist(), pairs=table["text_pair"].to_pylist())
    right = [[one.text for one in answers.read(cell)] for cell in table["label"].to_pylist()]
    scores = [
        answer_scores.best(answer_scores.f1, one["label"], wanted)
        for one, wanted in zip(given["predictions"], right, strict=True)
    ]
    assert document["metrics"]["test"]["f1"] == pytest.approx(np.mean(scores))


def test_a_table_is_answered(question_project: Tiny, tmp_path: Path) -> None:
    question_project.train(**GOOD)
    source = tmp_path / "new.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        rows = [["what thing is it", f"the plot and {word} was very good"] for word in PLACES["thing"]]
        csv.writer(file).writerows([["question", "context"], *rows, ["what", " "]])

    document = question_project.job("predict_table", source=str(source), to=str(tmp_path / "out.csv"))

    assert (document["answered"], document["unreadable"]) == (5, 1)
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        labels = [row["label"] for row in csv.DictReader(file)]
    assert sum(one == two for one, two in zip(labels, PLACES["thing"], strict=False)) >= 4


@pytest.mark.parametrize(
    ("options", "words"),
    [({"pairs": []}, "no text to find the answer in"), ({"pairs": ["a", "b"]}, "2 second texts for 1 texts")],
)
def test_a_question_without_its_text_is_refused(question_project: Tiny, options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        question_project.job("predict", texts=["what thing is it"], **options)


def test_a_resumed_run_ends_bit_for_bit_where_an_unbroken_one_does(question_project: Tiny) -> None:
    asked = {"monitor": "f1", "epochs": 2.0, "early_stopping": False, "tuning_method": "full", "dropout": 0.2}
    whole, control = question_project.train(**asked), Control()

    def stop(event: object) -> None:
        if isinstance(event, Measured) and event.split == "train" and event.step == 5:
            control.obey(Stop())

    broken = question_project.train(control, stop, **asked)
    resumed = question_project.train(resume=broken["run"])

    assert (broken["state"], resumed["state"]) == ("stopped", "finished")
    assert resumed["metrics"] == whole["metrics"]


def test_class_weights_and_smoothing_have_no_sense_and_do_no_harm(question_project: Tiny) -> None:
    plain = question_project.train(monitor="f1", max_steps=3)
    weighted = question_project.train(monitor="f1", max_steps=3, class_weights="balanced", label_smoothing=0.1)

    assert weighted["metrics"] == plain["metrics"]


def _feed(folder: Path, values: dict[str, Any]) -> ModelFeed:
    task: Any = catalog.tasks().module("question-answering")
    settings = build({**values, "max_length": 64, "dropout": 0.0})
    torch.manual_seed(3)
    bundle = task.load(folder, ["answer"], settings, trained=False)
    words = [
        "good film river",
        "the blue stone was here",
        "apple and plot it is",
        "very cloud",
        "a train window of",
    ] * 8
    table = pa.table(
        {
            "text": ["what is it"] * len(words),
            "text_pair": [f"{one} {'garden ' * (at % 7)}" for at, one in enumerate(words)],
            "label": [["river", "blue stone", "[]", "cloud", "train window"][at % 5] for at in range(len(words))],
        }
    )
    return ModelFeed(task, bundle, task.encode(bundle, table, folder), settings)


def test_the_loss_curve_is_that_of_transformers_trainer(tiny_text_model: Path, tmp_path: Path) -> None:
    """Its question, its separators and its padding are masked, which cannot be answers; the rest is its own."""
    from transformers import Trainer, TrainerCallback, TrainingArguments

    losses, batches = our_curve(_feed(tiny_text_model, OURS), build(OURS), tmp_path / "ours")
    feed = _feed(tiny_text_model, OURS)
    assert feed.row_by_row
    rows = []
    for batch in (feed.batch(rows_) for rows_ in batches):
        width = batch.inputs["input_ids"].shape[1]
        sides = {}
        for at, side in enumerate(("start", "end")):
            tokens = batch.inputs[f"{side}s"]
            local = tokens - torch.arange(len(tokens))[:, None] * width
            allowed = torch.zeros(len(tokens), width, dtype=torch.bool)
            for row in range(len(tokens)):
                allowed[row, local[row][tokens[row] >= 0]] = True
            sides[f"{side}_allowed"] = allowed
            sides[f"{side}_positions"] = local.gather(1, batch.labels[:, at : at + 1])[:, 0]
        inputs = {key: value for key, value in batch.inputs.items() if key not in ("starts", "ends", "rows")}
        rows.append({**inputs, **sides})
    told: list[float] = []

    class Listener(TrainerCallback):  # type: ignore[misc]
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **others: Any) -> None:
            if "loss" in logs:
                told.append(float(logs["loss"]))

    class Masked(Trainer):  # type: ignore[misc]
        def get_train_dataloader(self) -> Any:
            return torch.utils.data.DataLoader(rows, batch_size=None)  # type: ignore[arg-type]

        def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **others: Any) -> Any:
            kept = {key: value for key, value in inputs.items() if not key.startswith(("start_", "end_"))}
            output, total = model(**kept), 0.0
            for side in ("start", "end"):
                logits = output[f"{side}_logits"].masked_fill(~inputs[f"{side}_allowed"], -1e4)
                total = total + functional.cross_entropy(logits, inputs[f"{side}_positions"])
            return total / 2

    arguments = TrainingArguments(
        str(tmp_path / "theirs"),
        max_steps=STEPS,
        learning_rate=2e-3,
        weight_decay=0.05,
        max_grad_norm=0.5,
        lr_scheduler_type="linear",
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
        per_device_train_batch_size=12,
    )
    Masked(feed.bundle.model, arguments, train_dataset=rows, callbacks=[Listener()]).train()

    assert losses[-1] < losses[0]
    np.testing.assert_allclose(losses, told, atol=1e-4)  # Trainer rounds what it logs


def test_with_one_window_and_no_mask_the_loss_is_that_of_the_model_itself(tiny_text_model: Path) -> None:
    """On logits alone: one softmax over items, the mean of beginning and end."""
    task: Any = catalog.tasks().module("question-answering")
    logits = torch.randn(4, 9, 2)
    places = torch.tensor([[0, 0], [3, 5], [1, 1], [8, 8]])

    found = task.loss(logits, places, build({}), None).mean()
    start, end = logits.unbind(-1)
    expected = (functional.cross_entropy(start, places[:, 0]) + functional.cross_entropy(end, places[:, 1])) / 2

    assert float(found) == pytest.approx(float(expected))


def test_an_export_answers_as_the_model_does_also_in_windows(question_project: Tiny, tmp_path: Path) -> None:
    question_project.train(**GOOD, max_steps=20)

    exported = question_project.job("export", format="hf-folder", to=str(tmp_path / "out"))

    certificate = exported["certificate"]
    assert certificate["passed"]
    assert certificate["agreement"] == 1.0
    assert certificate["metrics"]["after"] == pytest.approx(certificate["metrics"]["before"], abs=1e-4)
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "AutoModelForQuestionAnswering" in card
    assert "labels:" not in card


def test_a_learning_rate_is_found_and_a_run_rehearsed(question_project: Tiny) -> None:
    settings = Overrides(values={**FAST, "monitor": "f1", "tuning_method": "full", "dropout": 0.0}).model_dump()

    rate = question_project.job("find_lr", settings=settings, lowest_rate=1e-5, steps=30)
    rehearsed = question_project.job("rehearse", settings=settings)

    assert 1e-4 < rate["suggested"] < 1.0
    assert rehearsed["fits"] is True
