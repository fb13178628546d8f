"""Deleting runs: moved whole, brought back whole, gone only when the trash is emptied."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.states import RunState
from ftstudio.project import processes, recovery, runs, trash
from ftstudio.project.layout import ProjectLayout
from tests.project.test_runs import DEAD, made
from tests.support.faults import FailingOs, kill_at_every_step


@pytest.fixture
def layout(tmp_path: Path) -> ProjectLayout:
    return ProjectLayout(tmp_path)


def test_a_deleted_run_is_listed_only_in_the_trash(layout: ProjectLayout) -> None:
    stays = made(layout, "stays", state=RunState.FINISHED)
    goes = made(layout, "goes", state=RunState.FINISHED)

    trash.delete_run(layout, goes.id)

    assert [run.id for run in runs.list_runs(layout)] == [stays.id]
    (found,) = trash.list_trash(layout)
    assert (found.id, found.name) == (goes.id, "goes")
    assert trash.count_trash(layout) == 1
    assert trash.size_of([found]) > 100


def test_a_restored_run_is_what_it_was(layout: ProjectLayout) -> None:
    run = made(layout, "run", state=RunState.FINISHED)
    (run.checkpoints / "best").mkdir()
    (run.checkpoints / "best" / "model.safetensors").write_bytes(b"weights")
    before = {path.relative_to(run.root): path.is_file() and path.read_bytes() for path in run.root.rglob("*")}

    trash.delete_run(layout, run.id)
    restored = trash.restore_run(layout, run.id)

    after = {path.relative_to(restored.root): path.is_file() and path.read_bytes() for path in restored.root.rglob("*")}
    assert after == before
    assert trash.list_trash(layout) == []


@pytest.mark.parametrize("state", [RunState.PENDING, RunState.RUNNING, RunState.PAUSED])
def test_a_run_at_work_is_not_deleted(layout: ProjectLayout, state: RunState) -> None:
    pid, started = processes.this_process()
    run = made(layout, state=state, pid=pid, process_started=started)

    with pytest.raises(InputError, match="at work"):
        trash.delete_run(layout, run.id)

    assert run.root.is_dir()


def test_a_run_whose_process_died_can_be_deleted(layout: ProjectLayout) -> None:
    run = made(layout, state=RunState.RUNNING, pid=DEAD, process_started=1.0)

    trash.delete_run(layout, run.id)

    assert runs.list_runs(layout) == []


def test_a_broken_folder_can_be_deleted_and_restored(layout: ProjectLayout) -> None:
    run = made(layout, state=RunState.FINISHED)
    run.request.write_text("{", encoding="utf-8")

    trash.delete_run(layout, run.id)
    assert [one.name for one in trash.list_trash(layout)] == [run.id]
    trash.restore_run(layout, run.id)

    assert runs.list_runs(layout)[0].status.state is RunState.FAILED


@pytest.mark.parametrize("run_id", ["nothing", "../data", "", ".trash", "a/b"])
def test_only_runs_are_deleted(layout: ProjectLayout, run_id: str) -> None:
    made(layout, state=RunState.FINISHED)
    layout.data.mkdir()

    with pytest.raises(InputError):
        trash.delete_run(layout, run_id)
    with pytest.raises(InputError):
        trash.restore_run(layout, run_id)

    assert layout.data.is_dir()
    assert not layout.trash.exists()


def test_a_taken_place_is_not_overwritten(layout: ProjectLayout) -> None:
    run = made(layout, state=RunState.FINISHED)
    trash.delete_run(layout, run.id)
    run.root.mkdir()

    with pytest.raises(InputError, match="again"):
        trash.restore_run(layout, run.id)

    assert trash.count_trash(layout) == 1


def test_the_same_id_deleted_twice_comes_back_latest_first(layout: ProjectLayout) -> None:
    run = made(layout, "first", state=RunState.FINISHED)
    trash.delete_run(layout, run.id)
    other = made(layout, "second", state=RunState.FINISHED)
    other.root.rename(run.root)
    trash.delete_run(layout, run.id)

    trash.restore_run(layout, run.id)

    assert runs.list_runs(layout)[0].name == "second"
    assert trash.list_trash(layout)[0].name == "first"


def test_emptying_removes_everything_for_good(layout: ProjectLayout) -> None:
    for name in ("a", "b"):
        trash.delete_run(layout, made(layout, name, state=RunState.FINISHED).id)

    assert trash.empty_trash(layout) == 2

    assert trash.list_trash(layout) == []
    with pytest.raises(InputError, match="not in the trash"):
        trash.restore_run(layout, "a")


def test_what_cannot_be_removed_is_said(layout: ProjectLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    trash.delete_run(layout, made(layout, state=RunState.FINISHED).id)
    monkeypatch.setattr("ftstudio.project.atomic.remove_folder", lambda folder: None)

    with pytest.raises(StudioError, match="could not be removed"):
        trash.empty_trash(layout)


def test_strange_things_in_the_trash_are_left_alone(layout: ProjectLayout) -> None:
    layout.trash.mkdir(parents=True)
    (layout.trash / "notes.txt").write_text("x")
    (layout.trash / "mine").mkdir()
    (layout.trash / "20261128-100000-000001~").mkdir()

    assert trash.list_trash(layout) == []
    assert trash.empty_trash(layout) == 0
    assert (layout.trash / "mine").is_dir()


def test_the_trash_is_no_run_when_a_project_is_recovered(layout: ProjectLayout) -> None:
    run = made(layout, state=RunState.RUNNING, pid=DEAD, process_started=1.0)
    trash.delete_run(layout, run.id)

    found = recovery.recover(layout)

    assert found.interrupted == ()
    assert trash.count_trash(layout) == 1


def test_a_disk_that_refuses_leaves_the_run_in_one_place(layout: ProjectLayout) -> None:
    for number in range(1, 40):
        run = made(layout, f"run {number}", state=RunState.FINISHED)
        with FailingOs(number) as failing:
            try:
                trash.delete_run(layout, run.id)
            except StudioError:
                assert failing.failed_call is not None
        in_trash = [one.id for one in trash.list_trash(layout)].count(run.id)
        assert run.root.is_dir() + in_trash == 1, failing.failed_call
        if failing.failed_call is None:
            break
    assert number > 2


def test_a_kill_leaves_the_run_in_one_place(tmp_path: Path) -> None:
    names: dict[Path, str] = {}

    def prepare(folder: Path) -> None:
        names[folder] = made(ProjectLayout(folder), state=RunState.FINISHED).id
        (folder / "id").write_text(names[folder])

    def verify(folder: Path, ended: bool) -> None:
        layout = ProjectLayout(folder)
        there = (layout.runs / names[folder]).is_dir()
        assert there + trash.count_trash(layout) == 1
        assert not (ended and there)

    code = (
        "from pathlib import Path\n"
        "from ftstudio.project import trash\n"
        "from ftstudio.project.layout import ProjectLayout\n"
        "folder = Path(FOLDER)\n"
        "trash.delete_run(ProjectLayout(folder), (folder / 'id').read_text())\n"
    )
    assert kill_at_every_step(tmp_path, code, prepare, verify) >= 3
