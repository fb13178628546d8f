"""`--set` and `--column`: every mistake is reported at once, in the user's words."""

from __future__ import annotations

import pytest

from ftstudio.cli.assignments import read_columns, read_settings
from ftstudio.core.errors import InputError
from ftstudio.core.settings import Overrides
from ftstudio.core.specs import ColumnRole


def test_values_are_read_as_the_setting_is() -> None:
    read = read_settings(["epochs=3", "learning_rate=1e-4", "early_stopping=no", "max_steps=none", "preset=quick"])

    assert read.preset == "quick"
    assert read.values == {"epochs": 3.0, "learning_rate": 1e-4, "early_stopping": False, "max_steps": None}


def test_what_the_project_had_stays() -> None:
    base = Overrides(preset="thorough", values={"epochs": 9.0, "seed": 4})

    assert read_settings(["seed=5"], base) == Overrides(preset="thorough", values={"epochs": 9.0, "seed": 5})


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(InputError) as caught:
        read_settings(["epochs=-1", "colour=red", "learning_rate", "preset=slow", "batch_size=many"])

    message = str(caught.value)
    assert caught.value.exit_code == 2
    for part in ("Epochs", "“colour”", "“learning_rate”", "“slow”", "Batch size"):
        assert part in message


def test_one_mistake_is_named_with_its_field() -> None:
    with pytest.raises(InputError) as caught:
        read_settings(["dropout=2"])

    assert caught.value.where.field == "dropout"
    assert "0.9" in caught.value.hint.render()


def test_columns_are_read() -> None:
    assert read_columns(["text=a=b", "label=kind"]) == {ColumnRole.TEXT: "a=b", ColumnRole.LABEL: "kind"}


@pytest.mark.parametrize("written", ["text", "colour=x", "text=", "=x"])
def test_a_column_without_role_or_name_is_refused(written: str) -> None:
    with pytest.raises(InputError) as caught:
        read_columns([written])

    assert written in str(caught.value)
    assert "text_pair" in caught.value.hint.render()


def test_a_role_is_given_once() -> None:
    with pytest.raises(InputError, match="two columns"):
        read_columns(["text=a", "text=b"])


def test_a_setting_is_given_once() -> None:
    with pytest.raises(InputError, match="more than once") as caught:
        read_settings(["epochs=3", "epochs=4"])

    assert caught.value.where.field == "epochs"
