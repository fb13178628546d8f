"""Texts, numbers and quantities as a reader sees them, in English and in Brazilian Portuguese."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import pytest

from ftstudio.core import quantities, resources, translation
from ftstudio.core.errors import CancelledError, ErrorDocument, InputError, StudioError
from ftstudio.core.text import Text, as_score, text, text_plural


@pytest.fixture
def portuguese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speak Portuguese, whatever of its catalogue is translated so far."""
    monkeypatch.setattr(translation._Current, "language", "pt_BR")


NUMBERS = [
    (0, "0", "0"),
    (1234567, "1,234,567", "1.234.567"),
    (-1234, "-1,234", "-1.234"),
    (0.5, "0.5", "0,5"),
    (1234.5678, "1,234.568", "1.234,568"),
    (2.0, "2", "2"),
    (3e-5, "3e-5", "3e-5"),
    (1.24e-4, "1.2e-4", "1,2e-4"),
    (0.0, "0", "0"),
    (math.nan, "nan", "nan"),
    (math.inf, "inf", "inf"),
]


@pytest.mark.parametrize(("value", "english", "_"), NUMBERS)
def test_numbers_in_english(value: float, english: str, _: str) -> None:
    assert translation.number(value) == english


@pytest.mark.parametrize(("value", "_", "expected"), NUMBERS)
def test_numbers_in_portuguese(portuguese: None, value: float, _: str, expected: str) -> None:
    assert translation.number(value) == expected


def test_numbers_with_a_fixed_number_of_decimals(portuguese: None) -> None:
    assert translation.number(1234.5, 2) == "1.234,50"
    assert translation.number(0.00012, 3) == "0,000"


def test_an_unknown_language_is_english() -> None:
    translation.use("pt_BR")
    translation.use("xx")

    assert translation.language() == "en"
    assert translation.tr("Steps") == "Steps"
    assert translation.tr("") == ""


def test_a_catalogue_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    catalogue = Catalog(locale="en")  # two forms, in every version of Babel
    catalogue.add("There are {count} rows.", "Há {count} linhas.")
    catalogue.add(("{count} row", "{count} rows"), ("{count} linha", "{count} linhas"))
    with (tmp_path / "pt_BR.mo").open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setattr(resources, "path", lambda *parts: tmp_path / parts[-1])

    translation.use("pt_BR")

    assert str(text("There are {count} rows.", count=1234)) == "Há 1.234 linhas."
    assert str(text_plural("{count} row", "{count} rows", count=1)) == "1 linha"
    assert str(text_plural("{count} row", "{count} rows", count=2)) == "2 linhas"


def test_a_text_fills_in_its_values() -> None:
    inner = text("row {row}", row=1234)

    assert str(text("In {place}: {share} of {name}, {flag}", place=inner, share=0.25, name="x", flag=True)) == (
        "In row 1,234: 0.25 of x, True"
    )
    assert str(text_plural("{count} row", "{count} rows", count=0)) == "0 rows"


@pytest.mark.parametrize("template", ["{missing}", "{0}", "{", "{a:z}", "100 %"])
def test_a_template_that_cannot_be_filled_is_shown_as_it_is(template: str) -> None:
    assert str(text(template, a="b")) == template


def test_a_text_travels_as_json() -> None:
    sent = text("In {place}: {count}", place=text("row {row}", row=3), count=2)
    arrived = Text.model_validate_json(sent.model_dump_json())

    assert str(arrived) == str(sent) == "In row 3: 2"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-1, "0.0 s"), (0.44, "0.4 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 0 s"),
     (190, "3 min 10 s"), (3599.6, "1 h 0 min"), (7500, "2 h 5 min")],
)  # fmt: skip
def test_durations(seconds: float, expected: str) -> None:
    assert quantities.duration(seconds) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (87_400_000, "87 MB"), (2_100_000_000, "2.1 GB"), (3e12, "3.0 TB")],
)
def test_byte_sizes(count: float, expected: str) -> None:
    assert quantities.byte_size(count) == expected


def test_other_quantities(portuguese: None) -> None:
    assert quantities.parameter_count(22_700_000) == "22,7 M"
    assert quantities.parameter_count(12) == "12"
    assert quantities.percent(0.425, 1) == "42,5 %"
    assert quantities.score(0.9416) == "0,942"
    assert quantities.rate(61.4).startswith("61 ")
    assert quantities.rate(6.14).startswith("6,1 ")


@pytest.mark.parametrize("kind", [StudioError, InputError])
def test_errors_survive_the_way_between_processes(kind: type[StudioError]) -> None:
    error = kind(text("bad {what}", what="thing"), text("do {it}", it=text("that")), file="a.csv", row=3, column="x")
    back = pickle.loads(pickle.dumps(error))

    assert type(back) is kind
    assert (str(back), str(back.hint), back.where) == ("bad thing", "do that", error.where)
    assert back.exit_code == kind.exit_code
    cancelled = pickle.loads(pickle.dumps(CancelledError()))
    assert isinstance(cancelled, CancelledError)
    assert str(cancelled) == str(CancelledError())


def test_error_documents() -> None:
    known = ErrorDocument.of(InputError(text("bad"), text("mend"), field="epochs"), details="trace")
    assert known.as_json() == {"message": "bad", "hint": "mend", "where": {"field": "epochs"}, "details": "trace"}
    assert "details" not in ErrorDocument.of(InputError(text("bad"))).as_json()
    assert (known.exit_code, known.details) == (2, "trace")
    assert ErrorDocument.model_validate_json(known.model_dump_json()) == known

    ours = ErrorDocument.of(ValueError("first line\nsecond"))
    assert ours.exit_code == 1
    assert "ValueError: first line" in ours.as_json()["message"]
    assert "second" not in ours.as_json()["message"]
    assert "KeyboardInterrupt" in ErrorDocument.of(KeyboardInterrupt()).as_json()["message"]


def test_a_score_in_a_sentence_always_has_three_decimals() -> None:
    said = text("best {metric} of {value}", metric="Macro-F1", value=as_score(1.0))
    back = Text.model_validate_json(said.model_dump_json())

    assert str(said) == str(back) == "best Macro-F1 of 1.000"
    translation.use("pt_BR")
    assert str(back).endswith("1,000")
