"""Words that differ are found on both sides, and nothing else is."""

from __future__ import annotations

import pytest

from ftstudio.core.differences import MOST_WORDS, differing


@pytest.mark.parametrize(
    ("first", "second", "only_first", "only_second"),
    [
        ("the cat sat.", "the cat sat.", [], []),
        ("the  cat\nsat", "the cat sat", [], []),
        ("the cat sat", "the dog sat", ["cat"], ["dog"]),
        ("the cat sat down", "the cat", ["sat down"], []),
        ("", "a b", [], ["a b"]),
        ("5 October 1916", "5 October 1961", ["1916"], ["1961"]),
        ("a b c", "b c d", ["a"], ["d"]),
    ],
)
def test_what_differs_is_found(first: str, second: str, only_first: list[str], only_second: list[str]) -> None:
    here, there = differing(first, second)

    assert [first[start:end] for start, end in here] == only_first
    assert [second[start:end] for start, end in there] == only_second


def test_books_are_compared_at_their_beginning() -> None:
    assert differing("a " * 50 * MOST_WORDS, "a " * 60 * MOST_WORDS) == ([], [])
