"""The data goes out with its mended labels, whole or not at all, and no text of it becomes a formula."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ftstudio.core.errors import InputError, StudioError
from ftstudio.datasets import label_edits
from ftstudio.datasets.manifest import Edit
from ftstudio.datasets.store import Dataset
from ftstudio.planning import table_export
from tests.datasets.making import imported, reviews, write_csv

EVIL = "=HYPERLINK(1)"


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    rows = reviews(60)
    rows[4]["text"] = EVIL
    made = imported(write_csv(tmp_path / "reviews.csv", rows), tmp_path / "data")
    made.set_edits([label_edits.relabel(4, "bad"), Edit(key="drop_rows", params={"places": [0]})])
    return made


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_a_csv_has_the_mended_labels_the_split_and_no_formula(dataset: Dataset, tmp_path: Path) -> None:
    target = tmp_path / "new" / "out.csv"
    assert table_export.export(dataset, target) == 59
    rows = read_csv(target)
    mended = next(row for row in rows if "HYPERLINK" in row["text"])
    assert mended["text"] == f"'{EVIL}" and mended["label"] == "bad"
    assert {row["split"] for row in rows} == {"train", "validation", "test"}
    assert [row["text"] for row in rows if row is not mended][:3] == [row["text"] for row in reviews(60)[1:4]]
    assert all("\x00" not in row["text"] for row in rows)


def test_json_lines_and_parquet_hold_the_texts_as_they_are(dataset: Dataset, tmp_path: Path) -> None:
    table_export.export(dataset, tmp_path / "out.jsonl")
    table_export.export(dataset, tmp_path / "out.parquet")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines == pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["label"] for row in lines if row["text"] == EVIL] == ["bad"]


def test_what_goes_out_comes_in_again_the_same(dataset: Dataset, tmp_path: Path) -> None:
    table_export.export(dataset, tmp_path / "out.jsonl")
    again = imported(tmp_path / "out.jsonl", tmp_path / "again")
    assert again.label_counts() == dataset.label_counts()


def test_a_file_that_is_there_is_replaced_only_when_asked(dataset: Dataset, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("mine")
    with pytest.raises(InputError, match="there already"):
        table_export.export(dataset, target)
    assert target.read_text() == "mine"
    table_export.export(dataset, target, overwrite=True)
    assert len(read_csv(target)) == 59


def test_the_folder_of_the_projects_own_data_is_left_alone(dataset: Dataset) -> None:
    with pytest.raises(InputError, match="belongs to the project itself"):
        table_export.export(dataset, dataset.folder / "out.csv")
    assert not (dataset.folder / "out.csv").exists()


def test_a_record_of_the_project_is_never_replaced(dataset: Dataset, tmp_path: Path) -> None:
    for name in ("runs/one/metrics.jsonl", "test_looks.jsonl"):
        own = tmp_path / name
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text("a record")
        with pytest.raises(InputError, match="belongs to the project itself"):
            table_export.export(dataset, own, overwrite=True)
        assert own.read_text() == "a record"


@pytest.mark.parametrize("name", ["out.xls", "out", "out.csv.exe"])
def test_an_unknown_ending_is_refused_with_the_known_ones(dataset: Dataset, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as refused:
        table_export.export(dataset, tmp_path / name)
    known = "spreadsheets open that" if name.endswith(".xls") else ".csv, .tsv, .jsonl, .parquet"
    assert known in str(refused.value.hint)
    assert not (tmp_path / name).exists()


def test_a_failure_on_the_way_leaves_the_file_as_it_was_and_nothing_beside_it(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out" / "table.csv"
    target.parent.mkdir()
    target.write_text("before")
    monkeypatch.setattr("ftstudio.datasets.row_files.safe_row", _no_room)
    with pytest.raises(StudioError, match="no room"):
        table_export.export(dataset, target, overwrite=True)
    assert [(path.name, path.read_text()) for path in target.parent.iterdir()] == [("table.csv", "before")]


def _no_room(values: object) -> list[str]:
    raise OSError(28, "No space left on device")


def test_a_column_called_split_that_means_something_else_stays(tmp_path: Path) -> None:
    rows = [{**row, "split": "left"} for row in reviews(60)]
    dataset = imported(write_csv(tmp_path / "rows.csv", rows), tmp_path / "data")
    columns = table_export.columns_of(dataset)
    assert columns[:3] == ["text", "label", "split"]
    table_export.export(dataset, tmp_path / "out.csv")
    assert {row["split"] for row in read_csv(tmp_path / "out.csv")} == {"left"}
