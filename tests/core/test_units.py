"""Units of texts in any script, their tags, and the places that tags stand for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftstudio.core import units
from ftstudio.core.spans import Span

TAGS = units.tags_for(["city", "person"])


def words(passage: str) -> list[str]:
    return [passage[start:end] for start, end in units.units_of(passage)]


@pytest.mark.parametrize(
    ("passage", "expected"),
    [
        ("", []),
        (" \n\t", []),
        ("Ana's cat_2 (x).", ["Ana", "'", "s", "cat_2", "(", "x", ")", "."]),
        ("caf\u00e9 cafe\u0301", ["caf\u00e9", "cafe\u0301"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("می\u200cخواهم", ["می\u200cخواهم"]),
        ("I ❤\ufe0f you🙂🙂", ["I", "❤\ufe0f", "you", "🙂", "🙂"]),
        ("日本語 тест", ["日", "本", "語", "тест"]),
        ("我在Lisbon工作。", ["我", "在", "Lisbon", "工", "作", "。"]),
        ("が\u3099 スー\ufe0fx서울", ["が\u3099", "ス", "ー\ufe0f", "x서울"]),
    ],
)
def test_words_are_units_and_other_signs_each_by_itself(passage: str, expected: list[str]) -> None:
    assert words(passage) == expected


@given(st.text())
def test_every_letter_but_spaces_is_in_one_unit(passage: str) -> None:
    found = units.units_of(passage)
    covered = np.zeros(len(passage), dtype=np.int64)
    for start, end in found:
        assert start < end
        covered[start:end] += 1

    assert covered.max(initial=0) <= 1
    assert all(covered[at] or letter.isspace() for at, letter in enumerate(passage))


def test_tags_begin_and_go_on() -> None:
    passage = "Ana Silva left New York"
    marked = [Span(start=0, end=9, label="person"), Span(start=15, end=23, label="city")]

    tagged = units.tag(units.units_of(passage), marked, TAGS)

    assert [TAGS[at] for at in tagged] == ["B-person", "I-person", "O", "B-city", "I-city"]


def test_a_place_that_cuts_a_word_takes_the_whole_of_it() -> None:
    tagged = units.tag(units.units_of("seawater here"), [Span(start=3, end=10, label="city")], TAGS)

    assert [TAGS[at] for at in tagged] == ["B-city", "I-city"]


def test_kinds_without_a_tag_and_places_without_a_unit_are_outside() -> None:
    marked = [Span(start=0, end=1, label="drug"), Span(start=1, end=2, label="city")]

    assert units.tag(units.units_of("a  b"), marked, TAGS).tolist() == [0, 0]


def test_a_tag_that_goes_on_what_never_began_begins() -> None:
    tagged = [TAGS.index(tag) for tag in ("I-city", "I-city", "I-person", "B-person", "O", "I-city")]

    assert units.runs_of(tagged, TAGS) == [(0, 2, "city"), (2, 3, "person"), (3, 4, "person"), (5, 6, "city")]


@given(st.lists(st.integers(0, len(TAGS) - 1), max_size=12))
def test_places_make_the_tags_that_make_the_places(tagged: list[int]) -> None:
    passage = " ".join("word" for _ in tagged)
    places = units.units_of(passage)
    found = units.runs_of(tagged, TAGS)
    marked = [Span(start=int(places[a, 0]), end=int(places[b - 1, 1]), label=kind) for a, b, kind in found]

    assert units.runs_of(units.tag(places, marked, TAGS).tolist(), TAGS) == found


def test_kinds_of_tags_are_those_that_made_them() -> None:
    assert units.kinds_of(TAGS) == ["city", "person"]
    assert TAGS[0] == units.OUTSIDE


def test_a_unit_takes_the_token_of_its_first_letter_and_special_tokens_none() -> None:
    #         [CLS]        sea         water      [SEP]; "here" was cut off
    tokens = np.array([[-1, 0, 0], [0, 0, 3], [0, 3, 8], [-1, 0, 0]])

    assert units.tokens_of(units.units_of("seawater here"), tokens).tolist() == [1, -1]
    assert units.tokens_of(units.units_of("seawater"), tokens[[0, 3]]).tolist() == [-1]
    assert units.tokens_of(units.units_of(""), tokens).tolist() == []
