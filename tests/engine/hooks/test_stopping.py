"""When a run ends early, which of two equal checks is the best, and what is told. On scores made up beforehand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ftstudio.core.messages import Event, Kept, Remark
from ftstudio.core.metrics import ONE_LABEL
from ftstudio.core.settings import build, settings_problems
from ftstudio.engine.hooks.early_stopping import EarlyStopping
from ftstudio.engine.hooks.validation import Validation
from ftstudio.engine.learning.state import Best, TrainingState
from ftstudio.engine.learning.steps import StepResult

STEP = StepResult(1.0, 1.0, 1e-3, 8)
MACRO_F1 = next(metric for metric in ONE_LABEL if metric.key == "macro_f1")


def played(
    checks: list[tuple[float, float]], error: float = math.nan, **values: Any
) -> tuple[TrainingState, list[Event]]:
    """Run the hooks over checks of (score, loss), the first before step 1, one after each step.

    `error` is the standard error of every score.
    """
    settings = build(values)
    state = TrainingState(total_steps=len(checks) + 10, steps_per_epoch=1)
    told: list[Event] = []
    left = [{"macro_f1": score, "loss": loss} for score, loss in checks]
    ties = settings.tie_break
    validation = Validation(
        lambda: left.pop(0),
        lambda state: None,
        MACRO_F1,
        told.append,
        every=1,
        gain=settings.minimum_gain,
        tie_break=ties,
        chance=lambda score: error,
    )
    stopping = EarlyStopping(settings.patience, told.append, settings.warmup_checks)
    validation.before_training(state)
    while left and not state.done:
        state.step += 1
        validation.after_step(state, STEP)
        stopping.after_step(state, STEP)
    return state, told


FLAT = [(0.5, 1.0)] * 12


@pytest.mark.parametrize(("warmup", "stopped"), [(0, 3), (1, 4), (4, 7)])
def test_the_patience_is_counted_after_the_warm_up(warmup: int, stopped: int) -> None:
    state, _ = played(FLAT, patience=3, warmup_checks=warmup)

    assert (state.step, state.stop_reason) == (stopped, "early_stopping")


def test_a_gain_within_the_warm_up_does_not_cut_the_patience() -> None:
    state, _ = played([(0.1, 1.0), (0.2, 1.0), (0.1, 1.0), (0.1, 1.0), *FLAT[:2], (0.3, 1), (0.3, 1)], patience=3)
    later, _ = played([(0.1, 1.0), (0.2, 1.0), *[(0.1, 1.0)] * 8], patience=3, warmup_checks=2)

    assert state.stop_reason == "" or state.step > 4
    assert later.step == 5


def test_where_and_why_it_stopped_is_told_once() -> None:
    state, told = played(FLAT, patience=3)

    (remark,) = [one for one in told if isinstance(one, Remark)]
    assert (remark.code, remark.step) == ("stopped_early_stopping", state.step)
    assert str(remark.text) == "Stopped here: no gain for 3 checks."


def test_of_equal_scores_the_lower_loss_wins_or_the_earlier_check() -> None:
    checks = [(0.4, 2.0), (0.5, 1.5), (0.5, 1.2), (0.5, 1.3)]

    by_loss, _ = played(checks)
    earlier, _ = played(checks, tie_break="earlier")
    assert by_loss.best is not None
    assert earlier.best is not None
    assert by_loss.best.step == 2
    assert earlier.best.step == 1


NEARLY = [(0.4, 2.0), (0.9, 1.0), (0.7, 1.1), (0.89, 1.5), (0.86, 1.6)]


@pytest.mark.parametrize(
    ("error", "ties", "kept"),
    [
        (0.06, "later", 3),  # a third of it: 0.02
        (0.13, "later", 4),
        (0.0, "later", 1),
        (math.nan, "later", 1),
        (0.13, "loss", 1),
        (0.13, "earlier", 1),
    ],
)
def test_the_later_of_scores_that_chance_cannot_tell_apart_is_kept(error: float, ties: str, kept: int) -> None:
    state, told = played(NEARLY, error, tie_break=ties)

    assert state.best is not None
    assert (state.best.step, state.best.value) == (kept, NEARLY[kept][0])
    assert state.top == 0.9
    assert [one.step for one in told if isinstance(one, Kept)][-1] == kept


def test_scores_do_not_sink_little_by_little() -> None:
    sinking = [(0.9 - 0.015 * step, 1.0) for step in range(6)]
    state, _ = played(sinking, 0.06, patience=4)

    assert state.best is not None
    assert state.best.step == 1
    assert state.stop_reason == "early_stopping"


def test_a_checkpoint_from_before_there_was_a_top_keeps_its_best() -> None:
    state = TrainingState(total_steps=5, steps_per_epoch=1, step=2, checks=2, best=Best(step=1, metric="macro_f1",
                          value=0.9, loss=1.0))  # fmt: skip
    validation = Validation(lambda: {"macro_f1": 0.5, "loss": 0.1}, lambda state: None, MACRO_F1, lambda event: None,
                            every=1, tie_break="later", chance=lambda score: 0.1)  # fmt: skip
    validation.after_step(state, STEP)

    assert (state.top, state.best and state.best.step, state.checks_without_gain) == (0.9, 1, 1)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("warmup_checks", value) for value in (-1, 1.5, "two")),
        *(("tie_break", value) for value in ("luckier", None, 1)),
        *(("mixup", value) for value in (-0.1, 9.0, "much")),
        *(("cutmix", value) for value in (-0.1, float("nan"))),
        *(("weight_averaging", value) for value in (0.0, 1.0, -1.0)),
        *(("r_drop", value) for value in (-1.0, 101.0)),
        *(("embedding_noise", value) for value in (-1.0, 101.0)),
        *(("balanced_sampling", value) for value in ("yes", 1)),
        ("augmentation", "autoaugment"),
    ],
)
def test_bad_values_are_told_beside_their_field(key: str, value: Any) -> None:
    (problem,) = settings_problems({key: value})

    assert problem.where.field == key
    assert problem.hint
