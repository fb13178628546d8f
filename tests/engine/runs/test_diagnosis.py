"""The doctor listens to a run: what it says, and what was done about it, is in the record and in the report."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ftstudio.core.advice import Advice
from ftstudio.core.errors import StudioError
from ftstudio.core.messages import Diagnosed, Event, Measured, Stop, Took
from ftstudio.core.text import text
from ftstudio.doctor.case import Case
from ftstudio.engine.control import Control
from ftstudio.engine.runs.diagnosis import Diagnosis
from ftstudio.project.journal import read_events
from tests.doctor.making import case, check, steps
from tests.engine.projects import Tiny

LONG = {"epochs": 4.0, "early_stopping": False}


def told(project: Tiny, run: str) -> list[Diagnosed]:
    return [event for event in read_events(project.run(run).metrics) if isinstance(event, Diagnosed)]


def at_step(step: int, act: Callable[[], None]) -> Callable[[Event], None]:
    def listen(event: Event) -> None:
        if isinstance(event, Measured) and event.split == "train" and event.step == step:
            act()

    return listen


def test_the_verdict_of_a_run_is_in_its_record_and_its_report(text_project: Tiny) -> None:
    document = text_project.train(**LONG)

    said, diagnosis = told(text_project, document["run"]), document["diagnosis"]
    assert said == text_project.of(Diagnosed)
    assert diagnosis["said"] == [{"step": one.step, "code": one.advice[0].code, "done": one.done} for one in said]
    assert Advice.model_validate(diagnosis["advice"]).code == said[-1].advice[0].code
    assert diagnosis["case"]["rows"] == document["training_rows"]
    assert sum(diagnosis["case"]["rows_per_class"].values()) == document["training_rows"]
    assert diagnosis["case"]["parameters"] > 1000


def test_a_stopped_and_resumed_run_keeps_what_was_said_and_done(text_project: Tiny) -> None:
    control = Control()

    def take_remedy_and_stop() -> None:
        control.obey(Took(done="settings dropout=0.1"))
        control.obey(Stop())

    document = text_project.train(control, at_step(17, take_remedy_and_stop), **LONG)
    assert [one["done"] for one in document["diagnosis"]["said"] if one["done"]] == ["settings dropout=0.1"]
    assert [one.done for one in told(text_project, document["run"]) if one.done] == ["settings dropout=0.1"]

    resumed = text_project.train(resume=document["run"])
    before = len(document["diagnosis"]["said"])
    assert resumed["diagnosis"]["said"][:before] == document["diagnosis"]["said"]
    assert resumed["diagnosis"]["step"] > document["diagnosis"]["step"]


def test_a_run_without_validation_rows_has_no_verdict() -> None:
    heard: list[Event] = []
    diagnosis = Diagnosis(heard.append, Control())
    diagnosis.begin(case(validation_rows=0))

    for event in steps(1, 10, 0.5):
        diagnosis.hear(event)

    assert diagnosis.conclude() is None
    assert len(heard) == 10


@pytest.mark.parametrize(("field", "codes"), [("learning_rate", ["rate_too_high"]), ("device", [])])
def test_a_loss_that_is_no_number_is_told_before_the_run_fails(field: str, codes: list[str]) -> None:
    heard: list[Event] = []
    diagnosis = Diagnosis(heard.append, Control())
    diagnosis.begin(case(), [check(0, 0.7, 0.5)])

    with pytest.raises(StudioError), diagnosis.listening():
        for event in steps(1, 5, 0.7):
            diagnosis.hear(event)
        raise StudioError(text("It broke."), field=field)

    assert [event.advice[0].code for event in heard if isinstance(event, Diagnosed)] == codes
    assert all(isinstance(event, Diagnosed | Measured) for event in heard)
    assert len([event for event in heard if isinstance(event, Measured)]) == 5
    assert Case.model_validate(case().model_dump(mode="json")) == case()
