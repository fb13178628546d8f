"""An import that is killed or fails at any step leaves the old data or the new, never a part."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ftstudio.core.errors import StudioError
from ftstudio.datasets import writing
from ftstudio.datasets.importing import ImportPlan, import_data
from tests.datasets import making
from tests.support.faults import FailingOs, call_sites, kill_at_every_step

SWAP = """
from pathlib import Path
from ftstudio.datasets import writing
with writing.building_folder(Path(FOLDER) / "data") as building:
    writing.write_json(building / "a", "new")
    writing.write_json(building / "b", "new")
"""


@pytest.mark.parametrize("existing", [True, False])
def test_killed_at_every_step(existing: bool, tmp_path: Path) -> None:
    def prepare(folder: Path) -> None:
        if existing:
            with writing.building_folder(folder / "data") as building:
                writing.write_json(building / "a", "old")
                writing.write_json(building / "b", "old")

    def verify(folder: Path, finished: bool) -> None:
        data = folder / "data"
        writing.recover(data)
        found = {one.read_text() for one in data.iterdir()} if data.exists() else None
        assert found in ([{'"old"'}, {'"new"'}] if existing else [None, {'"new"'}])
        assert [one.name for one in folder.iterdir()] in (["data"], [])
        assert not finished or found == {'"new"'}

    assert kill_at_every_step(tmp_path, SWAP, prepare, verify) >= 8


def test_every_call_may_fail(tmp_path: Path) -> None:
    old = making.write_csv(tmp_path / "old.csv", making.reviews(30))
    new = making.write_csv(tmp_path / "new.csv", making.reviews(50))
    data = tmp_path / "project" / "data"
    before = making.imported(old, data).fingerprint

    def bring() -> None:
        import_data(data, making.text_task(), ImportPlan((new,)))

    calls = len(call_sites(bring))
    after = making.Dataset.open(data).fingerprint
    assert calls >= 8
    for number in range(1, calls + 1):
        making.imported(old, data)
        with FailingOs(number):
            try:
                bring()
            except StudioError as error:
                assert error.hint is not None
        assert making.Dataset.open(data).fingerprint in (before, after)
        others = {one.name for one in data.parent.iterdir()} - {"data"}
        assert all(name.startswith(writing.TEMPORARY) for name in others)  # a removal that fails is made up for later


def test_an_import_under_way_is_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    making.imported(making.write_csv(tmp_path / "rows.csv", making.reviews()), data)

    with writing.building_folder(data) as building:
        making.Dataset.open(data)
        assert building.is_dir()
        (building / "manifest.json").write_text("{}")

    assert [one.name for one in data.iterdir()] == ["manifest.json"]


def test_what_a_dead_process_left_goes_away(tmp_path: Path) -> None:
    data = tmp_path / "data"
    making.imported(making.write_csv(tmp_path / "rows.csv", making.reviews()), data)
    dead = os.spawnlp(os.P_WAIT, "true", "true") or 4_194_303
    left = tmp_path / f"{writing.TEMPORARY}data-{dead}-12345678"
    left.mkdir()

    making.Dataset.open(data)

    assert not left.exists()
