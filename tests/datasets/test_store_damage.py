"""A data set whose stored table was damaged later is told as such, and never as a fault of the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core import catalog
from ftstudio.core.errors import StudioError
from ftstudio.datasets.importing import ImportPlan, import_data
from ftstudio.datasets.layout import TABLE
from ftstudio.datasets.store import Dataset


def test_a_damaged_table_is_told(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("text,label\n" + "".join(f"row {at} says,{'ab'[at % 2]}\n" for at in range(200)))
    spec = catalog.tasks().spec("text-classification")
    import_data(tmp_path / "data", spec, ImportPlan(sources=(source,)), lambda _: None, lambda: False)
    table = tmp_path / "data" / TABLE
    content = bytearray(table.read_bytes())
    content[len(content) // 3 : len(content) // 3 + 400] = b"\xff" * 400
    table.write_bytes(content)

    with pytest.raises(StudioError) as caught:
        Dataset.open(tmp_path / "data").table(None)

    assert "damaged" in str(caught.value)
