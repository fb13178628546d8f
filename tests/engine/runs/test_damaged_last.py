"""A run whose last checkpoint is damaged goes on from its best one and says so; without one it stays what it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core.errors import StudioError
from ftstudio.core.messages import Measured, Remark, Stop
from ftstudio.core.states import RunState
from ftstudio.engine.control import Control
from ftstudio.project import runs
from ftstudio.project.journal import read_events
from ftstudio.project.layout import RunLayout
from tests.engine.projects import Tiny

FILES = ("weights.safetensors", "optimisers.safetensors", "chance.safetensors", "state.json")


@pytest.fixture
def stopped(text_project: Tiny) -> RunLayout:
    """A run that was stopped a step after a check that was its best so far."""
    control = Control()

    def stop(event: object) -> None:
        if isinstance(event, Measured) and event.split == "train" and event.step == 5:
            control.obey(Stop())

    document = text_project.train(control, stop, epochs=3.0, batch_size=20, early_stopping=False, tuning_method="full")
    assert document["state"] == "stopped"
    return text_project.run(document["run"])


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize("name", FILES)
def test_it_goes_on_from_the_best_checkpoint_and_says_so(text_project: Tiny, stopped: RunLayout, name: str) -> None:
    best = runs.read_status(stopped).best
    assert best is not None and best.step < 5
    cut(stopped.last / name)

    document = text_project.train(resume=stopped.id)

    assert (document["state"], document["run"]) == ("finished", stopped.id)
    (remark,) = [one for one in text_project.of(Remark) if one.code == "last_checkpoint_damaged"]
    assert (remark.severity, remark.step) == ("warning", best.step)
    assert f"at step {best.step}" in remark.text.render()
    recorded = read_events(stopped.metrics)
    assert remark in list(recorded)
    steps = [one.step for one in read_events(stopped.metrics) if isinstance(one, Measured) and one.split == "train"]
    assert steps == list(range(1, document["steps"] + 1)), "each step is on record once"


def test_without_any_checkpoint_the_model_it_has_kept_stays_usable(text_project: Tiny, stopped: RunLayout) -> None:
    for folder in (stopped.last, stopped.best):
        cut(folder / "weights.safetensors")
    before = text_project.job("evaluate", run=stopped.id)["metrics"]

    with pytest.raises(StudioError, match="damaged") as caught:
        text_project.train(resume=stopped.id)

    assert "still be used" in str(caught.value.hint)
    assert runs.read_status(stopped).state is RunState.STOPPED
    assert text_project.job("evaluate")["metrics"] == before


def test_a_checkpoint_that_lost_its_state_is_damaged_not_absent(text_project: Tiny, stopped: RunLayout) -> None:
    (stopped.last / "state.json").unlink()

    text_project.train(resume=stopped.id)

    assert [one.code for one in text_project.of(Remark)].count("last_checkpoint_damaged") == 1
