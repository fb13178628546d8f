"""What this computer remembers outside projects: where models lie, which projects were open."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core import paths
from ftstudio.project import modelbook, recents
from ftstudio.project.schema import ModelReference
from ftstudio.project.store import create_project


def model(name: str = "m", fingerprint: str = "f1", source: str = "folder") -> ModelReference:
    return ModelReference(name=name, source=source, fingerprint=fingerprint)


def test_model_is_found_where_it_was(tmp_path: Path) -> None:
    assert modelbook.locate(model()) is None
    modelbook.remember(model(), tmp_path)
    assert modelbook.locate(model()) == tmp_path


def test_newest_place_wins_and_gone_places_do_not_count(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        modelbook.remember(model(), tmp_path / name)
    assert modelbook.locate(model()) == tmp_path / "new"
    modelbook.remember(model(), tmp_path / "gone")
    assert modelbook.locate(model()) is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (model("other name", "f1"), True),
        (model("m", "f2"), False),
        (model("m", ""), True),
        (model("other", ""), False),
        (model("m", "f1", "starter:m"), False),
    ],
)
def test_fingerprint_decides_before_the_name(tmp_path: Path, wanted: ModelReference, found: bool) -> None:
    modelbook.remember(model("m", "f1"), tmp_path)
    assert (modelbook.locate(wanted) == tmp_path) is found


def test_folders_to_search(tmp_path: Path) -> None:
    for name in ("b", "a", "b"):
        modelbook.add_folder(tmp_path / name)
    assert modelbook.model_folders() == [tmp_path / "b", tmp_path / "a"]
    modelbook.remove_folder(tmp_path / "b")
    assert modelbook.model_folders() == [tmp_path / "a"]


def test_recent_projects_newest_first(tmp_path: Path) -> None:
    roots = [tmp_path / name for name in "abc"]
    for root in roots:
        create_project(root, root.name, "text-classification").close()
        recents.touch(root)
    recents.touch(roots[0])
    assert recents.recents() == [roots[0], roots[2], roots[1]]
    recents.forget(roots[2])
    (roots[1] / "project.ftstudio").unlink()
    assert recents.recents() == [roots[0]]


@pytest.mark.parametrize("damage", ["", "{", "[1]", '{"paths": 5}', '{"entries": [{}]}', "\x00"])
def test_damaged_lists_read_as_empty_and_are_kept_aside(tmp_path: Path, damage: str) -> None:
    for name in ("recent.json", "models.json"):
        (paths.settings_folder() / name).write_text(damage)
    assert recents.recents() == []
    assert modelbook.model_folders() == []
    assert (paths.settings_folder() / "recent.json.damaged").read_text() == damage
    modelbook.add_folder(tmp_path)
    assert modelbook.model_folders() == [tmp_path]


def test_unwritable_settings_never_raise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(paths, "settings_folder", lambda: tmp_path / "gone")
    recents.touch(tmp_path)
    modelbook.remember(model(), tmp_path)
    assert recents.recents() == []


def test_of_equal_weights_the_folder_of_that_name_comes_first(tmp_path: Path) -> None:
    for name in ("meant", "copy"):
        (tmp_path / name).mkdir()
        modelbook.remember(model(name), tmp_path / name)

    assert modelbook.locate(model("meant")) == tmp_path / "meant"
