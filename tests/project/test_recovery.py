"""What a kill left in a project is put in order at the next opening, and nothing complete is lost by that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ftstudio.core.states import RunState
from ftstudio.project import atomic, processes, runs
from ftstudio.project.layout import RunLayout
from ftstudio.project.recovery import recover
from ftstudio.project.runs import RunStatus
from ftstudio.project.store import Project, create_project, open_project
from tests.project.test_runs import DEAD, request_named


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "project", "A", "text-classification")


def killed_run(project: Project, name: str = "killed") -> RunLayout:
    run = runs.create_run(project.layout, request_named(name))
    runs.write_status(run, RunStatus(state=RunState.RUNNING, pid=DEAD, process_started=1.0, step=9))
    return run


def filled(folder: Path, content: str) -> None:
    folder.mkdir(parents=True)
    (folder / "weights").write_text(content)


def test_orderly_project_is_left_alone(project: Project) -> None:
    found = recover(project.layout)
    assert found.is_clean
    assert found.interrupted == ()


def test_killed_run_becomes_interrupted_and_is_reported_once(project: Project) -> None:
    run = killed_run(project)
    found = recover(project.layout)
    assert [summary.id for summary in found.interrupted] == [run.id]
    assert runs.read_status(run).state is RunState.INTERRUPTED
    assert runs.read_status(run).step == 9
    assert recover(project.layout).is_clean


def test_half_swapped_checkpoints_are_rolled_back(project: Project) -> None:
    run = killed_run(project)
    filled(run.checkpoints / "last.old", "old")
    filled(run.checkpoints / "last.new", "half")
    filled(run.best, "best")
    filled(run.checkpoints / "best.new", "half")
    found = recover(project.layout)
    assert set(found.cleaned) == {run.last, run.best}
    assert (run.last / "weights").read_text() == "old"
    assert (run.best / "weights").read_text() == "best"
    assert sorted(entry.name for entry in run.checkpoints.iterdir()) == ["best", "last"]


def test_run_at_work_is_not_touched(project: Project) -> None:
    run = killed_run(project)
    pid, started = processes.this_process()
    runs.write_status(run, RunStatus(state=RunState.RUNNING, pid=pid, process_started=started))
    filled(run.checkpoints / "last.new", "being written")
    assert recover(project.layout).is_clean
    assert (run.checkpoints / "last.new").exists()


def test_leftovers_of_dead_processes_go_those_of_living_stay(project: Project) -> None:
    run = killed_run(project)
    places = (project.layout.root, project.layout.runs, project.layout.data, run.root, project.layout.exports)
    for place in places:
        (place / f".tmp-{DEAD}-1-aa").write_text("half")
        filled(place / f".tmp-{DEAD}-2-bb", "half")
        (place / f".tmp-{os.getpid()}-1-aa").write_text("in work")
        (place / "theirs.tmp").write_text("not ours")
    found = recover(project.layout)
    assert len(found.cleaned) == 2 * len(places)
    for place in places:
        assert not list(place.glob(f".tmp-{DEAD}-*"))
        assert (place / f".tmp-{os.getpid()}-1-aa").exists()
        assert (place / "theirs.tmp").exists()


def test_links_out_of_the_project_are_not_followed(project: Project, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    filled(outside, "precious")
    (outside / f".tmp-{DEAD}-1-aa").write_text("not in this project")
    (project.layout.root / "link").symlink_to(outside)
    (project.layout.root / f".tmp-{DEAD}-3-cc").symlink_to(outside)
    recover(project.layout)
    assert sorted(entry.name for entry in outside.iterdir()) == [f".tmp-{DEAD}-1-aa", "weights"]


def test_opening_for_writing_recovers_and_tells(project: Project) -> None:
    run = killed_run(project)
    project.close()
    (project.layout.root / f".tmp-{DEAD}-1-aa").write_text("half")
    reader = open_project(project.layout.root, write=False)
    assert reader.recovered.is_clean
    assert runs.read_status(run).state is RunState.RUNNING, "reading changes nothing"
    with open_project(project.layout.root) as writer:
        assert [summary.id for summary in writer.recovered.interrupted] == [run.id]
        assert len(writer.recovered.cleaned) == 1
    assert runs.read_status(run).state is RunState.INTERRUPTED


def test_broken_run_folder_does_not_stop_the_recovery(project: Project) -> None:
    broken, run = killed_run(project, "a"), killed_run(project, "b")
    broken.state.write_text("{")
    filled(broken.checkpoints / "last.old", "old")
    found = recover(project.layout)
    assert [summary.id for summary in found.interrupted] == [run.id]
    assert (broken.last / "weights").read_text() == "old"


def test_failing_removal_is_tried_again_next_time(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    run = killed_run(project)
    filled(run.last, "new")
    filled(run.checkpoints / "last.old", "old")
    with monkeypatch.context() as patched:
        patched.setattr(atomic, "remove_folder", lambda folder: None)
        recover(project.layout)
    assert (run.last / "weights").read_text() == "new"
    recover(project.layout)
    assert sorted(entry.name for entry in run.checkpoints.iterdir()) == ["last"]
