"""The job `answer`: the same answers as `predict`, the newest question first, and no question ends it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ftstudio.core.messages import Answer, Ask, Event, Started, Stop
from ftstudio.datasets.store import Dataset
from ftstudio.engine.control import Control
from tests.engine.projects import Tiny


class Warm:
    """The job in a thread, asked as the window asks it."""

    def __init__(self, project: Tiny, **options: Any) -> None:
        self.control, self.document = Control(), {}
        self._ready, self._heard = threading.Event(), threading.Condition()
        self.answers: list[Answer] = []
        self._thread = threading.Thread(target=self._run, args=(project, options))
        self._thread.start()
        assert self._ready.wait(60)

    def _run(self, project: Tiny, options: dict[str, Any]) -> None:
        self.document = project.job("answer", self.control, self._hear, **options)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Started):
            self._ready.set()
        if isinstance(event, Answer):
            with self._heard:
                self.answers.append(event)
                self._heard.notify()

    def ask(self, number: int = 1, **question: Any) -> dict[str, Any]:
        self.control.obey(Ask(number=number, question=question))
        with self._heard:
            assert self._heard.wait_for(lambda: any(one.number == number for one in self.answers), 60)
        return next(one.document for one in self.answers if one.number == number)

    def end(self) -> None:
        self.control.obey(Stop())
        self._thread.join(60)


@pytest.fixture
def trained(text_project: Tiny) -> Tiny:
    text_project.train()
    return text_project


@pytest.fixture
def warm(trained: Tiny) -> Iterator[Warm]:
    made = Warm(trained)
    yield made
    made.end()


def test_it_answers_as_predict_does(trained: Tiny, warm: Warm) -> None:
    words = "lovely river stone"
    answer = warm.ask(text=words)["answers"][0]
    expected = Tiny(trained.root).job("predict", texts=[words])["predictions"][0]

    assert answer["label"] == expected["label"]
    assert answer["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-6)
    assert answer["run"] and answer["seconds"] > 0


def test_two_runs_answer_one_question(trained: Tiny) -> None:
    first = trained.layout.runs.iterdir()
    one = next(first).name
    other = trained.train(seed=9, probe_first=False)["run"]
    warm = Warm(trained, runs=[one])
    answers = warm.ask(text="lovely", runs=[one, other])["answers"]
    warm.end()

    assert [answer["run"] for answer in answers] == [one, other]
    assert answers[0]["probabilities"] != answers[1]["probabilities"]


def test_a_bad_question_is_an_error_and_the_next_one_is_answered(warm: Warm) -> None:
    refused = warm.ask(1, text="   ")["error"]
    unknown = warm.ask(2, text="lovely", runs=["no such run"])["error"]

    assert "nothing to answer" in refused["message"]["template"]
    assert refused["details"] == ""
    assert unknown["message"]["params"]["run"] == "no such run"
    assert warm.ask(3, text="lovely")["answers"][0]["label"]


def test_the_reasons_are_given_when_asked_for(warm: Warm) -> None:
    document = warm.ask(1, text="lovely river stone", explain=True)

    assert document["explanation"]["label"] == document["answers"][0]["label"]
    assert "".join(piece for piece, _ in document["explanation"]["pieces"]) == "lovely river stone"
    assert "explanation" not in warm.ask(2, text="lovely river stone")


def test_pairs_reach_the_model(warm: Warm) -> None:
    alone = warm.ask(1, text="lovely")["answers"][0]
    pair = warm.ask(2, text="lovely", text_pair="awful boring dull")["answers"][0]

    assert pair["probabilities"] != alone["probabilities"]


def test_of_several_waiting_questions_only_the_newest_is_answered(trained: Tiny) -> None:
    control = Control()
    heard: list[int] = []

    def hear(event: Event) -> None:
        if isinstance(event, Started):
            for number in (1, 2, 3):
                control.obey(Ask(number=number, question={"text": "lovely"}))
        if isinstance(event, Answer):
            heard.append(event.number)
            control.obey(Stop())

    document = trained.job("answer", control, hear)

    assert heard == [3]
    assert document == {"answered": 1, "ended_because": "asked to"}


def test_it_ends_when_nobody_asks(trained: Tiny) -> None:
    assert trained.job("answer", patience=0.05) == {"answered": 0, "ended_because": "idle"}


def test_pictures_are_asked_by_their_file(image_project: Tiny) -> None:
    image_project.train()
    dataset = Dataset.open(image_project.layout.data)
    picture = str(dataset.image_path(dataset.table(None)["image"][0].as_py()))
    warm = Warm(image_project)
    answer = warm.ask(1, file=picture)["answers"][0]
    missing = warm.ask(2, file=picture + ".gone")["error"]
    warm.end()

    assert set(answer["probabilities"]) == {"plain", "striped"}
    assert "cannot be read" in missing["message"]["template"]


def test_the_model_before_training_answers_with_a_probe(trained: Tiny) -> None:
    run = next(trained.layout.runs.iterdir()).name
    warm = Warm(trained, runs=[run])
    tuned, base = warm.ask(1, text="lovely superb great", runs=[run, f"base:{run}"])["answers"]
    again = warm.ask(2, text="lovely superb great", runs=[f"base:{run}"])["answers"][0]
    warm.end()

    assert base["run"] == f"base:{run}"
    assert set(base["probabilities"]) == set(tuned["probabilities"])
    assert base["probabilities"] != tuned["probabilities"]
    assert again["probabilities"] == pytest.approx(base["probabilities"])
