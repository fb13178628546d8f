"""The table is written as its rows come, put on the disk meanwhile, and whole once it is closed."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

from ftstudio.datasets import growing
from ftstudio.datasets.growing import GrowingTable
from ftstudio.datasets.writing import open_table


def test_rows_come_back_as_they_were_added(tmp_path: Path) -> None:
    table = GrowingTable(tmp_path / "table.arrow", ["text", "label"], lambda path: None)
    table.add(pa.record_batch([["one", "two"], ["a", None]], names=["text", "label"]))
    table.add(pa.record_batch([["three"], ["b"]], names=["text", "label"]))
    table.close()
    table.close()

    found = open_table(tmp_path / "table.arrow")
    assert found.to_pydict() == {"text": ["one", "two", "three"], "label": ["a", None, "b"]}


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    GrowingTable(tmp_path / "table.arrow", ["text"], lambda path: None).close()

    found = open_table(tmp_path / "table.arrow")
    assert (found.column_names, found.num_rows) == (["text"], 0)


def test_it_is_put_on_the_disk_while_it_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "SYNC_BYTES", 1000)
    path, synced = tmp_path / "table.arrow", []
    table = GrowingTable(path, ["text"], lambda asked: synced.append((asked, path.stat().st_size)))

    for _ in range(10):
        table.add(pa.record_batch([["x" * 400]], names=["text"]))
    table.close()

    sizes = [0, *(size for _, size in synced)]
    assert {asked for asked, _ in synced} == {path}
    assert len(synced) >= 4
    assert all(1000 <= later - before < 2000 for before, later in pairwise(sizes))
