"""Data that only judges a model may be small, of one class, and without the columns that training did not need."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core.errors import InputError
from ftstudio.core.specs import ColumnRole
from ftstudio.datasets.importing import ImportPlan, import_data
from tests.datasets import making

ROLES = {ColumnRole.TEXT: "text", ColumnRole.LABEL: "label", ColumnRole.GROUP: "who", ColumnRole.SPLIT: "part"}


def judged(rows: making.Rows, folder: Path) -> making.Dataset:
    source = making.write_csv(folder / "rows.csv", rows)
    import_data(folder / "data", making.text_task(), ImportPlan((source,), roles=ROLES, for_training=False))
    return making.Dataset.open(folder / "data")


@pytest.mark.parametrize("count", [1, 5])
def test_one_row_and_one_class_will_do(count: int, tmp_path: Path) -> None:
    dataset = judged([{"text": f"words {number}", "label": "a"} for number in range(count)], tmp_path)

    assert dataset.counts() == {"train": 0, "validation": 0, "test": count}


def test_incomplete_rows_are_left_out(tmp_path: Path) -> None:
    dataset = judged([{"text": "words", "label": "a"}, {"text": " ", "label": "a"}], tmp_path)

    assert dataset.counts()["test"] == 1


def test_needed_columns_are_still_needed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column called “label”"):
        judged([{"text": "words", "other": "a"}], tmp_path)


def test_no_complete_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no row"):
        judged([{"text": "words", "label": ""}], tmp_path)
