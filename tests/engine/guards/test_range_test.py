"""The range test: it finds the rate at which rows gain and the one that does harm, and leaves everything as it was."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ftstudio.core.errors import CancelledError, InputError
from ftstudio.core.messages import Request
from ftstudio.core.settings import Overrides
from ftstudio.core.states import Split
from ftstudio.engine.context import JobContext
from ftstudio.engine.control import Control
from ftstudio.engine.guards import range_test, rate_choice, rate_words, studies
from ftstudio.engine.guards.range_test import Limits, Sweep, run_sweep
from ftstudio.engine.guards.rate_choice import read
from ftstudio.engine.guards.studies import Study
from ftstudio.engine.learning import schedules
from ftstudio.engine.runs import preparation, training
from ftstudio.project.studies import latest
from ftstudio.studies.find_lr import FindRateOptions
from tests.engine.projects import FAST, Tiny

LIMITS = Limits(1e-5, 10.0, 20)
# A tiny random model has nearly the same features for every row, so that a probe on them bears no change at all.
PLAIN = {**FAST, "probe_first": False}


def study_of(project: Tiny, **values: Any) -> Study[Any]:
    options = {"settings": Overrides(values={**PLAIN, **values}).model_dump()}
    request = Request(job="find_lr", project=project.root, options=options)
    return studies.begin(request, JobContext(lambda _: None, Control(), project.root), FindRateOptions)


def prepared_for(study: Study[Any]) -> preparation.Prepared:
    return preparation.prepare(
        study.task, study.model_folder, study.dataset, study.settings, study.hardware, study.tell, resuming=False
    )


def find(project: Tiny, options: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
    settings = Overrides(values={**PLAIN, **values}).model_dump()
    return project.job("find_lr", settings=settings, **{"lowest_rate": 1e-5, "steps": 30, **(options or {})})


def weights_after_training(project: Tiny, folder: Path, *, swept: bool, **values: Any) -> dict[str, torch.Tensor]:
    study = study_of(project, **values)
    prepared = prepared_for(study)
    if swept:
        seen = run_sweep(prepared, study.settings, study.accelerator(), LIMITS, 5, lambda _: None)
        assert len(seen.rates) > 5
    training.run_training(prepared, study.settings, study.accelerator(), lambda _: None, Control(), folder)
    return {name: value.clone() for name, value in prepared.bundle.model.state_dict().items()}


def test_the_rate_rises_by_the_same_factor_every_step() -> None:
    rates = [Limits(1e-6, 1e-1, 11).rate(step) for step in range(11)]

    assert rates[0] == pytest.approx(1e-6)
    assert rates[-1] == pytest.approx(1e-1)
    assert np.diff(np.log(rates)) == pytest.approx(np.full(10, math.log(1e5) / 10))
    assert schedules.rising(0, 1, 100.0) == pytest.approx(0.01)


@pytest.mark.parametrize("modality", ["text", "image"])
def test_a_training_after_it_goes_exactly_as_without_it(
    modality: str, text_project: Tiny, image_project: Tiny, tmp_path: Path
) -> None:
    """By bits: weights, batch statistics, optimiser and chance (dropout is on) are untouched."""
    project = {"text": text_project, "image": image_project}[modality]
    values: dict[str, Any] = {"tuning_method": "full", "dropout": 0.2, "epochs": 1.0}
    plain = weights_after_training(project, tmp_path / "plain", swept=False, **values)
    swept = weights_after_training(project, tmp_path / "swept", swept=True, **values)

    assert all(torch.equal(plain[name], swept[name]) for name in plain)


def test_a_sweep_that_is_cancelled_puts_everything_back(text_project: Tiny) -> None:
    study = study_of(text_project, tuning_method="full")
    prepared = prepared_for(study)
    before = {name: value.clone() for name, value in prepared.bundle.model.state_dict().items()}

    def stop(done: int) -> None:
        if done == 3:
            raise CancelledError

    with pytest.raises(CancelledError):
        run_sweep(prepared, study.settings, study.accelerator(), LIMITS, 1, stop)
    after = prepared.bundle.model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_looking_at_the_fixed_rows_changes_nothing(image_project: Tiny) -> None:
    prepared = prepared_for(study_of(image_project, tuning_method="full"))
    state = {name: value.clone() for name, value in prepared.bundle.model.state_dict().items()}
    chance = torch.get_rng_state()
    first = range_test.loss_while_training(prepared.feeds[Split.VALIDATION], prepared)

    assert first == range_test.loss_while_training(prepared.feeds[Split.VALIDATION], prepared)
    assert torch.equal(chance, torch.get_rng_state())
    after = prepared.bundle.model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in state.items())


def test_nothing_is_learned_from_the_rows_that_are_checked(text_project: Tiny) -> None:
    prepared = prepared_for(study_of(text_project))
    learned, checked = range_test.divided(prepared, 1)
    assert learned is prepared.feeds[Split.TRAIN]
    assert len(checked.labels) == min(range_test.CHECKED_ROWS, len(prepared.feeds[Split.VALIDATION].labels))

    prepared.feeds[Split.VALIDATION] = range_test.Subset(prepared.feeds[Split.VALIDATION], np.arange(3))
    learned, checked = range_test.divided(prepared, 1)
    assert not set(learned.rows) & set(checked.rows)  # type: ignore[attr-defined]
    assert len(learned.labels) + len(checked.labels) == len(prepared.feeds[Split.TRAIN].labels)


def sweep_of(losses: list[float], *, diverged: bool = False, start: float = 1.0) -> Sweep:
    limits = Limits(1e-6, 1e-1, 51)
    rates = [limits.rate(step) for step in range(len(losses))]
    return Sweep(rates, losses, losses, start, diverged)


def trough(best_at: float, depth: float, seed: int = 0, noise: float = 0.0) -> list[float]:
    """Losses that fall from 1 towards `depth` around the rate `best_at` and rise steeply a decade above it."""
    chance = np.random.default_rng(seed)
    logs = np.linspace(-6, -1, 51) - math.log10(best_at)
    falling = 1 - (1 - depth) / (1 + np.exp(-6 * (logs + 0.5)))
    losses: list[float] = (falling + np.exp(3 * (logs - 1.5)) + noise * chance.normal(size=51)).tolist()
    return losses


@pytest.mark.parametrize("best_at", [1e-4, 1e-3])
@pytest.mark.parametrize("noise", [0.0, 0.03])
def test_the_suggestion_lies_below_the_bottom_of_the_trough(best_at: float, noise: float) -> None:
    for seed in range(5):
        reading = read([sweep_of(trough(best_at, 0.4, seed, noise), diverged=True)])
        assert reading is not None
        assert reading.gains
        assert best_at / 6 < reading.suggested < best_at
        assert reading.band[0] < reading.suggested <= reading.band[1]
        assert reading.harm is not None
        assert reading.suggested < reading.harm / 5


def test_rows_that_never_gain_get_a_safe_rate_far_below_harm() -> None:
    losses = [*([1.0] * 30), *np.linspace(1.0, 4.0, 11).tolist()]
    reading = read([sweep_of(losses, diverged=True)])

    assert reading is not None
    assert not reading.gains
    assert reading.harm is not None
    assert reading.suggested == pytest.approx(reading.harm / 10, rel=0.1)


def test_a_loss_that_still_falls_at_the_end_is_told() -> None:
    reading = read([sweep_of(np.linspace(1.0, 0.2, 51).tolist())])

    assert reading is not None
    assert reading.open
    assert reading.harm is None


def test_the_picture_ends_where_the_loss_runs_away() -> None:
    """A loss of thousands at the end would press the fall, of a few hundredths, into a flat line."""
    losses = [*np.linspace(0.65, 0.60, 30).tolist(), *np.geomspace(0.7, 3000.0, 15).tolist()]
    reading = read([sweep_of(losses, diverged=True, start=0.65)])
    assert reading is not None
    chart = rate_words._chart([sweep_of(losses)], reading, {"head": 1.0})

    assert max(value for one in chart.series for value in one.y) < 0.8
    assert max(chart.series[1].y) > 0.65, "that it rises is seen"
    assert chart.series[1].x[-1] >= reading.suggested
    assert all(len(one.x) == len(one.y) for one in chart.series)


def test_the_spread_of_several_sweeps_is_the_band_around_the_line() -> None:
    reading = read([sweep_of(trough(1e-3, 0.4, seed, 0.05)) for seed in range(3)])

    assert reading is not None
    assert all(low <= line <= high for low, line, high in zip(reading.low, reading.line, reading.high, strict=True))
    assert max(high - low for low, high in zip(reading.low, reading.high, strict=True)) > 0.01


def test_smoothing_has_no_delay() -> None:
    dip = np.ones(41)
    dip[18:23] = 0.0

    assert rate_choice.smoothed(dip)[19:22] == pytest.approx(np.zeros(3))
    assert rate_choice.smoothed(dip)[[16, 24]] == pytest.approx(np.ones(2))
    assert rate_choice.smoothed(np.full(9, 3.0)) == pytest.approx(np.full(9, 3.0))


def test_neither_a_spike_nor_the_end_moves_what_is_read() -> None:
    losses = trough(1e-3, 0.4)
    spiked = [*losses[:20], 0.05, *losses[21:], 500.0]
    limits = Limits(1e-6, 1e-1, 51)
    plain, other = (
        read([Sweep([limits.rate(at) for at in range(len(one))], one, one, 1.0, diverged=True)])
        for one in (losses, spiked)
    )

    assert plain is not None
    assert other is not None
    assert other.suggested == pytest.approx(plain.suggested, rel=0.3)


def test_the_study_suggests_a_rate_and_stores_its_picture(image_project: Tiny) -> None:
    found = find(image_project, {"seeds": 2, "highest_rate": 10.0}, tuning_method="head")

    assert 1e-3 < found["suggested"] <= 1.0
    assert found["band"][0] <= found["suggested"] <= found["band"][1]
    assert found["best_loss"] < found["start_loss"]
    (remedy,) = found["advice"][0]["remedies"] or [{"values": {"learning_rate": found["suggested"]}}]
    assert remedy["values"] == {"learning_rate": found["suggested"]}
    report = latest(image_project.layout, "find_lr").report
    chart = report.charts[0]
    assert chart.log_x
    assert chart.series[1].low
    assert chart.band == tuple(found["band"])
    assert {mark.kind for mark in chart.marks} >= {"suggested"}


def test_a_rate_that_lies_in_the_band_is_kept(image_project: Tiny) -> None:
    """The test cannot tell rates within its band apart, so it gives no reason to leave the one set now."""
    inside = find(image_project, {"highest_rate": 10.0}, tuning_method="head")["band"][1]
    kept = find(image_project, {"highest_rate": 10.0}, tuning_method="head", learning_rate=inside)
    left = find(image_project, {"highest_rate": 10.0}, tuning_method="head", learning_rate=inside / 100)

    assert kept["advice"][0]["code"] == "learning_rate_fits"
    assert (kept["advised"], kept["advice"][0]["remedies"]) == (inside, [])
    assert left["advised"] == left["suggested"] == left["advice"][0]["remedies"][0]["values"]["learning_rate"]


def test_it_stops_before_the_highest_rate_when_the_model_is_destroyed(text_project: Tiny) -> None:
    found = find(text_project, {"highest_rate": 10.0}, tuning_method="full", max_grad_norm=0.0)

    assert found["diverged"]
    assert found["limit"] <= found["rates"][-1] < 10.0
    assert len(found["rates"]) < 30


def test_a_rate_that_is_far_too_high_is_warned_of(text_project: Tiny) -> None:
    found = find(text_project, tuning_method="full", learning_rate=0.9)

    assert found["advice"][0]["mood"] == "warning"
    assert found["current"] == 0.9


def test_a_test_in_which_nothing_is_gained_leaves_the_rate_as_it_is(text_project: Tiny) -> None:
    found = find(text_project, {"highest_rate": 1e-4}, tuning_method="full", learning_rate=1e-6)

    assert found["advice"][0]["code"] == "nothing_to_gain"
    assert found["advice"][0]["remedies"] == []


def test_parts_with_rates_of_their_own_are_told_and_keep_their_ratio(text_project: Tiny) -> None:
    found = find(text_project, tuning_method="full", learning_rate=0.05, head_learning_rate=0.5, layer_decay=0.5)

    rates = list(found["groups"].values())
    assert rates[-1] == pytest.approx(10 * found["suggested"], rel=0.02)
    assert rates[0] < rates[1] < rates[2]
    assert found["tables"][0]["rows"]
    values = found["advice"][0]["remedies"][0]["values"]
    assert values["head_learning_rate"] == pytest.approx(10 * values["learning_rate"], rel=0.05)


def test_divergence_at_once_says_where_to_start(text_project: Tiny) -> None:
    with pytest.raises(InputError, match="ran away") as failed:
        find(text_project, {"lowest_rate": 1.0, "highest_rate": 10.0}, tuning_method="full", max_grad_norm=0.0)

    assert failed.value.hint is not None
    assert "0.001" in str(failed.value.hint)
    assert not list(text_project.layout.studies.glob("*"))


def test_bounds_the_wrong_way_round_are_refused(text_project: Tiny) -> None:
    with pytest.raises(InputError, match="not below"):
        find(text_project, {"lowest_rate": 1e-2, "highest_rate": 1e-3})


def test_fewer_rows_than_a_batch_are_told(text_project: Tiny) -> None:
    found = find(text_project, batch_size=500)

    assert "less_than_a_batch" in {one["code"] for one in found["advice"]}


def test_rates_far_below_the_one_set_say_nothing_about_it(text_project: Tiny) -> None:
    options = {"lowest_rate": 1e-12, "highest_rate": 1e-10}
    found = find(text_project, options, tuning_method="full", learning_rate=1e-3)

    assert found["advice"][0]["code"] == "too_flat"
    assert found["advice"][0]["remedies"] == []
