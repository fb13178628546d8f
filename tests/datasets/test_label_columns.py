"""Tables with a column of 0 and 1 for each label: proposed, read as one column of label sets, and left alone."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ftstudio.core import catalog
from ftstudio.core.specs import Answer, ColumnRole, Modality
from ftstudio.core.states import Split
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.inspection import inspect
from ftstudio.datasets.options import ImportPlan
from ftstudio.datasets.store import Dataset

TASK = catalog.tasks().spec("text-classification")


def table(path: Path, head: list[str], rows: list[list[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rows = [[f"text number {at}", at % 2, int(at % 3 == 0), int(at % 5 == 0)] for at in range(60)]
    return table(tmp_path / "rows.csv", ["comment", "toxic", "rude", "threat"], rows)


def test_the_columns_are_proposed_and_made_one(source: Path, tmp_path: Path) -> None:
    found = inspect([source], Modality.TEXT)
    assert found.roles[ColumnRole.LABEL] == "labels"
    assert [problem.code for problem in found.problems] == ["label_columns"]
    assert found.preview["labels"].to_pylist()[:4] == ["rude|threat", "toxic", "[]", "toxic|rude"]

    import_data(tmp_path / "data", TASK, ImportPlan(sources=(source,)))
    data = Dataset.open(tmp_path / "data")
    assert data.answer is Answer.LABELS
    assert data.labels == ["rude", "threat", "toxic"]
    assert data.view.counts_by_label() == {"rude": 20, "threat": 12, "toxic": 30}


def test_a_cell_that_says_neither_leaves_its_row_without_labels(tmp_path: Path) -> None:
    rows: list[list[object]] = [[f"text {at}", at % 2, int(at % 3 == 0)] for at in range(260)]
    rows[230][1] = "?"
    source = table(tmp_path / "rows.csv", ["text", "toxic", "rude"], rows)
    import_data(tmp_path / "data", TASK, ImportPlan(sources=(source,)))
    data = Dataset.open(tmp_path / "data")
    kept = [row for split in Split for row in data.table(split)["row"].to_pylist()]
    assert 231 not in kept
    assert len(kept) == 259


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        (["text", "label", "old", "new"], [[f"text {at}", "abc"[at % 3], at % 2, at % 2] for at in range(30)]),
        (["text", "spam"], [[f"text {at}", at % 2] for at in range(30)]),
        (["text", "kind", "spam", "id"], [[f"text {at}", "abc"[at % 3], at % 2, at % 2] for at in range(30)]),
        (["text", "kind", "spam", "old"], [[f"text {at}", "abc"[at % 3], 0, 0] for at in range(30)]),
    ],
)
def test_what_is_no_such_table_stays_as_it_is(head: list[str], rows: list[list[object]], tmp_path: Path) -> None:
    found = inspect([table(tmp_path / "rows.csv", head, rows)], Modality.TEXT)
    assert found.columns == tuple(head)
    assert not [problem for problem in found.problems if problem.code == "label_columns"]
