"""Tags of tokens in every common scheme stand for the same places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftstudio.datasets import bio

TOKENS = ["Ana", "Silva", "left", "New", "York", "Rio", "."]
PLACES = [("Ana Silva", "person"), ("New York", "city"), ("Rio", "city")]


def found(tags: list[str], tokens: list[str] = TOKENS) -> list[tuple[str, str]]:
    made = bio.sentence(tokens, tags)
    return [(made.text[one.start : one.end], one.label) for one in made.spans]


@pytest.mark.parametrize(
    "tags",
    [
        ["B-person", "I-person", "O", "B-city", "I-city", "B-city", "O"],
        ["B-person", "E-person", "O", "B-city", "E-city", "S-city", "O"],
        ["B-person", "L-person", "O", "B-city", "L-city", "U-city", "O"],
        ["I-person", "I-person", "O", "I-city", "I-city", "B-city", "O"],
        ["B_person", "I_person", "-", "B_city", "I_city", "B_city", "O"],
    ],
    ids=["BIO", "BIOES", "BILOU", "IOB1", "with underscores"],
)
def test_every_scheme_marks_the_same_places(tags: list[str]) -> None:
    assert found(tags) == PLACES


def test_kinds_without_prefix_go_on_while_they_are_the_same() -> None:
    assert found(["person", "person", "O", "city", "city", "city", "O"])[1:] == [("New York Rio", "city")]


def test_a_single_place_does_not_go_on() -> None:
    assert found(["S-x", "I-x"], ["a", "b"]) == [("a", "x"), ("b", "x")]


def test_an_end_ends_and_another_kind_begins() -> None:
    assert found(["B-x", "E-x", "I-x", "I-y"], list("abcd")) == [("a b", "x"), ("c", "x"), ("d", "y")]


def test_tags_without_a_beginning_begin_and_are_told() -> None:
    made = bio.sentence(list("abcd"), ["O", "I-x", "I-x", "I-y"])

    assert made.orphans == (1, 3)
    assert [(one.start, one.end, one.label) for one in made.spans] == [(2, 5, "x"), (6, 7, "y")]
    assert bio.sentence(["a"], ["x"]).orphans == ()
    assert bio.sentence(["a", "b"], ["B-x", "I-x"]).orphans == ()


@given(st.lists(st.sampled_from(["O", "B-x", "I-x", "B-y", "I-y"]), max_size=10))
def test_places_are_those_that_seqeval_finds(tags: list[str]) -> None:
    from seqeval.metrics.sequence_labeling import get_entities

    tokens = [f"t{at}" for at in range(len(tags))]
    made = bio.sentence(tokens, tags)

    expected = [(" ".join(tokens[first : last + 1]), kind) for kind, first, last in get_entities(tags)]
    assert [(made.text[one.start : one.end], one.label) for one in made.spans] == expected
