"""What stands in a number field is what is used, in every notation."""

from __future__ import annotations

import pytest

from ftstudio.core import translation
from ftstudio.gui.forms import numbers


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("3e-5", "float", 3e-5),
        ("3E-5", "float", 3e-5),
        ("0,00003", "float", 3e-5),
        ("3,5e-5", "float", 3.5e-5),
        (" 0.1 ", "float", 0.1),
        ("1.000,5", "float", 1000.5),
        ("1,000.5", "float", 1000.5),
        ("1 000", "int", 1000),
        ("1,000", "int", 1000),
        ("1.000", "int", 1000),
        ("−4", "int", -4),
        ("1.5", "int", 1.5),
        ("lots", "float", "lots"),
        ("", "int", ""),
    ],
)
def test_reads_what_people_type(written: str, kind: str, value: object) -> None:
    assert numbers.read(written, kind) == value


@pytest.mark.parametrize("value", [3e-5, 1.5e-6, 0.00015, 0.1, 0.0, 5.0, 2.5, 0.123456789, 16, 131072])
def test_writes_every_digit(value: float) -> None:
    kind = "int" if isinstance(value, int) else "float"
    assert numbers.read(numbers.write(value), kind) == value


def test_writes_rates_short() -> None:
    assert numbers.write(3e-5) == "3e-5"
    assert numbers.write(0.0002) == "2e-4"
    assert numbers.write(5.0) == "5"
    assert numbers.write(None) == ""


def test_writes_a_comma_where_it_is_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation._Current, "language", "pt_BR")
    assert numbers.write(0.1) == "0,1"
    assert numbers.read("0,1", "float") == 0.1
