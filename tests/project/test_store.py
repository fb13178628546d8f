"""Creating, opening and saving projects, with everything that can be in the way."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ftstudio.core.errors import InputError, StudioError
from ftstudio.project import migrations, store
from ftstudio.project.layout import PROJECT_FILE, ProjectLayout
from ftstudio.project.store import ChangedOnDiskError, Project, create_project, open_project
from tests.support.faults import FailingOs, kill_at_every_step


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "My Prøject", "Contracts", "text-classification")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def noted(project: Project, notes: str) -> None:
    project.save(project.file.model_copy(update={"notes": notes}))


def test_create_makes_the_whole_folder(project: Project, tmp_path: Path) -> None:
    assert project.writable
    assert project.name == "Contracts"
    names = {entry.name for entry in project.layout.root.iterdir()}
    assert names == {PROJECT_FILE, "data", "runs", "exports", ".lock"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["My Prøject"]


def test_create_takes_an_empty_folder_and_missing_parents(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    create_project(tmp_path / "empty", "A", "image-classification").close()
    create_project(tmp_path / "a" / "b" / "c", "B", "image-classification").close()
    assert open_project(tmp_path / "a" / "b" / "c", write=False).name == "B"


@pytest.mark.parametrize("name", ["n" * 300, os.fsdecode(b"bad\xff")], ids=["too long", "no UTF-8"])
def test_create_refuses_a_name_that_cannot_be(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        create_project(tmp_path / name, "A", "text-classification")

    assert not list(tmp_path.iterdir())


def test_create_refuses_a_task_that_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="juggling"):
        create_project(tmp_path / "target", "A", "juggling")

    assert not list(tmp_path.iterdir())


def test_no_project_inside_another(project: Project) -> None:
    with pytest.raises(InputError, match="inside the project"):
        create_project(project.layout.data / "x", "A", "text-classification")

    assert not list(project.layout.data.iterdir())


def test_a_link_to_the_project_file_opens_the_project(project: Project, tmp_path: Path) -> None:
    (tmp_path / "on the desktop").symlink_to(project.layout.file)

    assert open_project(tmp_path / "on the desktop", write=False).layout.root == project.layout.root


@pytest.mark.parametrize("kind", ["folder", "file", "project"])
def test_create_refuses_what_exists(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "target"
    if kind == "folder":
        target.mkdir()
        (target / "theirs.txt").write_text("x")
    elif kind == "file":
        target.write_text("x")
    else:
        create_project(target, "A", "text-classification").close()
    before = contents(tmp_path)
    with pytest.raises(InputError, match="exists already"):
        create_project(target, "B", "text-classification")
    assert contents(tmp_path) == before


def test_create_fails_whole(tmp_path: Path) -> None:
    for number in range(1, 200):
        root = tmp_path / f"project{number}"
        with FailingOs(number) as failing:
            try:
                create_project(root, "A", "text-classification").close()
            except InputError:
                assert failing.failed_call is not None
        if root.exists():
            assert open_project(root, write=False).name == "A"
        assert not [entry for entry in tmp_path.iterdir() if entry.name.startswith(".tmp")]
        if failing.failed_call is None:
            break
    assert number > 10


def test_save_and_reopen(project: Project) -> None:
    noted(project, "seen")
    project.close()
    assert open_project(project.layout.file).file.notes == "seen"
    assert open_project(project.layout.root).file.notes == "seen"


def test_failing_save_keeps_the_old_file(project: Project) -> None:
    noted(project, "old")
    before = project.layout.file.read_bytes()
    for number in range(1, 100):
        with FailingOs(number) as failing:
            try:
                noted(project, "new")
            except StudioError as error:
                assert error.hint is not None
        assert json.loads(project.layout.file.read_bytes())["notes"] in ("old", "new"), failing.failed_call
        if failing.failed_call is None:
            break
        project.save(project.file.model_copy(update={"notes": "old"}), overwrite=True)
        assert project.layout.file.read_bytes() == before
    assert number > 6
    assert project.file.notes == "new"


CREATE_AND_SAVE = """
from pathlib import Path
from ftstudio.project import store
project = store.open_project(Path(FOLDER))
project.save(project.file.model_copy(update={"notes": "new"}))
project.close()
"""


def test_kill_at_every_step_of_open_and_save(tmp_path: Path) -> None:
    def prepare(folder: Path) -> None:
        folder.rmdir()
        with create_project(folder, "A", "text-classification") as made:
            noted(made, "old")

    def verify(folder: Path, finished: bool) -> None:
        with open_project(folder) as reopened:
            assert reopened.writable
            assert reopened.file.notes in (("new",) if finished else ("old", "new"))

    assert kill_at_every_step(tmp_path, CREATE_AND_SAVE, prepare, verify) > 10


def test_read_only_project_refuses_to_save(project: Project) -> None:
    reader = open_project(project.layout.root, write=False)
    with pytest.raises(InputError, match="reading only"):
        noted(reader, "x")


def test_file_changed_by_another_program_is_not_overwritten(project: Project) -> None:
    other = json.loads(project.layout.file.read_text(encoding="utf-8")) | {"notes": "theirs"}
    project.layout.file.write_text(json.dumps(other), encoding="utf-8")
    with pytest.raises(ChangedOnDiskError):
        noted(project, "mine")
    assert open_project(project.layout.root, write=False).file.notes == "theirs"
    project.save(project.file.model_copy(update={"notes": "mine"}), overwrite=True)
    assert open_project(project.layout.root, write=False).file.notes == "mine"


def test_vanished_folder_is_a_sentence(project: Project) -> None:
    gone = project.layout.root
    gone.rename(gone.with_name("gone"))
    with pytest.raises(StudioError, match="not there any more"):
        noted(project, "x")


def test_vanished_file_is_written_again(project: Project) -> None:
    project.layout.file.unlink()
    noted(project, "back")
    assert open_project(project.layout.root, write=False).file.notes == "back"


@pytest.mark.parametrize("what", ["missing", "empty folder", "a file"])
def test_open_refuses_what_is_no_project(tmp_path: Path, what: str) -> None:
    path = tmp_path / "x"
    if what == "empty folder":
        path.mkdir()
    elif what == "a file":
        path.write_text("x")
    with pytest.raises(InputError, match="no project"):
        open_project(path)


def test_damaged_project_is_refused_and_left_unlocked(project: Project) -> None:
    project.close()
    project.layout.file.write_text("{")
    before = contents(project.layout.root)
    with pytest.raises(InputError):
        open_project(project.layout.root)
    assert contents(project.layout.root) == before


def test_linked_project_file_stays_a_link(project: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.ftstudio"
    project.layout.file.rename(elsewhere)
    project.layout.file.symlink_to(elsewhere)
    noted(project, "through the link")
    assert project.layout.file.is_symlink()
    assert "through the link" in elsewhere.read_text(encoding="utf-8")


def test_copied_project_opens_elsewhere(project: Project, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(project.layout.root, tmp_path / "copy")
    with open_project(tmp_path / "copy") as copy:
        assert copy.writable
        assert str(tmp_path) not in copy.layout.file.read_text(encoding="utf-8")


def test_first_save_of_an_older_format_keeps_a_copy(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.close()
    written = project.layout.file.read_bytes()
    monkeypatch.setattr(migrations, "STEPS", {1: lambda document: document})
    monkeypatch.setattr(migrations.migrate, "__defaults__", ({1: lambda document: document}, 2))
    monkeypatch.setattr(store, "FORMAT_VERSION", 2)
    monkeypatch.setattr("ftstudio.project.schema.FORMAT_VERSION", 2)
    with open_project(project.layout.root) as older:
        backup = migrations.backup_path(older.layout.file, 1)
        assert not backup.exists(), "opening alone changes nothing"
        noted(older, "first")
        noted(older, "second")
        assert backup.read_bytes() == written
        assert json.loads(older.layout.file.read_text(encoding="utf-8"))["format_version"] == 2


def test_layout_refuses_ids_that_are_paths(tmp_path: Path) -> None:
    for wanted in ("", ".", "..", "../x", "a/b", "a\\b", "C:x", "/x", ".hidden"):
        with pytest.raises(InputError):
            ProjectLayout(tmp_path).run(wanted)


def test_a_project_below_a_file_is_refused_by_that_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file, not a folder"):
        create_project(tmp_path / "file" / "project", "p", "text-classification")
