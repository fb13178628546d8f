"""Settings: what a form and the command line know of them, and every mistake at once."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ftstudio.core.errors import InputError
from ftstudio.core.presets import Recommendation, resolve
from ftstudio.core.settings import (
    GROUPS,
    Overrides,
    TrainingSettings,
    build,
    fields,
    parse_assignment,
    settings_problems,
)
from ftstudio.core.text import text

PROMISED = (
    *("tuning_method", "top_layers", "learning_rate", "layer_decay", "epochs", "max_steps", "batch_size", "schedule"),
    *(
        "warmup",
        "weight_decay",
        "max_grad_norm",
        "dropout",
        "label_smoothing",
        "class_weights",
        "augmentation",
        "max_length",
    ),
    *("long_text", "precision", "early_stopping", "patience", "monitor", "seed", "device"),
)


def test_the_keys_that_scripts_rely_on_are_there() -> None:
    assert set(PROMISED) <= {field.key for field in fields()}


@pytest.mark.parametrize("field", fields(), ids=lambda field: field.key)
def test_every_field_can_be_shown_in_a_form(field: Any) -> None:
    assert field.title
    assert field.help.endswith(".")
    assert field.group in GROUPS
    assert field.modality in ("", "text", "image")
    assert field.kind in ("bool", "int", "float", "choice", "text")
    if field.kind == "choice":
        assert field.default in field.choices
    if field.kind in ("int", "float"):
        assert field.minimum is not None
        assert field.maximum is not None
        assert field.default is None or field.minimum <= field.default <= field.maximum
    assert (field.default is None) <= field.optional


def test_the_defaults_are_valid() -> None:
    assert settings_problems(TrainingSettings().model_dump()) == []
    assert build({}) == TrainingSettings()


@pytest.mark.parametrize("field", [one for one in fields() if one.kind in ("int", "float")], ids=lambda one: one.key)
def test_the_limits_that_are_shown_are_the_limits_that_hold(field: Any) -> None:
    step = 1 if field.kind == "int" else 1e-6
    assert settings_problems({field.key: field.maximum}) == []
    assert bool(settings_problems({field.key: field.minimum})) is field.minimum_is_open
    assert settings_problems({field.key: field.maximum + step})
    assert settings_problems({field.key: field.minimum - step})


def test_all_mistakes_are_told_at_once_each_with_its_field() -> None:
    wrong = {"epochs": -1.0, "batch_size": "many", "seed": 1.5, "device": "tpu", "colour": "red", "dropout": 0.95}
    problems = settings_problems(wrong)

    assert {problem.where.field for problem in problems} == set(wrong)
    assert len(problems) == len(wrong)
    assert all(problem.hint and str(problem.message) for problem in problems)
    codes = {problem.where.field: problem.code for problem in problems}
    assert codes["colour"] == "unknown_setting"
    assert codes["device"] == "bad_setting"
    hints = {problem.where.field: str(problem.hint) for problem in problems}
    assert "cuda" in hints["device"]
    assert "1,000" in hints["epochs"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True, "1e-3", None, [1.0]])
def test_a_rate_that_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(InputError) as caught:
        build({"learning_rate": value})

    assert caught.value.where.field == "learning_rate"
    assert caught.value.exit_code == 2


def test_whole_numbers_do_for_fractions_but_not_the_other_way_round() -> None:
    assert build({"epochs": 3}).epochs == 3.0
    assert settings_problems({"batch_size": 3.0})
    assert settings_problems({"epochs": True})


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("epochs=3", ("epochs", 3.0)),
        (" epochs = 2.5 ", ("epochs", 2.5)),
        ("learning_rate=3e-5", ("learning_rate", 3e-5)),
        ("batch_size=8", ("batch_size", 8)),
        ("batch_size=8.5", ("batch_size", "8.5")),
        ("early_stopping=no", ("early_stopping", False)),
        ("early_stopping=ON", ("early_stopping", True)),
        ("early_stopping=maybe", ("early_stopping", "maybe")),
        ("dropout=none", ("dropout", None)),
        ("dropout=", ("dropout", None)),
        ("max_steps=auto", ("max_steps", None)),
        ("device=auto", ("device", "auto")),
        ("monitor=a=b", ("monitor", "a=b")),
        ("colour=3", ("colour", "3")),
        ("epochs", ("epochs", "")),
    ],
)
def test_assignments(assignment: str, expected: tuple[str, Any]) -> None:
    assert parse_assignment(assignment) == expected


def test_what_an_assignment_cannot_mean_is_told_as_a_problem() -> None:
    key, value = parse_assignment("batch_size=eight")

    (problem,) = settings_problems({key: value})
    assert "eight" in str(problem.message)


def test_the_users_values_win_over_the_preset() -> None:
    advice = Recommendation({"epochs": 7.0, "seed": 5}, {"epochs": text("because"), "seed": text("why not")})
    resolved = resolve(advice, Overrides(values={"epochs": 2, "batch_size": 4}))

    assert (resolved.settings.epochs, resolved.settings.seed, resolved.settings.batch_size) == (2.0, 5, 4)
    assert set(resolved.reasons) == {"seed"}
    assert resolved.recommended["epochs"] == 7.0
    assert resolved.recommended["warmup"] == TrainingSettings().warmup


def test_a_bad_value_of_the_user_is_refused() -> None:
    with pytest.raises(InputError):
        resolve(Recommendation({}), Overrides(values={"epochs": 0}))


def test_a_limit_is_not_rounded_to_what_is_refused() -> None:
    (problem,) = settings_problems({"weight_averaging": 1.0})

    assert "0.99999" in str(problem.hint)


def test_a_model_that_writes_is_offered_no_setting_that_is_refused_or_means_nothing() -> None:
    offered = {field.key for field in fields() if field.concerns("text", "text")}

    assert not offered & {"r_drop", "label_smoothing", "class_weights", "balanced_sampling", "probe_first"}
    assert {"packing", "pinned_prompts", "epochs", "lora_rank"} <= offered
    assert "label_smoothing" in {field.key for field in fields() if field.concerns("text", "label")}
    assert "packing" not in {field.key for field in fields() if field.concerns("text", "label")}
