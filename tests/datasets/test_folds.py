"""Folds are a partition, stratified, keep groups whole, and leave every class to be learned in every fold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftstudio.core.errors import InputError
from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import Split
from ftstudio.datasets import folds
from ftstudio.datasets.folds import Pool
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan, Shares
from ftstudio.datasets.store import Dataset
from tests.datasets.making import reviews, text_task, write_csv

ROLES = {ColumnRole.TEXT: "text", ColumnRole.LABEL: "label"}


def _pool(labels: list[int], units: list[int] | None = None) -> Pool:
    numbers = np.array(labels, dtype=np.int64)
    together = np.arange(len(labels)) if units is None else np.array(units, dtype=np.int64)
    names = [f"class {at}" for at in range(int(numbers.max()) + 1)]
    return Pool(pa.table({"row": numbers}), numbers, names, together, names)


@st.composite
def free_rows(draw: st.DrawFn) -> tuple[list[int], int]:
    """Rows without groups, every class with enough of them for the number of folds."""
    count = draw(st.integers(2, 8))
    sizes = draw(st.lists(st.integers(count, 40), min_size=2, max_size=6))
    labels = [label for label, size in enumerate(sizes) for _ in range(size)]
    return draw(st.permutations(labels)), count


@given(free_rows(), st.integers(0, 100))
def test_rows_without_groups_are_spread_exactly(case: tuple[list[int], int], seed: int) -> None:
    labels, count = case
    fold = folds.divide(_pool(labels), count, seed)

    sizes = np.bincount(fold, minlength=count)
    assert set(fold) == set(range(count))
    assert sizes.max() - sizes.min() <= 1
    for label in set(labels):
        of_class = np.bincount(fold[np.array(labels) == label], minlength=count)
        assert of_class.max() - of_class.min() <= 1


@given(
    st.integers(2, 6),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 25)), min_size=24, max_size=150),
    st.integers(0, 100),
)
@settings(max_examples=200)
def test_groups_stay_whole_and_every_class_can_be_learned(count: int, rows: list[tuple[int, int]], seed: int) -> None:
    present = sorted({label for label, _ in rows})
    labels = [present.index(label) for label, _ in rows]
    pool = _pool(labels, [unit for _, unit in rows])
    try:
        fold = folds.divide(pool, count, seed)
    except InputError:
        return
    for unit in set(pool.units):
        assert len(set(fold[pool.units == unit])) == 1
    for label in range(len(present)):
        assert len(set(fold[pool.labels == label])) >= 2


def test_many_groups_are_spread_evenly() -> None:
    chance = np.random.default_rng(1)
    units = chance.integers(0, 60, size=600)
    labels = ((units % 3) + (chance.random(600) < 0.2)) % 3
    fold = folds.divide(_pool(labels.tolist(), units.tolist()), 5, 1)

    for label in range(3):
        shares = np.bincount(fold[labels == label], minlength=5) / (labels == label).sum()
        assert shares.max() - shares.min() < 0.06
    assert np.bincount(fold).max() - np.bincount(fold).min() < 24


def test_the_same_seed_gives_the_same_folds_and_another_gives_others() -> None:
    pool = _pool([at % 3 for at in range(90)])
    assert np.array_equal(folds.divide(pool, 5, 1), folds.divide(pool, 5, 1))
    assert not np.array_equal(folds.divide(pool, 5, 1), folds.divide(pool, 5, 2))


def test_too_many_folds_are_refused_with_the_largest_number_that_works() -> None:
    pool = _pool([0] * 20 + [1] * 4)
    with pytest.raises(InputError) as refused:
        folds.divide(pool, 5, 1)
    assert "class 1" in str(refused.value)
    assert refused.value.hint is not None
    assert "4 folds" in refused.value.hint.render()
    assert len(set(folds.divide(pool, 4, 1))) == 4


def test_a_group_that_holds_all_rows_of_a_class_is_refused() -> None:
    with pytest.raises(InputError, match="belong to one group"):
        folds.divide(_pool([0] * 9 + [1] * 3, [*range(9), 9, 9, 9]), 2, 1)


def test_a_class_of_one_row_is_too_little_for_any_validation() -> None:
    with pytest.raises(InputError, match="too little data for any validation"):
        folds.divide(_pool([0] * 9 + [1]), 2, 1)


def test_groups_that_cannot_be_spread_are_refused() -> None:
    """Each two of three groups share a class, so with two folds some class is always held back whole."""
    labels, units = [0, 0, 1, 1, 2, 2], [0, 1, 1, 2, 2, 0]
    with pytest.raises(InputError, match="would be held back at once"):
        folds.divide(_pool(labels, units), 2, 1)


def test_the_pool_of_a_data_set_keeps_groups_and_repeated_rows_together_and_test_rows_out(tmp_path: Path) -> None:
    rows = [
        {
            "text": f"text number {at // 2 if at < 12 else at}",
            "label": ("good", "bad")[at // 2 % 2],
            "who": f"p{at // 4}",
        }
        for at in range(80)
    ]
    source = write_csv(tmp_path / "rows.csv", rows)
    plan = ImportPlan(sources=(source,), roles={**ROLES, ColumnRole.GROUP: "who"}, shares=Shares(0.2, 0.2))
    import_data(tmp_path / "data", text_task(), plan)
    dataset = Dataset.open(tmp_path / "data")

    pool = folds.pool(dataset)
    fold = folds.divide(pool, 4, 1)

    assert len(pool) == dataset.count(Split.TRAIN) + dataset.count(Split.VALIDATION) < 80
    assert not set(pool.table["row"].to_pylist()) & set(dataset.table(Split.TEST)["row"].to_pylist())
    assert [pool.names[label] for label in pool.labels] == pool.table["label"].to_pylist()
    where = {}
    for at, (person, said) in enumerate(
        zip(pool.table["group"].to_pylist(), pool.table["text"].to_pylist(), strict=True)
    ):
        assert where.setdefault(person, fold[at]) == fold[at]
        assert where.setdefault(said, fold[at]) == fold[at]


def test_a_data_set_without_held_rows_gives_all_but_the_test_rows_for_training(tmp_path: Path) -> None:
    import_data(tmp_path / "data", text_task(), ImportPlan(sources=(write_csv(tmp_path / "rows.csv", reviews(60)),)))
    dataset = Dataset.open(tmp_path / "data")
    unheld = folds.Unheld(dataset)

    assert unheld.table(Split.VALIDATION).num_rows == 0
    assert unheld.table(Split.TEST).equals(dataset.table(Split.TEST))
    assert unheld.table(Split.TRAIN).num_rows == dataset.count(Split.TRAIN) + dataset.count(Split.VALIDATION)
    assert unheld.labels == dataset.labels
