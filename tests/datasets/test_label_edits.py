"""Labels of single rows are mended in the project's copy only, counts and fingerprint follow, and all can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core.errors import InputError
from ftstudio.core.specs import ColumnRole
from ftstudio.datasets import label_edits
from ftstudio.datasets.manifest import Edit
from ftstudio.datasets.store import Dataset
from tests.datasets.making import imported, reviews, write_csv


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return imported(write_csv(tmp_path / "reviews.csv", reviews(60)), tmp_path / "data")


def label_of(dataset: Dataset, place: int) -> str:
    return str(dataset.view.column(ColumnRole.LABEL)[place].as_py())


def test_a_mended_label_counts_and_the_table_stays_as_it_was(dataset: Dataset) -> None:
    table, before = (dataset.folder / "table.arrow").read_bytes(), dataset.fingerprint
    assert label_of(dataset, 4) == "good"
    counts = dataset.label_counts()

    dataset.set_edits([label_edits.relabel(4, "bad")])

    assert label_of(dataset, 4) == "bad"
    assert dataset.label_counts() == {"bad": counts["bad"] + 1, "good": counts["good"] - 1}
    assert dataset.fingerprint != before
    assert (dataset.folder / "table.arrow").read_bytes() == table
    assert label_of(Dataset.open(dataset.folder), 4) == "bad"
    dataset.set_edits([])
    assert (dataset.fingerprint, label_of(dataset, 4)) == (before, "good")


def test_the_last_of_several_changes_of_a_row_holds_whatever_stands_between(dataset: Dataset) -> None:
    merge = Edit(key="merge_labels", params={"names": {"bad": "poor"}})
    dataset.set_edits([label_edits.relabel(4, "bad"), label_edits.relabel(4, "good"), label_edits.relabel(6, "bad")])
    assert (label_of(dataset, 4), label_of(dataset, 6)) == ("good", "bad")
    dataset.set_edits([label_edits.relabel(4, "bad"), merge, label_edits.relabel(6, "bad")])
    assert (label_of(dataset, 4), label_of(dataset, 6)) == ("poor", "bad")


def test_a_row_that_was_removed_is_not_mended_and_its_neighbours_keep_their_labels(dataset: Dataset) -> None:
    gone = Edit(key="drop_rows", params={"places": [4]})
    dataset.set_edits([gone, label_edits.relabel(4, "bad"), label_edits.relabel(10_000, "bad")])
    assert dataset.label_counts()["good"] == 29
    assert dataset.label_counts()["bad"] == 30


def test_a_kept_label_changes_nothing_that_a_run_would_notice(dataset: Dataset) -> None:
    before = dataset.fingerprint
    dataset.set_edits([label_edits.confirm(4, "good")])
    assert dataset.fingerprint == before
    assert dataset.edits_since(before) == ()
    assert label_edits.confirmed(dataset.edits) == {4: "good"}

    dataset.set_edits([label_edits.confirm(4, "good"), label_edits.relabel(6, "bad"), label_edits.confirm(8, "good")])
    later = dataset.edits_since(before)
    assert later is not None
    assert [edit.key for edit in later] == ["relabel"]
    assert dataset.view_before(later).counts_by_label() == {"bad": 30, "good": 30}


def test_another_label_column_lets_go_of_what_was_said_about_the_one_before(tmp_path: Path) -> None:
    rows = [{**row, "other": ("x", "y")[at % 2]} for at, row in enumerate(reviews(60))]
    dataset = imported(write_csv(tmp_path / "two.csv", rows), tmp_path / "data")
    dataset.set_edits([label_edits.relabel(4, "bad"), label_edits.confirm(6, "good")])
    dataset.set_roles({**dataset.roles, ColumnRole.LABEL: "other"})
    assert dataset.label_counts() == {"x": 30, "y": 30}
    assert [edit.key for edit in dataset.edits] == ["set_roles"]


@pytest.mark.parametrize("edit", [Edit(key="relabel", params={"place": 3}), Edit(key="confirmed", params={})])
def test_a_change_without_its_values_is_refused(dataset: Dataset, edit: Edit) -> None:
    with pytest.raises(InputError, match="lacks its value"):
        dataset.set_edits([edit])
    assert dataset.edits == ()
