"""Whole runs that teach a model to write, what it writes then, and what leaves the program."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ftstudio.core.errors import CancelledError, InputError
from ftstudio.core.manner import Manner
from ftstudio.core.messages import Log, Stop, Wrote
from ftstudio.core.states import Split
from ftstudio.core.text import Text
from ftstudio.datasets.store import Dataset
from ftstudio.engine.answers import forgetting
from ftstudio.engine.answers.written_samples import MOST
from ftstudio.engine.control import Control
from ftstudio.engine.inference import answering, asking
from ftstudio.engine.language import writing
from ftstudio.planning.written_samples import read_written_samples
from ftstudio.project.journal import read_events
from ftstudio.project.runs import find_run
from tests.engine import projects
from tests.engine.projects import Tiny, read_json

QUESTION, ANSWER = "7 b?", "a bird."
OF_METHOD: dict[str, dict[str, Any]] = {
    "top_layers": {"top_layers": 1},
    "gradual": {"gradual_epochs": 0.5},
    "custom": {"custom_layers": "layers.1"},
}
LEARNING: dict[str, Any] = {
    "monitor": "loss",
    "epochs": 30.0,
    "batch_size": 6,
    "learning_rate": 1e-2,
    "tuning_method": "full",
    "early_stopping": False,
}


@pytest.fixture(scope="module")
def taught(asked_template: Path, tiny_writer: Path, tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    project = projects.copy(asked_template, tmp_path_factory.mktemp("taught") / "asked", tiny_writer)
    project.train(**LEARNING)
    return project


def test_it_learns_to_answer_and_everything_says_the_same(taught: Tiny, tmp_path: Path) -> None:
    document = read_json(find_run(taught.layout, None).layout.report)["document"]
    metrics = document["metrics"]["test"]

    assert set(metrics) == {"loss", "perplexity", "token_accuracy"}
    assert metrics["perplexity"] == pytest.approx(math.exp(metrics["loss"]))
    assert metrics["token_accuracy"] > 0.9
    assert document["labels"] == []
    assert set(document["intervals"]["test"]) == set(metrics)
    assert taught.job("evaluate")["metrics"] == pytest.approx(metrics, abs=1e-4)
    (answer,) = taught.job("predict", texts=[QUESTION])["predictions"]
    assert answer["label"] == ANSWER
    certificate = taught.job("export", format="hf-folder", to=str(tmp_path / "hf-folder"))["certificate"]
    assert certificate["passed"]
    assert certificate["asked"] == document["tables"][certificate["split"]]["tokens"]
    assert certificate["agreement"] == 1.0
    with pytest.raises(InputError, match="not made for the task"):
        taught.job("export", format="onnx", to=str(tmp_path / "onnx"))


def test_what_it_wrote_to_validation_rows_is_stored_beside_what_is_right(taught: Tiny) -> None:
    run, dataset = find_run(taught.layout, None).layout, Dataset.open(taught.layout.data)
    found = read_written_samples(run, dataset, Split.VALIDATION)
    wrote = [one for one in found if one.written is not None]

    assert [one.loss for one in found] == sorted((one.loss for one in found), reverse=True)
    assert 0 < len(wrote) <= MOST
    assert found[0].written is not None, "the worst is among those it writes to"
    assert sum(one.written == one.wanted for one in wrote) > len(wrote) / 2
    assert all(one.written is None for one in read_written_samples(run, dataset, Split.TEST)), "test rows are sealed"


def test_plain_transformers_answers_the_same(taught: Tiny) -> None:
    from transformers import pipeline

    model = pipeline("text-generation", model=str(find_run(taught.layout, None).layout.model))
    said = model([{"role": "user", "content": QUESTION}], max_new_tokens=20, do_sample=False)

    assert said[0]["generated_text"][-1]["content"].strip() == ANSWER


def test_how_it_writes_is_a_matter_of_the_manner(taught: Tiny) -> None:
    def written(**manner: Any) -> str:
        answers = taught.job("predict", texts=[QUESTION], manner=manner)["predictions"]
        return str(answers[0]["label"])

    assert written(length=3) == "a"
    assert written(stop=["ir"]) == "a b"
    assert written(temperature=3.0, seed=4) == written(temperature=3.0, seed=4) != written(temperature=3.0, seed=5)
    assert written(temperature=3.0, top_p=0.01) == ANSWER
    with pytest.raises(InputError) as told:
        written(temperature=9)
    assert told.value.where.field == "temperature"


def test_adapters_leave_merged_and_by_themselves(asked_project: Tiny, tmp_path: Path) -> None:
    document = asked_project.train(monitor="loss", tuning_method="lora", learning_rate=2e-2, epochs=3.0, dropout=0.0)
    assert document["state"] == "finished"

    for key in ("merged", "adapter"):
        certificate = asked_project.job("export", format=key, to=str(tmp_path / key))["certificate"]
        assert certificate["passed"], certificate


def test_a_model_that_learned_texts_goes_on_with_them(tiny_writer: Path, tmp_path: Path) -> None:
    from tests.support.tiny_projects import make_project

    (tmp_path / "book.txt").write_text("the cat sat. " * 2_000, encoding="utf-8")
    values = {**LEARNING, "epochs": 20.0, "max_length": 100, "batch_size": 4}
    project = Tiny(make_project(tmp_path / "book", "text-generation", tmp_path / "book.txt", tiny_writer, **values))
    project.job("train", settings={"preset": "quick", "values": values})

    (answer,) = project.job("predict", texts=["the cat s"], manner={"length": 4})["predictions"]
    assert answer["label"] == "at. "


def test_writing_can_be_stopped_and_leaves_chance_alone(taught: Tiny) -> None:
    import torch

    control = Control()
    control.obey(Stop())
    with pytest.raises(CancelledError):
        taught.job("predict", control, texts=[QUESTION])

    model = answering.load(find_run(taught.layout, None))
    before = torch.get_rng_state()
    writing.write(model.bundle, [5, 6], Manner(temperature=1.0, length=3))
    assert torch.equal(before, torch.get_rng_state())


def test_a_prompt_longer_than_the_model_reads_keeps_its_end(taught: Tiny) -> None:
    (answer,) = taught.job("predict", texts=["a? " * 100 + QUESTION])["predictions"]

    assert answer["label"]


def test_the_warm_model_answers_and_is_asked_in_a_manner(taught: Tiny) -> None:
    models = asking.Models(taught.layout, lambda phase, done, total: None)

    said = asking.reply(models, {"text": QUESTION})["answers"][0]
    short = asking.reply(models, {"text": QUESTION, "manner": {"length": 3}})["answers"][0]
    assert (said["label"], short["label"]) == (ANSWER, "a")


def test_an_answer_is_heard_while_it_is_written(taught: Tiny) -> None:
    heard: list[tuple[str, str]] = []
    models = asking.Models(taught.layout, lambda phase, done, total: None)

    said = asking.reply(models, {"text": QUESTION}, lambda run, words: heard.append((run, words)))["answers"][0]
    assert said["talks"]
    assert {run for run, _ in heard} == {said["run"]}
    assert all(ANSWER.startswith(words.strip()) for _, words in heard)
    models.get(None)
    with writing.heard_by(lambda words: heard.append(("all", words))):
        models.get(None).predict([QUESTION])
    assert [words.strip() for run, words in heard if run == "all"][-1] == ANSWER
    assert len([run for run, _ in heard if run == "all"]) == len(ANSWER) + 2


def test_a_conversation_goes_on_and_the_model_before_training_is_asked_beside(asked_project: Tiny) -> None:
    asked_project.train(monitor="loss", dropout=0.0)
    models = asking.Models(asked_project.layout, lambda phase, done, total: None)
    run = find_run(asked_project.layout, None).id
    turns = [("user", "3 a?"), ("assistant", "a bird."), ("user", QUESTION)]
    talk = json.dumps([{"role": role, "content": words} for role, words in turns])

    told = asking.reply(models, {"runs": [run, f"base:{run}"], "text": QUESTION, "texts": {run: talk}})
    assert "error" not in told, told
    both = told["answers"]
    assert [one["run"] for one in both] == [run, f"base:{run}"]
    assert both[1]["talks"]
    assert both[0]["label"] != both[1]["label"]
    bundle = models.get(run).bundle
    asked = bundle.processor.decode(writing.prompt_ids(bundle, talk))
    assert asked.count("assistant:") == 2
    assert "a bird." in asked


def test_a_question_that_another_overtakes_is_given_up(taught: Tiny) -> None:
    waiting: list[bool] = []
    models = asking.Models(taught.layout, lambda phase, done, total: None, lambda: bool(waiting))
    models.get(None)
    waiting.append(True)

    assert "answers" not in asking.reply(models, {"text": QUESTION})


def test_at_each_check_it_shows_what_it_writes(asked_project: Tiny) -> None:
    asked_project.train(monitor="loss", epochs=2.0, dropout=0.0)

    assert len([one for one in asked_project.of(Log) if "→" in one.line_text]) >= 2


def test_what_it_forgot_is_measured_and_said(taught: Tiny) -> None:
    document = read_json(find_run(taught.layout, None).layout.report)["document"]
    before, after = document["general_loss"]["before"], document["general_loss"]["after"]

    model = answering.load(find_run(taught.layout, None))
    prepared: Any = SimpleNamespace(task=model.task, bundle=model.bundle, hardware=model.hardware)
    assert after == pytest.approx(forgetting.general_loss(prepared, "en"), abs=1e-4)
    assert document["general_language"] == "en"
    assert after > before + forgetting.MUCH, "a tiny model that learned two answers knows nothing else"
    assert "forgot much" in document["forgetting"]["template"]
    assert forgetting.is_grave(before, after)
    assert "nothing to speak of" in forgetting.told(3.0, 3.01, "de")["forgetting"]["template"]
    assert "a little" in forgetting.told(3.0, 3.1, "en")["forgetting"]["template"]
    assert "texts in German" in str(Text.model_validate(forgetting.told(3.0, 3.1, "de")["forgetting"]))
    assert forgetting.told(None, 3.0, "en") == {}


def test_prompts_that_are_pinned_are_written_to_and_stay_with_the_run(asked_project: Tiny) -> None:
    document = asked_project.train(monitor="loss", epochs=2.0, dropout=0.0, pinned_prompts="3 a? | 4 b?|")

    written = [one for one in read_events(asked_project.run(document["run"]).metrics) if isinstance(one, Wrote)]
    assert written == asked_project.of(Wrote)
    assert written[0].step == 0
    assert written[-1].step == document["steps"]
    assert [line.partition(" → ")[0] for line in written[-1].lines] == ["3 a?", "4 b?"]


@pytest.mark.parametrize("method", ["top_layers", "gradual", "custom"])
def test_every_tuning_method_that_means_something_finishes(asked_project: Tiny, method: str) -> None:
    document = asked_project.train(monitor="loss", tuning_method=method, dropout=0.0, **OF_METHOD[method])

    assert document["state"] == "finished"
    assert math.isfinite(document["metrics"]["validation"]["loss"])
