"""Runs are on disk before they start, list whatever happened to them, and are found by id, beginning and merit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.settings import Overrides
from ftstudio.core.states import RunState
from ftstudio.project import processes, runs
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.runs import BestValue, RunReport, RunRequest, RunStatus
from ftstudio.project.schema import ModelReference
from tests.support.faults import FailingOs

DEAD = 2**22 + 5


@pytest.fixture
def layout(tmp_path: Path) -> ProjectLayout:
    return ProjectLayout(tmp_path)


def request_named(name: str, **changes: Any) -> RunRequest:
    fields: dict[str, Any] = {
        "task": "text-classification",
        "model": ModelReference(name="m", source="starter:minilm"),
        "settings": {"learning_rate": 3e-5, "seed": 1},
        "overrides": Overrides(values={"seed": 1}),
        "data_fingerprint": "abc",
        "name": name,
        "seed": 1,
    }
    return RunRequest(**{**fields, **changes})


def made(layout: ProjectLayout, name: str = "run", **status: Any) -> RunLayout:
    run = runs.create_run(layout, request_named(name))
    if status:
        runs.write_status(run, RunStatus(**{"started": "2026-11-22T10:00:00+00:00", **status}))
    return run


def test_run_is_whole_before_it_starts(layout: ProjectLayout) -> None:
    run = made(layout, "Full, lr 3e-5 – Übung")
    assert run.id.endswith("-full-lr-3e-5-ubung")
    assert runs.read_request(run).name == "Full, lr 3e-5 – Übung"
    status = runs.read_status(run)
    assert status.state is RunState.PENDING
    assert (status.pid, status.process_started) == processes.this_process()
    assert run.checkpoints.is_dir()


@pytest.mark.parametrize("name", ["", "///", "..", "日本語", "CON", "x" * 500, "a:b*c?"])
def test_any_name_makes_a_folder_for_every_system(layout: ProjectLayout, name: str) -> None:
    run = made(layout, name)
    assert run.root.parent == layout.runs
    assert len(run.id) < 64
    assert set(run.id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert runs.find_run(layout, run.id).name == name


def test_same_name_in_the_same_second(layout: ProjectLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    made_runs = [made(layout, "same").id for _ in range(12)]
    assert len(set(made_runs)) == 12
    assert [run.id for run in runs.list_runs(layout)] == made_runs[::-1]


def test_failing_creation_leaves_no_folder(layout: ProjectLayout) -> None:
    layout.runs.mkdir()
    for number in range(1, 100):
        with FailingOs(number) as failing:
            try:
                made(layout)
            except StudioError:
                assert failing.failed_call is not None
        for run in runs.list_runs(layout):
            assert run.status.state is RunState.PENDING, failing.failed_call
        assert not list(layout.runs.glob(".*"))
        if failing.failed_call is None:
            break
    assert number > 15


def test_status_and_report_round_trip(layout: ProjectLayout) -> None:
    best = BestValue(step=3, metric="macro_f1", value=0.5)
    run = made(layout, state=RunState.FINISHED, step=5, best=best, seconds=1.5)
    runs.write_report(run, RunReport(document={"run": run.id, "metrics": {"test": {"accuracy": 0.5}}}))
    summary = runs.find_run(layout, run.id)
    assert summary.status.best == best
    assert summary.report is not None
    assert summary.report.document["metrics"] == {"test": {"accuracy": 0.5}}


@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.PAUSED, RunState.PENDING])
def test_run_of_a_dead_process_reads_as_interrupted(layout: ProjectLayout, state: RunState) -> None:
    run = made(layout, state=state, pid=DEAD, process_started=1.0, step=7)
    summary = runs.find_run(layout, run.id)
    assert summary.status.state is RunState.INTERRUPTED
    assert summary.status.state.can_resume
    assert "step 7" in str(summary.status.message)
    assert runs.read_status(run).state is state, "listing alone changes nothing"


def test_run_of_a_living_process_is_running(layout: ProjectLayout) -> None:
    pid, started = processes.this_process()
    run = made(layout, state=RunState.RUNNING, pid=pid, process_started=started)
    assert runs.find_run(layout, run.id).status.state is RunState.RUNNING
    runs.write_status(run, RunStatus(state=RunState.RUNNING, pid=pid, process_started=started - 1000))
    assert runs.find_run(layout, run.id).status.state is RunState.INTERRUPTED


@pytest.mark.parametrize("damage", ["no request", "torn status", "no status", "unknown field", "torn report", "empty"])
def test_broken_folder_is_listed_as_failed(layout: ProjectLayout, damage: str) -> None:
    good = made(layout, "good", state=RunState.FINISHED)
    bad = made(layout, "bad", state=RunState.FINISHED)
    if damage == "no request":
        bad.request.unlink()
    elif damage == "torn status":
        bad.state.write_text(bad.state.read_text()[:20])
    elif damage == "no status":
        bad.state.unlink()
    elif damage == "unknown field":
        bad.state.write_text('{"state": "finished", "hologram": 1}')
    elif damage == "torn report":
        bad.report.write_text('{"document": {')
    else:
        bad.request.write_text("")
    listed = {run.id: run for run in runs.list_runs(layout)}
    assert listed[good.id].status.state is RunState.FINISHED
    assert listed[bad.id].status.state is RunState.FAILED
    assert listed[bad.id].status.message is not None


def test_strange_entries_are_left_out(layout: ProjectLayout) -> None:
    assert runs.list_runs(layout) == []
    layout.runs.mkdir()
    (layout.runs / "notes.txt").write_text("x")
    (layout.runs / ".tmp-1-2-3").mkdir()
    assert runs.list_runs(layout) == []


def test_default_is_the_latest_with_a_result(layout: ProjectLayout) -> None:
    with pytest.raises(InputError, match="no run with a result"):
        runs.find_run(layout, None)
    made(layout, "one", state=RunState.FINISHED)
    stopped = made(layout, "two", state=RunState.STOPPED)
    made(layout, "three", state=RunState.FAILED)
    assert runs.find_run(layout, None).id == stopped.id


def test_an_empty_id_means_no_run_not_even_the_only_one(layout: ProjectLayout) -> None:
    only = made(layout, "only", state=RunState.FINISHED)
    with pytest.raises(InputError) as caught:
        runs.find_run(layout, "")
    assert caught.value.where.field == "run"
    assert only.id in str(caught.value.hint)


def test_best_compares_the_metric_of_the_latest(layout: ProjectLayout) -> None:
    with pytest.raises(InputError):
        runs.find_run(layout, "best")
    for name, metric, value, state in [
        ("a", "macro_f1", 0.7, RunState.FINISHED),
        ("b", "accuracy", 0.99, RunState.FINISHED),
        ("c", "macro_f1", 0.9, RunState.STOPPED),
        ("d", "macro_f1", 0.95, RunState.FAILED),
        ("e", "macro_f1", 0.8, RunState.FINISHED),
    ]:
        made(layout, name, state=state, best=BestValue(step=1, metric=metric, value=value))
    assert runs.find_run(layout, "best").name == "c"


def test_lowest_loss_is_best(layout: ProjectLayout) -> None:
    for name, value in (("a", 0.7), ("b", 0.2), ("c", 0.4)):
        made(layout, name, state=RunState.FINISHED, best=BestValue(step=1, metric="loss", value=value))
    assert runs.find_run(layout, "best").name == "b"


def test_beginning_of_an_id_must_fit_one(layout: ProjectLayout) -> None:
    first, second = made(layout, "alpha"), made(layout, "alpha")
    assert runs.find_run(layout, first.id).id == first.id, "an exact id wins over a longer one"
    assert runs.find_run(layout, second.id).id == second.id
    with pytest.raises(InputError, match="fits 2 runs"):
        runs.find_run(layout, first.id[:10])
    with pytest.raises(InputError, match="There is no run") as caught:
        runs.find_run(layout, "nope")
    assert first.id in str(caught.value.hint)


def test_full_disk_while_writing_status_keeps_the_old_one(layout: ProjectLayout) -> None:
    run = made(layout, state=RunState.RUNNING, step=1)
    with FailingOs(2) as failing, pytest.raises(StudioError):
        runs.write_status(run, RunStatus(state=RunState.RUNNING, step=2))
    assert failing.failed_call is not None
    assert runs.read_status(run).step == 1


def test_report_of_a_thousand_classes_is_read(layout: ProjectLayout) -> None:
    run = made(layout, state=RunState.FINISHED)
    confusion = [[10_000] * 1000 for _ in range(1000)]
    runs.write_report(run, RunReport(document={"confusion": {"test": confusion}}))
    report = runs.find_run(layout, run.id).report
    assert report is not None
    assert report.document["confusion"]["test"] == confusion


@pytest.mark.parametrize(
    "document",
    [{"metrics": True}, {"metrics": {"test": [1]}}, {"best": {"step": "x"}}, {"seconds": "long"}, {"diagnosis": {}},
     {"tables": {"test": {"per_class": [{"label": "a"}]}}}, {"kept_because": {"a": 1}}, {"intervals": 5}],
)  # fmt: skip
def test_a_result_of_another_shape_is_no_result(layout: ProjectLayout, document: dict[str, Any]) -> None:
    run = made(layout, state=RunState.FINISHED)
    runs.write_report(run, RunReport(document={"metrics": {"test": {"accuracy": 0.5}}, **document}))
    assert runs.summarise(run).report is None
    run.head.unlink()
    assert runs.summarise(run).report is None
