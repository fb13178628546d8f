"""Whole runs that teach a model to rewrite, what it writes then, and what leaves the program."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv as pacsv
import pytest

from ftstudio.core.errors import CancelledError, InputError
from ftstudio.core.messages import Log, Measured, Remark, Stop
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.engine.control import Control
from ftstudio.engine.inference import asking
from ftstudio.planning.written_answers import read_written_answers
from ftstudio.project.runs import find_run
from tests.engine import projects
from tests.engine.projects import Tiny, read_json
from tests.support import tiny_rewriters

QUESTION, ANSWER = "20.06.2013", "20 June 2013"
OF_METHOD: dict[str, dict[str, Any]] = {
    "top_layers": {"top_layers": 1},
    "gradual": {"gradual_epochs": 0.5},
    "custom": {"custom_layers": "decoder.block.1"},
    "lora": {"learning_rate": 1e-2},
}
SHORT: dict[str, Any] = {
    "monitor": "loss",
    "max_length": 24,
    "target_length": 24,
    "batch_size": 16,
    "learning_rate": 2e-3,
    "tuning_method": "full",
    "dropout": 0.0,
}
LEARNING = {**SHORT, "epochs": 26.0, "checks_per_epoch": 0.25, "early_stopping": False}


@pytest.fixture(scope="module")
def taught(tiny_bart: Path, tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    root = tmp_path_factory.mktemp("taught") / "dates"
    project = projects.copy(projects.make_dates(root.with_name("all-dates"), rows=440), root, tiny_bart)
    project.train(**LEARNING)
    return project


@pytest.fixture
def dates_project(dates_template: Path, tiny_t5: Path, tmp_path: Path) -> Tiny:
    return projects.copy(dates_template, tmp_path / "dates", tiny_t5)


def document(project: Tiny) -> dict[str, Any]:
    found: dict[str, Any] = read_json(find_run(project.layout, None).layout.report)["document"]
    return found


def test_a_model_without_any_knowledge_learns_to_rewrite(taught: Tiny) -> None:
    """The weights are random, so whatever it can do it has learned here: to write dates in words."""
    told = document(taught)
    metrics = told["metrics"]["test"]

    assert set(metrics) == {"loss", "perplexity", "token_accuracy", "rouge_l", "chrf"}
    assert metrics["perplexity"] == pytest.approx(math.exp(metrics["loss"]))
    assert metrics["rouge_l"] > 0.9
    assert metrics["chrf"] > 0.9
    assert set(told["intervals"]["test"]) == set(metrics)
    low, high = told["intervals"]["test"]["rouge_l"]
    assert low <= metrics["rouge_l"] <= high
    (answer,) = taught.job("predict", texts=[QUESTION])["predictions"]
    assert answer["label"] == ANSWER


def test_evaluating_writes_as_it_is_asked_to(taught: Tiny) -> None:
    metrics = document(taught)["metrics"]["test"]

    assert taught.job("evaluate")["metrics"] == pytest.approx(metrics, abs=1e-4)
    few = taught.job("evaluate", written=5, manner={"beams": 3, "length_penalty": 0.5})
    assert few["rows_written"] == 5
    assert few["metrics"]["loss"] == pytest.approx(metrics["loss"], abs=1e-4), "the loss is of all rows"
    none = taught.job("evaluate", written=0)
    assert none["rows_written"] == 0
    assert "rouge_l" not in none["metrics"]
    cut = taught.job("evaluate", manner={"length": 2})
    assert cut["metrics"]["chrf"] < 0.6


def test_how_it_writes_is_a_matter_of_the_manner(taught: Tiny) -> None:
    def written(**manner: Any) -> str:
        answers = taught.job("predict", texts=[QUESTION], manner=manner)["predictions"]
        return str(answers[0]["label"])

    assert written(beams=4) == ANSWER
    assert written(stop=["June"]) == "20"
    assert len(written(length=3)) < len(ANSWER)
    assert written(temperature=4.0, seed=4) == written(temperature=4.0, seed=4) != written(temperature=4.0, seed=5)
    for bad in ({"beams": 0}, {"beams": 2, "temperature": 1.0}):
        with pytest.raises(InputError) as told:
            written(**bad)
        assert told.value.where.field == "beams"


def test_beams_are_those_of_transformers_and_at_least_as_likely(taught: Tiny) -> None:
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    folder = find_run(taught.layout, None).layout.model
    model, tokenizer = AutoModelForSeq2SeqLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    read = [source for source, _ in tiny_rewriters.dates(12, seed=9)]
    for manner, told in (({}, {}), ({"beams": 3, "length_penalty": 2.0}, {"num_beams": 3, "length_penalty": 2.0})):
        ours = [one["label"] for one in taught.job("predict", texts=read, manner=manner)["predictions"]]
        theirs = []
        for one in read:  # one after the other, without any padding
            inputs = tokenizer(one, return_tensors="pt")
            found = model.generate(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], **told)
            theirs.append(tokenizer.decode(found[0], skip_special_tokens=True).strip())
        assert ours == theirs


def test_what_it_wrote_is_stored_beside_the_right_texts_the_worst_first(taught: Tiny) -> None:
    run, dataset = find_run(taught.layout, None).layout, Dataset.open(taught.layout.data)
    found = read_written_answers(run, dataset, Split.TEST)

    assert len(found) == dataset.count(Split.TEST)
    assert [one.chrf for one in found] == sorted(one.chrf for one in found)
    right = dict(tiny_rewriters.dates(440))
    assert all(right[one.source] == one.right for one in found)
    share = float(np.mean([one.rouge_l for one in found]))
    assert share == pytest.approx(document(taught)["metrics"]["test"]["rouge_l"])
    assert found[-1].is_right


def test_a_table_gets_a_column_of_written_texts(taught: Tiny, tmp_path: Path) -> None:
    source, target = tmp_path / "new.csv", tmp_path / "written.csv"
    source.write_text(f"source,note\n{QUESTION},a\n,b\n", encoding="utf-8")

    told = taught.job("predict_table", source=str(source), to=str(target), manner={"beams": 2})
    assert told["columns"] == {"written": "written", "reason": "reason"}
    table = pacsv.read_csv(target).to_pylist()
    assert (table[0]["written"], table[0]["note"]) == (ANSWER, "a")
    assert "empty" in table[1]["reason"]


def test_the_warm_model_answers_and_is_asked_in_a_manner(taught: Tiny) -> None:
    models = asking.Models(taught.layout, lambda phase, done, total: None)

    said = asking.reply(models, {"text": QUESTION})["answers"][0]
    beams = asking.reply(models, {"text": QUESTION, "manner": {"beams": 3}})["answers"][0]
    assert (said["label"], beams["label"]) == (ANSWER, ANSWER)


def test_writing_can_be_stopped(taught: Tiny) -> None:
    control = Control()
    control.obey(Stop())

    with pytest.raises(CancelledError):
        taught.job("predict", control, texts=[QUESTION])


def test_what_leaves_writes_the_same_token_by_token(taught: Tiny, tmp_path: Path) -> None:
    certificate = taught.job("export", format="hf-folder", to=str(tmp_path / "hf-folder"))["certificate"]

    assert certificate["passed"], certificate
    assert certificate["agreement"] == 1.0
    assert certificate["asked"] == document(taught)["tables"][certificate["split"]]["tokens"]
    card = (tmp_path / "hf-folder" / "README.md").read_text(encoding="utf-8")
    assert "AutoModelForSeq2SeqLM" in card
    assert "one of its labels" not in card
    with pytest.raises(InputError, match="not made for the task"):
        taught.job("export", format="onnx-int8", to=str(tmp_path / "small"))


@pytest.mark.parametrize("key", ["onnx", "standalone"])
def test_what_leaves_without_torch_writes_the_same_texts(taught: Tiny, key: str, tmp_path: Path) -> None:
    certificate = taught.job("export", format=key, to=str(tmp_path / key))["certificate"]

    assert certificate["passed"], certificate
    assert certificate["texts"]["same"] == certificate["texts"]["asked"] >= 10
    assert certificate["asked"] == document(taught)["tables"][certificate["split"]]["tokens"]
    assert certificate["largest_difference"] < 1e-3
    assert certificate["agreement"] == 1.0
    assert not {"torch", "transformers"} & set(certificate["runs_with"])
    assert "Same texts written" in (tmp_path / key / "CERTIFICATE.txt").read_text(encoding="utf-8")


def test_adapters_leave_merged_and_by_themselves(dates_project: Tiny, tmp_path: Path) -> None:
    told = dates_project.train(**{**SHORT, "tuning_method": "lora", "learning_rate": 1e-2, "epochs": 2.0})
    assert told["state"] == "finished"

    for key in ("merged", "adapter"):
        certificate = dates_project.job("export", format=key, to=str(tmp_path / key))["certificate"]
        assert certificate["passed"], certificate


@pytest.mark.parametrize("method", sorted(OF_METHOD))
def test_every_tuning_method_that_means_something_finishes(dates_project: Tiny, method: str) -> None:
    told = dates_project.train(**{**SHORT, "epochs": 1.0, "tuning_method": method, **OF_METHOD[method]})

    assert told["state"] == "finished"
    assert math.isfinite(told["metrics"]["validation"]["loss"])
    assert len([one for one in dates_project.of(Log) if "→" in one.line_text]) >= 2


def test_a_run_ends_early_and_is_not_monitored_by_what_is_only_written_at_its_end(dates_project: Tiny) -> None:
    told = dates_project.train(**{**SHORT, "epochs": 9.0, "learning_rate": 1e-6, "patience": 1, "minimum_gain": 0.5})
    assert told["steps"] < 9 * 4

    with pytest.raises(InputError) as refused:
        dates_project.train(**{**SHORT, "monitor": "chrf"})
    assert refused.value.where.field == "monitor"
    assert "rouge_l" not in str(refused.value.hint)


def test_a_run_that_was_stopped_goes_on_bit_for_bit(dates_project: Tiny, dates_template: Path, tiny_t5: Path) -> None:
    values = {**SHORT, "epochs": 3.0, "dropout": 0.1}
    whole = dates_project.train(**values)
    torn = projects.copy(dates_template, dates_project.root.with_name("torn"), tiny_t5)
    control = Control()

    def stop(event: Any) -> None:
        if isinstance(event, Measured) and event.split == "train" and event.step == 4:
            control.obey(Stop())

    first = torn.train(control, stop, **values)
    assert first["state"] == "stopped"
    again = torn.train(resume=first["run"])

    assert again["steps"] == whole["steps"]
    one, other = (
        project.run(told["run"]).model / "model.safetensors"
        for project, told in ((dates_project, whole), (torn, again))
    )
    assert one.read_bytes() == other.read_bytes()


def test_half_of_a_batch_is_computed_at_once_where_memory_runs_out(
    dates_project: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ftstudio.tasks import text2text_generation as task

    plain = task.logits

    def scarce(model: Any, inputs: dict[str, Any]) -> Any:
        if model.training and len(inputs["input_ids"]) > 8:
            raise MemoryError
        return plain(model, inputs)

    expected = dates_project.train(**{**SHORT, "epochs": 1.0})
    monkeypatch.setattr(task, "logits", scarce)
    found = dates_project.train(**{**SHORT, "epochs": 1.0})

    assert [one.code for one in dates_project.of(Remark) if one.code == "memory_halved"]
    assert found["metrics"]["validation"]["loss"] == pytest.approx(expected["metrics"]["validation"]["loss"], abs=1e-4)


def test_what_needs_labels_is_refused_in_words(taught: Tiny) -> None:
    with pytest.raises(InputError):
        taught.job("explain", text=QUESTION)
    with pytest.raises(InputError):
        taught.job("cross_validate")
