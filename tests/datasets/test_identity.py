"""Rows with the same content are found wherever they lie, and only those."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ftstudio.datasets import identity, parallel
from ftstudio.datasets.gathering import number_values

texts = st.lists(
    st.sampled_from(["", "a", "b", "seven b", "8 bytes.", "nine byte", "é" * 5, "long " * 20]), max_size=12
)


@given(texts, st.integers(0, 3))
@settings(max_examples=200)
def test_a_fingerprint_depends_on_the_text_alone(values: list[str], before: int) -> None:
    together = identity.fingerprints(pa.array(["x"] * before + values, pa.string()).slice(before))
    alone = [int(identity.fingerprints(pa.array([value], pa.string()))[0]) for value in values]

    assert together.tolist() == alone
    assert len(set(alone)) == len(set(values))


@given(st.lists(st.sampled_from(["one", "two", "three", "four", ""]), max_size=12), st.booleans())
@settings(max_examples=200)
def test_same_rows_are_those_with_equal_texts(values: list[str], all_collide: bool) -> None:
    column = pa.array(values, pa.string())
    prints = np.zeros(len(values), np.uint64) if all_collide else identity.fingerprints(column)

    same = identity.same_rows(prints, [pa.chunked_array([column])], np.ones(len(values), dtype=bool))

    counts = Counter(values)
    assert [number != identity.UNIQUE for number in same] == [counts[value] > 1 for value in values]
    assert len(set(zip(values, same.tolist(), strict=True))) == len(counts)


def test_a_long_column_is_numbered_as_a_short_one() -> None:
    values = [f"label {number * number % 7}" for number in range(parallel.WORTH_PARTS + 1)]
    column = pa.chunked_array([pa.array(values[:70_000]), pa.array(values[70_000:])])

    numbers, found = number_values(column)

    assert found == list(dict.fromkeys(values))
    assert [found[number] for number in numbers[-50:]] == values[-50:]
    assert len(numbers) == len(values)


def test_copies_among_many_rows_are_all_found() -> None:
    rows = np.random.default_rng(0).permutation(30_000)
    values = [f"text {number % 29_000}" for number in rows]
    column = pa.array(values, pa.string())

    same = identity.same_rows(identity.fingerprints(column), [pa.chunked_array([column])], np.ones(len(values), bool))

    counts = Counter(values)
    assert [number != identity.UNIQUE for number in same] == [counts[value] > 1 for value in values]
    assert np.bincount(same[same >= 0]).tolist() == [2] * 1000
