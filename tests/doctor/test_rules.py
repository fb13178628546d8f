"""Each verdict at curves drawn by hand, and the remedies: each changes what the run had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ftstudio.core.advice import Advice, Remedy
from ftstudio.core.settings import TrainingSettings
from ftstudio.doctor.case import Case
from ftstudio.doctor.consultation import Consultation
from ftstudio.doctor.signs import Signs, standard_error
from tests.doctor.making import case, curves

FALLING = [0.6, 0.4, 0.2, 0.08, 0.03, 0.01, 0.01, 0.01]
GOOD = [0.6, 0.7, 0.75, 0.8, 0.8, 0.81, 0.8, 0.8, 0.8]


def verdict(
    train: Sequence[float], valid: Sequence[float], scores: Sequence[float], about: Case | None = None
) -> Advice:
    made = Consultation(about or case(epochs=len(train)), curves(train, valid, scores))
    made.conclude()
    advice = made.advice()
    assert advice is not None
    return advice


def settings_of(advice: Advice) -> list[str]:
    return [key for remedy in advice.remedies for key in remedy.values]


OVERFIT = [0.68, 0.6, 0.5, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


CURVES: dict[str, tuple[list[float], list[float], list[float]]] = {
    "healthy": (FALLING, [0.68, 0.6, 0.5, 0.45, 0.42, 0.42, 0.42, 0.43, 0.43], GOOD),
    "overfitting": (FALLING, OVERFIT, GOOD),
    "learning_by_heart": (FALLING, [0.7, 0.7, 0.72, 0.8, 0.9, 1.0, 1.2, 1.3, 1.4], [0.5, 0.52, 0.48, *6 * [0.5]]),
    "underfitting": (8 * [0.66], 9 * [0.68], 9 * [0.55]),
    "rate_too_high": (
        [3.0, 2.0, 1.5, 1.0, 0.9, 0.8, 0.7, 0.7],
        [0.5, 4.0, 3.0, 2.0, 1.0, 1.0, 0.8, 0.8, 0.8],
        [0.8, *8 * [0.5]],
    ),
    "getting_worse": (
        [0.9, 0.8, 0.7, 0.6, 0.5, 0.5, 0.5, 0.5],
        [0.3, 0.9, 1.5, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0],
        [0.95, *8 * [0.6]],
    ),
    "rate_too_low": (
        [0.69, 0.675, 0.66, 0.645, 0.63, 0.615, 0.6, 0.585],
        [0.69, 0.68, 0.67, 0.66, 0.65, 0.64, 0.63, 0.62, 0.61],
        GOOD,
    ),
}


@pytest.mark.parametrize("code", CURVES)
def test_curves_and_their_verdict(code: str) -> None:
    train, valid, scores = CURVES[code]
    events = curves(train, valid, scores)
    if code == "rate_too_high":  # the loss was well before the rate had risen
        events[1:3] = [one.model_copy(update={"values": {**one.values, "loss": 0.6}}) for one in events[1:3]]
    made = Consultation(case(epochs=len(train)), events)
    made.conclude()

    assert made.verdict is not None
    assert made.verdict.SPEC.key == code


def test_early_stopping_that_is_on_gets_its_chance_first() -> None:
    guarded = case(epochs=8, settings={"early_stopping": True, "patience": 4})
    few = case(epochs=8, settings={"early_stopping": True, "patience": 4}, rows=40, rows_per_class={"a": 20, "b": 20})

    assert verdict(FALLING[:6], OVERFIT[:7], GOOD[:7], guarded).code == "healthy"
    assert verdict(FALLING[:6], OVERFIT[:7], GOOD[:7], few).code == "overfitting"
    assert verdict(FALLING[:6], OVERFIT[:7], GOOD[:7]).code == "overfitting"


def test_few_validation_rows_are_told_unless_something_worse_is() -> None:
    few = case(epochs=8, validation_rows=8, validation_per_class=(4, 4))

    assert (
        verdict(FALLING, [0.68, 0.6, 0.5, 0.45, 0.42, 0.42, 0.42, 0.43, 0.43], GOOD, few).code == "validation_too_small"
    )
    assert verdict(FALLING, OVERFIT, GOOD, few).code == "overfitting"


def test_a_head_that_begins_as_good_as_it_can_be_is_not_underfitting() -> None:
    head = case(epochs=8, learns_below_head=False)

    assert verdict(8 * [0.4], 9 * [0.45], 9 * [0.8], head).code == "healthy"
    assert verdict(8 * [0.68], 9 * [0.69], 9 * [0.5], head).code == "underfitting"


def test_a_task_without_classes_is_judged_by_where_it_began() -> None:
    plain = case(epochs=8, rows_per_class={}, validation_per_class=(), metric="loss", higher_is_better=False)
    signs = Signs(plain, Consultation(plain).history)

    assert signs.case.chance_loss is None
    assert signs.case.chance_score is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"early_stopping": True, "epochs": 3.0, "tuning_method": "top_layers"}),
        (
            {"early_stopping": True, "tuning_method": "top_layers", "epochs": 3.0},
            {"tuning_method": "head", "dropout": 0.1},
        ),
    ],
)
def test_remedies_change_what_the_run_had(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    about = case(epochs=8, settings=changes, rows=40, rows_per_class={"a": 20, "b": 20})
    advice = verdict(FALLING, OVERFIT, GOOD, about)

    offered = {key: value for remedy in advice.remedies for key, value in remedy.values.items()}
    assert {key: offered.get(key) for key in expected} == expected
    for remedy in advice.remedies:
        if remedy.action == "settings":
            changed = TrainingSettings.model_validate({**about.settings.model_dump(), **remedy.values})
            assert changed != about.settings
    assert advice.remedies[0] == Remedy(label=advice.remedies[0].label, action="stop")


def test_copies_and_rare_classes_are_named_as_evidence() -> None:
    about = case(epochs=8, repeated_rows=30, rows_per_class={"common": 150, "rare": 10})

    evidence = " ".join(one.render() for one in verdict(FALLING, OVERFIT, GOOD, about).evidence)

    assert "30 training rows are copies of others" in evidence
    assert "“rare” has only 10 training rows" in evidence
    assert "for each of 130 training rows" in evidence


def test_pictures_are_augmented_and_texts_are_not() -> None:
    assert "augmentation" in settings_of(verdict(FALLING, OVERFIT, GOOD, case(epochs=8, modality="image")))
    assert "augmentation" not in settings_of(verdict(FALLING, OVERFIT, GOOD))


def test_chance_and_noise_follow_the_data() -> None:
    uneven = case(rows=100, rows_per_class={"a": 90, "b": 10}, validation_rows=50, validation_per_class=(45, 5))

    assert case().chance_loss == pytest.approx(0.6931, abs=1e-4)
    assert uneven.chance_loss == pytest.approx(0.3251, abs=1e-4)
    assert uneven.chance_score == pytest.approx(0.9)
    assert uneven.model_copy(update={"metric": "balanced_accuracy"}).chance_score == pytest.approx(0.5)
    assert standard_error(0.5, case()) == pytest.approx(0.0546, abs=1e-4)
    assert standard_error(0.9, uneven.model_copy(update={"metric": "macro_f1"})) > 1.5 * standard_error(0.9, uneven)


def test_label_smoothing_is_no_loss_that_is_left_to_learn() -> None:
    smoothed = case(settings={"label_smoothing": 0.1})

    assert case().loss_floor == 0.0
    assert smoothed.loss_floor == pytest.approx(0.1985, abs=1e-4)


def test_a_case_travels_as_json() -> None:
    assert Case.model_validate_json(case().model_dump_json()) == case()
