"""Rare classes drawn as often as frequent ones: shares, length, order and reproducibility."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftstudio.core.settings import build
from ftstudio.core.states import Split
from ftstudio.engine.learning.batching import BatchPlan, balanced
from ftstudio.engine.runs.preparation import class_weights
from tests.engine.layers.test_features import FP32, feed_of

CLASSES = np.repeat([0, 1, 2], [90, 8, 2])


def plan(seed: int = 1, **values: Any) -> BatchPlan:
    return BatchPlan(np.full(100, 10), 16, seed, classes=CLASSES, **values)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=200), st.integers(0, 1000))
def test_every_class_comes_equally_often_and_an_epoch_stays_as_long(classes: list[int], seed: int) -> None:
    labels = np.array(classes)
    drawn = balanced(labels, np.random.default_rng(seed))

    assert len(drawn) == len(labels)
    counts = Counter(labels[drawn].tolist())
    assert set(counts) == set(classes)
    assert max(counts.values()) - min(counts.values()) <= 1


def test_rows_of_a_class_take_turns() -> None:
    drawn = Counter(balanced(CLASSES, np.random.default_rng(3)).tolist())
    rare = [drawn[row] for row in range(98, 100)]

    assert max(drawn[row] for row in range(90)) == 1, "a frequent class repeats rows while others were left out"
    assert max(rare) - min(rare) <= 1
    assert sum(rare) in (33, 34)


def test_epochs_differ_and_follow_from_the_seed() -> None:
    epochs = [np.concatenate(list(plan().epoch(number))) for number in range(2)]

    assert not np.array_equal(epochs[0], epochs[1])
    assert np.array_equal(epochs[0], np.concatenate(list(plan().epoch(0))))
    assert not np.array_equal(epochs[0], np.concatenate(list(plan(seed=2).epoch(0))))
    batches = list(plan().epoch(0))
    assert all(map(np.array_equal, plan().epoch(0, skip=3), batches[3:]))


def test_an_epoch_of_batches_has_every_class_equally_often() -> None:
    drawn = CLASSES[np.concatenate(list(plan().epoch(3)))]

    assert sorted(np.bincount(drawn).tolist()) == [33, 33, 34]


def test_over_many_epochs_all_rows_of_a_frequent_class_are_seen() -> None:
    seen = {int(row) for number in range(20) for batch in plan().epoch(number) for row in batch}

    assert seen == set(range(100))


def test_without_it_batches_are_what_they_were() -> None:
    lengths = np.arange(100) % 37 + 1
    batches = [batch.tolist() for batch in BatchPlan(lengths, 16, 1).epoch(0)]

    assert sorted(row for batch in batches for row in batch) == list(range(100))


def test_it_takes_the_place_of_class_weights(request: pytest.FixtureRequest) -> None:
    bundle = feed_of(request, "tiny_text_model").bundle
    labels = np.array([0, 0, 0, 1, 2])

    assert class_weights(labels, bundle, build({"class_weights": "balanced"}), FP32) is not None
    both = build({"class_weights": "balanced", "balanced_sampling": True})
    assert class_weights(labels, bundle, both, FP32) is None


def test_a_run_draws_its_rows_so(text_project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ftstudio.engine.runs import training

    plans: list[BatchPlan] = []
    real = training.batch_plan

    def spy(prepared: Any, *others: Any) -> BatchPlan:
        plans.append(real(prepared, *others))
        assert plans[-1].classes is None or np.array_equal(plans[-1].classes, prepared.feeds[Split.TRAIN].labels)
        return plans[-1]

    monkeypatch.setattr(training, "batch_plan", spy)
    one = text_project.train(balanced_sampling=True, max_steps=3)
    text_project.train(max_steps=3)

    assert [drawn.classes is None for drawn in plans] == [False, True]
    assert one["steps"] == 3
