"""Marked places in a cell of a table: every form they come in, and what cannot be read or used."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftstudio.core import spans
from ftstudio.core.spans import Span

CITY = Span(start=0, end=6, label="city")


@pytest.mark.parametrize(
    "cell",
    [
        '[[0, 6, "city"]]',
        '[{"start": 0, "end": 6, "label": "city"}]',
        '[{"start_offset": 0, "end_offset": 6, "label": " city "}]',
        '{"entities": [[0, 6, "city"]]}',
        '{"text": "Lisbon", "spans": [{"start": 0, "end": 6, "type": "city", "score": 0.9}]}',
        '[{"start": 0, "end": 6, "text": "Lisbon", "labels": ["city"]}]',
    ],
)
def test_the_forms_of_annotation_programs_are_read(cell: str) -> None:
    assert spans.read(cell) == (CITY,)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "city",
        "{}",
        "0",
        '"[]"',
        '[["0", 6, "city"]]',
        "[[0, 6]]",
        '[[0, 6, "city", 1]]',
        '[[0, 6, ""]]',
        "[[0, 6, null]]",
        '[[true, 6, "city"]]',
        '[[0.0, 6.5, "city"]]',
        '[[0, 6, ["a", "b"]]]',
        "[" * 100_000,
    ],
)
def test_anything_else_is_refused(cell: str) -> None:
    with pytest.raises(ValueError):
        spans.read(cell)


def test_no_places_are_an_answer_too() -> None:
    assert spans.read("[]") == ()


def test_places_come_in_the_order_of_the_text() -> None:
    found = spans.read('[[8, 10, "b"], [0, 6, "a"]]')

    assert [one.label for one in found] == ["a", "b"]


def test_of_places_on_each_other_the_first_and_larger_one_is_kept() -> None:
    given = [Span(start=a, end=b, label=name) for a, b, name in [(0, 4, "small"), (0, 9, "large"), (8, 12, "late")]]
    given += [Span(start=9, end=12, label="next"), Span(start=12, end=30, label="beyond")]
    given += [Span(start=-3, end=2, label="before"), Span(start=10, end=10, label="empty")]

    assert [one.label for one in spans.fitting(given, 20)] == ["large", "next"]


@given(
    st.lists(
        st.builds(
            Span,
            start=st.integers(0, 99),
            end=st.integers(0, 99),
            label=st.text(min_size=1).filter(lambda x: x.strip() == x),
        )
    )
)
def test_what_is_written_is_read_again(given: list[Span]) -> None:
    cell = spans.write(given)

    assert json.loads(cell) == [[one.start, one.end, one.label] for one in given]
    assert spans.read(cell) == tuple(sorted(given, key=lambda one: (one.start, one.end)))


@given(st.lists(st.tuples(st.integers(-5, 25), st.integers(-5, 25))), st.integers(0, 20))
def test_fitting_places_lie_in_the_text_and_on_no_other(places: list[tuple[int, int]], length: int) -> None:
    kept = spans.fitting([Span(start=a, end=b, label="x") for a, b in places], length)

    assert all(0 <= one.start < one.end <= length for one in kept)
    assert all(one.end <= other.start for one, other in itertools.pairwise(kept))


def test_a_sentence_names_places_and_kinds() -> None:
    passage = "Lisbon is where Ana lives"

    assert spans.sentence(passage, [CITY, Span(start=16, end=19, label="person")]) == "Lisbon (city), Ana (person)"
    assert spans.sentence(passage, []) == ""
