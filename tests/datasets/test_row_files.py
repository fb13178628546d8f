"""Tables written a part at a time can be read back, and hold nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ftstudio.core.errors import InputError
from ftstudio.datasets import row_files

ROWS = [
    {"text": "=1+1", "probability": 0.25, "known": True, "reason": ""},
    {"text": 'a, "b"\nc', "probability": None, "known": None, "reason": "empty"},
    {"text": "-5", "probability": 1e-9, "known": False, "reason": ""},
]


def write(path: Path) -> Path:
    whole = pa.Table.from_pylist(ROWS)
    with row_files.create(path, row_files.check_ending(path)) as file:
        file.write(whole.slice(0, 1))
        file.write(whole.slice(1))
    return path


@pytest.mark.parametrize(("ending", "delimiter"), [(".csv", ","), (".tsv", "\t")])
def test_delimited_tables_are_safe_in_a_spreadsheet(tmp_path: Path, ending: str, delimiter: str) -> None:
    with write(tmp_path / f"t{ending}").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=delimiter))

    assert rows == [
        ["text", "probability", "known", "reason"],
        ["'=1+1", "0.25", "true", ""],
        ['a, "b"\nc', "", "", "empty"],
        ["-5", "1e-09", "false", ""],
    ]


def test_json_lines_keep_everything_as_it_is(tmp_path: Path) -> None:
    lines = write(tmp_path / "t.JSONL").read_text(encoding="utf-8").splitlines()

    assert [json.loads(line) for line in lines] == ROWS


def test_parquet_keeps_everything_as_it_is(tmp_path: Path) -> None:
    assert pq.read_table(write(tmp_path / "t.parquet")).to_pylist() == ROWS


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("t.txt", ".csv, .tsv, .jsonl, .parquet"),
        ("t", ".csv, .tsv"),
        ("t.XLSX", "ends in .csv: Excel"),
        ("t.ods", "ends in .csv: Excel"),
    ],
)
def test_another_ending_is_refused_with_what_to_take_instead(name: str, instead: str) -> None:
    with pytest.raises(InputError) as refused:
        row_files.check_ending(Path(name))

    assert refused.value.hint is not None and instead in refused.value.hint.render()
