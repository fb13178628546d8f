"""Lists of runs are cheap: reports are not read for them, and folders that did not change are not read again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ftstudio.core.states import RunState
from ftstudio.project import run_head, runs, strict_json
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.run_notes import RunNotes, write_notes
from ftstudio.project.run_shelf import RunShelf
from ftstudio.project.runs import BestValue, RunReport, RunStatus
from tests.project.test_runs import made, request_named

DOCUMENT = {
    "metrics": {"validation": {"accuracy": 0.75, "macro_f1": 0.5}, "test": {"accuracy": 0.7}},
    "epochs": 2.5,
    "samples_per_second": 61.0,
    "tables": {"validation": {"confusion": [[1, 2], [3, 4]]}},
}


@pytest.fixture
def layout(tmp_path: Path) -> ProjectLayout:
    return ProjectLayout(tmp_path)


@pytest.fixture
def reports_read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every report that is read whole."""
    read: list[Path] = []
    original = strict_json.read_model

    def watched(path: Path, *arguments: object) -> object:
        read.append(path)
        return original(path, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(strict_json, "read_model", watched)
    return read


def finished(layout: ProjectLayout, name: str = "run") -> RunLayout:
    best = BestValue(step=3, metric="macro_f1", value=0.5)
    run = made(layout, name, state=RunState.FINISHED, step=9, best=best)
    runs.write_report(run, RunReport(document={**DOCUMENT, "run": run.id}))
    return run


def settled(run: RunLayout, ago: float = 60.0) -> None:
    """Make a folder look as if nothing had been written to it for a while."""
    changed = run.root.stat().st_mtime - ago
    os.utime(run.root, (changed, changed))


def test_a_list_reads_no_report(layout: ProjectLayout, reports_read: list[Path]) -> None:
    finished(layout)

    (run,) = runs.list_runs(layout)

    assert run.head is not None and run.head.metrics["validation"] == {"accuracy": 0.75, "macro_f1": 0.5}
    assert (run.head.epochs, run.head.samples_per_second) == (2.5, 61.0)
    assert reports_read == []
    assert run.report is not None and run.report.document["tables"] == DOCUMENT["tables"]
    assert run.report is run.report, "read once"
    assert [path.name for path in reports_read] == ["report.json"]


def test_a_run_from_before_heads_is_read_from_its_report(layout: ProjectLayout, reports_read: list[Path]) -> None:
    made_run = finished(layout)
    made_run.head.unlink()

    (run,) = runs.list_runs(layout)

    assert run.head is not None and run.head.metrics["test"] == {"accuracy": 0.7}
    assert len(reports_read) == 1
    assert not made_run.head.exists(), "listing changes nothing"


def test_a_head_of_another_report_does_not_count(layout: ProjectLayout) -> None:
    run = finished(layout)
    run.report.write_text('{"document": {"metrics": {"validation": {"accuracy": 0.1}}}}', encoding="utf-8")

    (listed,) = runs.list_runs(layout)

    assert listed.head is not None and listed.head.metrics == {"validation": {"accuracy": 0.1}}


def test_a_kill_between_report_and_head_leaves_no_wrong_head(
    layout: ProjectLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finished(layout)
    monkeypatch.setattr(run_head, "write_head", lambda *_: None)
    other = {**DOCUMENT, "metrics": {"validation": {"accuracy": 0.25, "macro_f1": 0.5}, "test": {"accuracy": 0.7}}}
    runs.write_report(run, RunReport(document={**other, "run": run.id}))

    (listed,) = runs.list_runs(layout)

    assert listed.head is not None and listed.head.metrics["validation"]["accuracy"] == 0.25


@pytest.mark.parametrize(
    "document",
    [{}, {"metrics": None}, {"metrics": {"test": 3}}, {"metrics": {"test": {"a": "b", "c": True}}, "epochs": "many"}],
)
def test_strange_documents_have_a_head(document: dict[str, object]) -> None:
    head = run_head.head_of(document, 10)

    assert [value for scores in head.metrics.values() for value in scores.values()] == []
    assert head.epochs is None


def test_a_report_damaged_after_it_was_listed_is_none(layout: ProjectLayout) -> None:
    run = finished(layout)
    (listed,) = runs.list_runs(layout)
    run.report.write_text("{", encoding="utf-8")

    assert listed.report is None


def test_listing_again_reads_only_what_changed(layout: ProjectLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    made_runs = [finished(layout, name) for name in "abc"]
    for run in made_runs:
        settled(run)
    shelf, read = RunShelf(layout), []
    assert len(shelf.list()) == 3
    original = runs.read_run
    monkeypatch.setattr(runs, "read_run", lambda run: read.append(run.id) or original(run))

    assert [run.name for run in shelf.list()] == ["c", "b", "a"]
    assert read == []
    write_notes(made_runs[1], RunNotes(name="best of all", star=True))
    assert [run.name for run in shelf.list()] == ["c", "best of all", "a"]
    assert read == [made_runs[1].id]


def test_a_folder_that_has_just_changed_is_read_again(layout: ProjectLayout) -> None:
    """Two writes can fall into one tick of a file system's clock."""
    run = made(layout, state=RunState.RUNNING, step=1)
    shelf = RunShelf(layout)
    shelf.list()
    changed = run.root.stat().st_mtime_ns
    runs.write_status(run, RunStatus(state=RunState.STOPPED, step=2))
    os.utime(run.root, ns=(changed, changed))

    assert shelf.list()[0].status.step == 2


def test_a_process_that_died_is_noticed_without_a_write(layout: ProjectLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.create_run(layout, request_named("run"))
    settled(run)
    shelf = RunShelf(layout)
    assert shelf.list()[0].status.state is RunState.PENDING

    monkeypatch.setattr("ftstudio.project.processes.is_alive", lambda *_: False)

    assert shelf.list()[0].status.state is RunState.INTERRUPTED


def test_runs_come_and_go(layout: ProjectLayout) -> None:
    shelf = RunShelf(layout)
    assert shelf.list() == []
    first = finished(layout, "a")
    assert [run.name for run in shelf.list()] == ["a"]
    first.root.rename(layout.root / "elsewhere")
    assert shelf.list() == []


def test_a_run_of_a_wrong_clock_does_not_stay_the_newest(layout: ProjectLayout) -> None:
    for id_, name in (("20991231-235959-future", "future"), ("20260101-000000-early", "early")):
        finished(layout, name).root.rename(layout.runs / id_)
    now = finished(layout, "now")

    expected = [now.id, "20260101-000000-early", "20991231-235959-future"]
    assert [run.id for run in runs.list_runs(layout)] == expected
    assert [run.id for run in RunShelf(layout).list()] == expected
    found = runs.find_run(layout, None)
    assert found.id == now.id
