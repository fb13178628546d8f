"""The learning rate at the edges of a run, and where a run stands."""

from __future__ import annotations

import pytest

from ftstudio.core.settings import build
from ftstudio.engine.learning.schedules import factor
from ftstudio.engine.learning.state import Best, TrainingState
from ftstudio.engine.runs.training import total_steps


@pytest.mark.parametrize(
    ("step", "schedule", "warmup", "expected"),
    [
        (0, "linear", 0.0, 1.0),
        (50, "linear", 0.0, 0.5),
        (99, "linear", 0.0, 0.01),
        (100, "linear", 0.0, 0.0),
        (200, "linear", 0.0, 0.0),
        (0, "linear", 0.1, 1 / 11),
        (9, "linear", 0.1, 10 / 11),
        (10, "linear", 0.1, 1.0),
        (55, "linear", 0.1, 0.5),
        (0, "cosine", 0.0, 1.0),
        (50, "cosine", 0.0, 0.5),
        (100, "cosine", 0.0, 0.0),
        (0, "constant", 0.0, 1.0),
        (99, "constant", 0.0, 1.0),
        (0, "constant", 0.2, 1 / 21),
        (20, "constant", 0.2, 1.0),
    ],
)
def test_share_of_the_rate(step: int, schedule: str, warmup: float, expected: float) -> None:
    assert factor(step, 100, schedule, warmup) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant"])
@pytest.mark.parametrize("total", [1, 2, 7])
@pytest.mark.parametrize("warmup", [0.0, 0.1, 0.9])
def test_every_step_of_a_short_run_learns(schedule: str, total: int, warmup: float) -> None:
    shares = [factor(step, total, schedule, warmup) for step in range(total)]

    assert all(0 < share <= 1 for share in shares)


def test_a_run_has_at_least_one_step_and_at_most_what_was_asked() -> None:
    assert total_steps(build({"epochs": 2.5}), 10) == 25
    assert total_steps(build({"epochs": 0.01}), 3) == 1
    assert total_steps(build({"epochs": 5.0, "max_steps": 7}), 10) == 7
    assert total_steps(build({"epochs": 0.5, "max_steps": 700}), 10) == 5


def test_where_a_run_stands_survives_being_written() -> None:
    best = Best(step=3, metric="macro_f1", value=0.1 + 0.2, loss=1 / 3)
    state = TrainingState(step=7, epoch=1, batch=2, rows=99, seconds=1.5, total_steps=9, steps_per_epoch=5, best=best)

    assert TrainingState.model_validate_json(state.model_dump_json()) == state
    assert state.epochs_done == pytest.approx(1.4)
    assert not state.done


def test_a_run_is_done_at_its_last_step_or_for_a_reason() -> None:
    assert TrainingState(step=9, total_steps=9, steps_per_epoch=3).done
    assert TrainingState(step=2, total_steps=9, steps_per_epoch=3, stop_reason="user").done
    assert not TrainingState(step=8, total_steps=9, steps_per_epoch=3).done
