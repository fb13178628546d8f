"""What killed processes left in a project's data goes when it is opened; what others are building stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ftstudio.core import catalog
from ftstudio.core.problems import Fix
from ftstudio.core.text import text
from ftstudio.datasets.importing import ImportPlan, import_data
from ftstudio.datasets.layout import EDITS
from ftstudio.datasets.store import Dataset

KILLED_WHILE_WRITING = """
import os, sys
from pathlib import Path
from ftstudio.datasets import writing

writing.os.fsync = lambda descriptor: os._exit(9)
writing.write_json(Path(sys.argv[1]), [])
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    table = tmp_path / "table.csv"
    table.write_text("text,label\n" + "".join(f"words {row},{'ab'[row % 2]}\n" for row in range(20)), encoding="utf-8")
    import_data(tmp_path / "data", catalog.tasks().spec("text-classification"), ImportPlan(sources=(table,)))
    return tmp_path / "data"


def left_in(data: Path) -> list[str]:
    return [one.name for one in (*data.iterdir(), *data.parent.iterdir()) if one.name.startswith(".building-")]


def test_what_an_edit_that_was_killed_left_goes_when_the_data_is_opened(data: Path) -> None:
    dataset = Dataset.open(data)
    dataset.apply(Fix(key="drop_labels", label=text("x"), params={"labels": ["b"]}))
    before = (data / EDITS).read_bytes()
    killed = subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, str(data / EDITS)], check=False, timeout=60)
    assert killed.returncode == 9
    (name,) = left_in(data)
    assert name.startswith(".building-edits.json-")

    reopened = Dataset.open(data)

    assert left_in(data) == []
    assert (data / EDITS).read_bytes() == before
    assert reopened.edits == dataset.edits


def test_files_that_older_versions_left_without_their_process_go_too(data: Path) -> None:
    (data / ".building-edits.json-1a2b3c4d").write_text("[]", encoding="utf-8")
    (data / ".building-columns-1f.arrow-9c8b7a6d").write_bytes(b"half")
    Dataset.open(data)
    assert left_in(data) == []


def test_what_a_living_process_is_building_stays(data: Path) -> None:
    theirs = [
        data / f".building-edits.json-{os.getppid()}-1a2b3c4d",
        data.parent / f".building-data-{os.getpid()}-5e6f",
    ]
    theirs[0].write_text("[]", encoding="utf-8")
    theirs[1].mkdir()
    Dataset.open(data)
    assert all(one.exists() for one in theirs)
