"""The split is stratified, keeps together what belongs together, and is the same for the same seed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftstudio.core.errors import InputError, Where
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.datasets import documents, splits
from ftstudio.datasets.dividing import divide
from ftstudio.datasets.importing import Shares
from ftstudio.datasets.manifest import SplitPlan
from ftstudio.datasets.material import Material
from ftstudio.datasets.splits import LEFT_OUT, OPEN, Quota
from tests.datasets import making

TRAIN, VALIDATION, TEST = 0, 1, 2

labels_of_rows = st.lists(st.integers(0, 4), min_size=2, max_size=300)
seeds = st.integers(0, 5)


def assigned(labels: list[int], units: np.ndarray | None = None, seed: int = 0) -> np.ndarray:
    numbers = np.array(labels, np.int64)
    given_codes = np.full(len(labels), OPEN, np.int8)
    quota = splits.default_quota(len(labels), has_validation=False, has_test=False)
    return splits.assign(numbers, np.arange(len(labels)) if units is None else units, given_codes, quota, seed)


@given(labels_of_rows, seeds)
@settings(max_examples=80)
def test_every_row_has_a_place_and_every_class_is_taught(labels: list[int], seed: int) -> None:
    codes = assigned(labels, seed=seed)

    assert set(codes.tolist()) <= {TRAIN, VALIDATION, TEST}
    assert {label for label, code in zip(labels, codes, strict=True) if code == TRAIN} == set(labels)


@given(labels_of_rows, seeds)
@settings(max_examples=80)
def test_every_class_with_three_rows_is_judged_twice(labels: list[int], seed: int) -> None:
    codes = assigned(labels, seed=seed)

    for label, count in Counter(labels).items():
        here = {int(code) for one, code in zip(labels, codes, strict=True) if one == label}
        assert here == ({TRAIN} if count == 1 else {TRAIN, VALIDATION} if count == 2 else {TRAIN, VALIDATION, TEST})


@given(labels_of_rows, seeds)
@settings(max_examples=30)
def test_the_same_seed_gives_the_same_split(labels: list[int], seed: int) -> None:
    assert np.array_equal(assigned(labels, seed=seed), assigned(labels, seed=seed))


def test_another_seed_gives_another_split() -> None:
    labels = [number % 2 for number in range(100)]

    assert not np.array_equal(assigned(labels, seed=0), assigned(labels, seed=1))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 25)), min_size=2, max_size=300), seeds)
@settings(max_examples=80)
def test_units_are_never_torn(rows: list[tuple[int, int]], seed: int) -> None:
    labels = [label for label, _ in rows]
    units = splits.together(None, np.array([unit for _, unit in rows], np.int64))

    codes = assigned(labels, units, seed)

    for unit in set(units.tolist()):
        assert len(set(codes[units == unit].tolist())) == 1
    assert set(np.array(labels)[codes == TRAIN].tolist()) == set(labels)


@given(st.lists(st.tuples(st.integers(-1, 6), st.integers(-1, 6)), min_size=1, max_size=60))
@settings(max_examples=120)
def test_rows_are_linked_through_groups_and_copies(rows: list[tuple[int, int]]) -> None:
    groups, same = (np.array(side, np.int64) for side in zip(*rows, strict=True))

    units = splits.together(groups, same)

    assert np.array_equal(units, _linked_slowly(rows))


def _linked_slowly(rows: list[tuple[int, int]]) -> np.ndarray:
    """Union by repeated search: the plain way to say the same."""
    units = list(range(len(rows)))
    for _ in rows:
        for one, (group, copy) in enumerate(rows):
            for other, (other_group, other_copy) in enumerate(rows):
                if (group >= 0 and group == other_group) or (copy >= 0 and copy == other_copy):
                    units[one] = units[other] = min(units[one], units[other])
    return np.array(units, np.int64)


def test_shares_are_kept_on_many_rows() -> None:
    labels = [0] * 6000 + [1] * 3000 + [2] * 1000

    codes = np.array(assigned(labels))

    for code, share in ((VALIDATION, 0.1), (TEST, 0.1)):
        assert (codes == code).sum() == pytest.approx(share * 10_000, abs=2)
        assert (codes[:6000] == code).sum() == pytest.approx(share * 6000, abs=2)
        assert (codes[9000:] == code).sum() == pytest.approx(share * 1000, abs=2)


def test_held_back_parts_are_capped() -> None:
    quota = splits.default_quota(1_000_000, has_validation=False, has_test=False)

    assert quota == Quota(0.01, 0.01)
    assert splits.default_quota(100_000, has_validation=False, has_test=False, most=1_000) == Quota(0.01, 0.01)


def test_of_a_large_corpus_little_is_held_back_from_many_places() -> None:
    pieces = 40_000
    groups = documents.stretches(np.zeros(pieces, np.int64))
    usable, same = np.ones(pieces, bool), np.full(pieces, -1)
    material = Material(np.zeros(pieces, np.int64), [""], groups, same, usable, ~usable, None, Answer.TEXT)

    codes = divide(material, SplitPlan(), "corpus.txt", "", lambda place: Where())

    for code in (VALIDATION, TEST):
        assert 900 <= (codes == code).sum() <= 1_100
        assert len(set(groups[codes == code])) >= 8


def test_rows_that_are_left_out_stay_out() -> None:
    given_codes = np.array([OPEN, LEFT_OUT, OPEN, OPEN, TEST], np.int8)

    codes = splits.assign(np.array([0, 0, 0, 1, 1]), np.arange(5), given_codes, Quota(0.2, 0.0), 0)

    assert codes[1] == LEFT_OUT
    assert codes[4] == TEST


def rows_with(count: int = 60, **columns: list[str]) -> list[dict[str, str]]:
    rows = [{"text": f"words {number}", "label": "ab"[number % 2]} for number in range(count)]
    for name, values in columns.items():
        for number, row in enumerate(rows):
            row[name] = values[number % len(values)]
    return rows


def test_groups_stay_together(tmp_path: Path) -> None:
    rows = rows_with(120, patient=[f"p{number // 4}" for number in range(120)])

    table = making.imported(making.write_csv(tmp_path / "rows.csv", rows), tmp_path / "data").table()

    places: dict[str, set[str]] = {}
    for row in table.to_pylist():
        places.setdefault(row["group"], set()).add(row["split"])
    assert all(len(found) == 1 for found in places.values())
    assert set(table["split"].to_pylist()) == {"train", "validation", "test"}


def test_copies_stay_together(tmp_path: Path) -> None:
    rows = [{"text": f"words {number // 3}", "label": "ab"[number // 3 % 2]} for number in range(150)]

    dataset = making.imported(making.write_csv(tmp_path / "rows.csv", rows), tmp_path / "data")

    assert "leaks" not in making.found(dataset)
    assert making.found(dataset)["duplicates"].count == 100


def test_a_split_column_wins(tmp_path: Path) -> None:
    rows = rows_with(60, split=["train", "train", "dev", "Test", "train"])

    table = making.imported(making.write_csv(tmp_path / "rows.csv", rows), tmp_path / "data").table()

    assert Counter(table["split"].to_pylist()) == {"train": 36, "validation": 12, "test": 12}


def test_a_split_column_without_test_leaves_test_empty(tmp_path: Path) -> None:
    rows = rows_with(60, split=["train", "train", "train", "val", "val"])

    dataset = making.imported(making.write_csv(tmp_path / "rows.csv", rows), tmp_path / "data")

    assert dataset.counts() == {"train": 36, "validation": 24, "test": 0}
    assert "no_test" in making.found(dataset)


def test_the_split_is_stored(tmp_path: Path) -> None:
    making.imported(making.write_csv(tmp_path / "rows.csv", rows_with()), tmp_path / "data")

    first, second = (making.Dataset.open(tmp_path / "data").table(Split.TEST) for _ in range(2))

    assert first == second


def test_shares_can_be_chosen(tmp_path: Path) -> None:
    source = making.write_csv(tmp_path / "rows.csv", rows_with(100))

    counts = making.imported(source, tmp_path / "data", shares=Shares(validation=0.3, test=0.0)).counts()

    assert counts == {"train": 70, "validation": 30, "test": 0}


@pytest.mark.parametrize("shares", [Shares(0.6, 0.5), Shares(-0.1, 0.1), Shares(1.0, 0.0)])
def test_impossible_shares(shares: Shares, tmp_path: Path) -> None:
    source = making.write_csv(tmp_path / "rows.csv", rows_with(100))

    with pytest.raises(InputError):
        making.imported(source, tmp_path / "data", shares=shares)
