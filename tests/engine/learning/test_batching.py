"""Batches: every row once an epoch, little padding, the same for the same seed and for any number of processes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ftstudio.engine import device
from ftstudio.engine.learning.batching import MEGA_BATCH, BatchPlan, evaluation_batches, padded, split_by_budget

LENGTHS = st.lists(st.integers(1, 300), min_size=1, max_size=200).map(lambda rows: np.array(rows, dtype=np.int64))


@given(LENGTHS, st.integers(1, 40), st.integers(0, 5), st.integers(0, 3))
def test_every_row_comes_once_an_epoch(lengths: NDArray[np.int64], size: int, seed: int, epoch: int) -> None:
    plan = BatchPlan(lengths, size, seed)
    batches = list(plan.epoch(epoch))

    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert len(batches) == plan.batches_per_epoch
    assert all(1 <= len(batch) <= size for batch in batches)
    assert sum(len(batch) < size for batch in batches) <= 1
    assert lengths[batches[0]].max() == lengths.max(), "the longest row must come first"


@given(LENGTHS, st.integers(1, 40), st.integers(0, 5))
def test_batches_follow_from_seed_and_epoch(lengths: NDArray[np.int64], size: int, seed: int) -> None:
    plan, again = BatchPlan(lengths, size, seed), BatchPlan(lengths, size, seed)
    batches = list(plan.epoch(1))

    assert [list(batch) for batch in again.epoch(1)] == [list(batch) for batch in batches]
    for skip in (1, len(batches) // 2):
        assert [list(batch) for batch in again.epoch(1, skip)] == [list(batch) for batch in batches[skip:]]


def test_epochs_and_seeds_differ() -> None:
    lengths = np.full(100, 8, dtype=np.int64)
    orders = {
        tuple(np.concatenate(list(BatchPlan(lengths, 10, seed).epoch(epoch))))
        for seed in range(3)
        for epoch in range(3)
    }

    assert len(orders) == 9


@given(LENGTHS, st.integers(1, 40), st.integers(1, 5))
def test_the_shares_of_all_processes_make_up_the_batch(lengths: NDArray[np.int64], size: int, world: int) -> None:
    plans = [BatchPlan(lengths, size, 1, rank=rank, world=world, token_budget=400) for rank in range(world)]
    for batch in plans[0].epoch(0):
        shares = [np.concatenate(plan.portions(batch)) for plan in plans]
        assert sorted(np.concatenate(shares).tolist()) == sorted(batch.tolist())
        assert max(map(len, shares)) - min(map(len, shares)) <= 1
        assert all(len(plan.portions(batch)) >= 1 for plan in plans)


@given(LENGTHS, st.integers(8, 2000), st.one_of(st.none(), st.integers(1, 20)))
def test_portions_keep_the_budget_and_the_order(lengths: NDArray[np.int64], budget: int, most: int | None) -> None:
    rows = np.arange(len(lengths))
    portions = split_by_budget(rows, lengths, budget, most)

    assert np.concatenate(portions).tolist() == rows.tolist()
    for portion in portions:
        assert len(portion) == 1 or len(portion) * padded(int(lengths[portion].max())) <= budget
        assert most is None or len(portion) <= most


def test_portions_are_as_large_as_the_budget_allows() -> None:
    lengths = np.full(10, 16, dtype=np.int64)

    assert [len(part) for part in split_by_budget(np.arange(10), lengths, 64)] == [4, 4, 2]


def test_rows_of_one_batch_are_of_like_length() -> None:
    lengths = np.random.default_rng(0).integers(1, 256, size=16 * MEGA_BATCH)
    batches = list(BatchPlan(lengths, 16, 1).epoch(0))
    padding = sum(padded(int(lengths[batch].max())) * len(batch) for batch in batches) / lengths.sum()

    assert padding < 1.1, "shuffled batches would be padded to almost twice their size"


@given(LENGTHS)
def test_a_pass_without_learning_sees_every_row_longest_first(lengths: NDArray[np.int64]) -> None:
    batches = evaluation_batches(lengths, token_budget=600)

    rows = np.concatenate(batches)
    assert sorted(rows.tolist()) == list(range(len(lengths)))
    assert (np.diff(lengths[rows]) <= 0).all()


def test_no_rows_no_batches() -> None:
    assert evaluation_batches(np.zeros(0, dtype=np.int64)) == []


@pytest.mark.parametrize(("length", "expected"), [(0, 0), (1, 8), (8, 8), (9, 16), (17, 24)])
def test_matrix_units_get_multiples_of_8(length: int, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "computes_in_tiles", lambda: True)

    assert padded(length) == expected


@pytest.mark.parametrize(("length", "expected"), [(0, 0), (1, 1), (33, 33), (63, 63), (65, 66), (129, 132), (257, 264)])
def test_a_plain_processor_fills_up_less_the_shorter_texts_are(
    length: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "computes_in_tiles", lambda: False)

    assert padded(length) == expected
