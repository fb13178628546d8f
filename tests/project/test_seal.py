"""Every look at test rows is kept, whatever happens to the file, and only a look opens a run's test result."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from ftstudio.core.errors import StudioError
from ftstudio.core.states import RunState
from ftstudio.project import runs, seal
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import RunReport, RunStatus, RunSummary
from tests.project.test_runs import made

SCORES = {"validation": {"accuracy": 0.9}, "test": {"accuracy": 0.8}}


@pytest.fixture
def layout(tmp_path: Path) -> ProjectLayout:
    return ProjectLayout(tmp_path)


def finished(layout: ProjectLayout, name: str = "run", metrics: dict[str, object] = SCORES) -> RunSummary:
    run = made(layout, name, state=RunState.FINISHED, ended="2026-11-22T10:10:00+00:00")
    runs.write_report(run, RunReport(document={"metrics": metrics}))
    return runs.summarise(run)


def test_test_figures_are_visible_only_for_the_run_that_was_opened(layout: ProjectLayout) -> None:
    opened, other = finished(layout, "opened"), finished(layout, "other")
    assert seal.visible_splits(layout, opened) == ["validation"]

    seal.record(layout, [opened], "window", "results")

    assert seal.visible_splits(layout, opened) == ["test", "validation"]
    assert seal.visible_splits(layout, other) == ["validation"]
    assert [(look.run, look.kind, look.which) for look in seal.looks(layout)] == [(opened.id, "window", "results")]


def test_a_run_that_went_on_is_sealed_anew(layout: ProjectLayout) -> None:
    run = finished(layout)
    seal.record(layout, [run], "verb", "train")
    status = run.status.model_copy(update={"ended": "2026-11-22T12:00:00+00:00"})
    runs.write_status(run.layout, RunStatus.model_validate(status.model_dump()))

    assert seal.visible_splits(layout, runs.summarise(run.layout)) == ["validation"]
    assert len(seal.looks(layout)) == 1


def test_runs_without_test_or_validation_rows_show_what_they_have(layout: ProjectLayout) -> None:
    no_test = finished(layout, "no test", {"validation": {"accuracy": 0.9}, "test": {}})
    final = finished(layout, "final", {"validation": {}, "test": {"accuracy": 0.8}})
    assert (seal.has_test(no_test), seal.visible_splits(layout, no_test)) == (False, ["validation"])
    assert (seal.has_test(final), seal.visible_splits(layout, final)) == (True, [])


def test_a_torn_last_line_costs_no_other_look(layout: ProjectLayout) -> None:
    run = finished(layout)
    seal.record(layout, [run], "window", "results")
    whole = layout.looks.read_bytes()
    layout.looks.write_bytes(whole + whole[:-20])

    assert len(seal.looks(layout)) == 1
    seal.record(layout, [run], "verb", "evaluate")
    assert [look.which for look in seal.looks(layout)] == ["results", "evaluate"]


def test_two_who_look_at_once_are_both_written_down(layout: ProjectLayout) -> None:
    run = finished(layout)
    for _ in range(3):
        seal.record(layout, [run, run], "verb", "runs")
    assert len(seal.looks(layout)) == 6
    assert "6 times" in seal.told(layout).render()


def test_a_look_that_finds_no_room_is_refused_and_leaves_the_record_as_it_was(
    layout: ProjectLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finished(layout)
    seal.record(layout, [run], "window", "results")
    before = layout.looks.read_bytes()

    real = os.write
    monkeypatch.setattr(seal.os, "write", lambda descriptor, data: real(descriptor, data[:10]))
    with pytest.raises(StudioError, match="no room"):
        seal.record(layout, [run], "verb", "evaluate")
    monkeypatch.undo()

    assert layout.looks.read_bytes() == before


def test_a_failed_fsync_is_told(layout: ProjectLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(seal.os, "fsync", refuse)
    with pytest.raises(StudioError):
        seal.record(layout, [finished(layout)], "window", "results")


def test_nothing_said_yet_is_said_too(layout: ProjectLayout) -> None:
    assert seal.told(layout).render() == "The test rows have not been looked at yet."


def test_a_result_without_its_test_figures_keeps_all_others() -> None:
    tables = {"test": {"confusion": [[1]]}, "validation": {"confusion": [[2]]}}
    document = {"run": "r", "metrics": SCORES, "tables": tables}
    shown = seal.without_test(document)
    assert shown == {
        "run": "r",
        "metrics": {"validation": {"accuracy": 0.9}},
        "tables": {"validation": tables["validation"]},
    }
    assert document["metrics"] == SCORES and "test" in tables
    assert seal.without_test({}) == {"metrics": {}, "tables": {}}


def test_a_record_that_cannot_be_opened_holds_no_looks(tmp_path: Path) -> None:
    project = ProjectLayout(tmp_path)
    project.looks.mkdir()

    assert seal.looks(project) == ()
