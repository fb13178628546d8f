"""Real runs, killed at the worst moments: what is resumed ends bit for bit as if nothing had happened."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ftstudio.core.states import RunState
from ftstudio.project import runs
from ftstudio.project.layout import RunLayout
from ftstudio.project.store import open_project
from tests.faults.driving import Driver, curve, digest
from tests.support.tiny_projects import copied

pytestmark = pytest.mark.slow

Drive = Callable[..., Driver]
Compare = Callable[[Path, RunLayout], bool]


@pytest.fixture
def drive() -> Iterator[Drive]:
    drivers: list[Driver] = []

    def made(root: Path, resume: str | None = None) -> Driver:
        drivers.append(Driver(root, resume))
        return drivers[-1]

    yield made
    for driver in drivers:
        driver.close()


_unbroken: dict[str, tuple[dict[str, str], list[tuple[str, int, float]]]] = {}


@pytest.fixture
def as_unbroken(drive: Drive) -> Callable[[Path, RunLayout], bool]:
    """Tell whether a run ended bit for bit as one of the same project that nothing disturbed."""

    def compare(project: Path, run: RunLayout) -> bool:
        if project.name not in _unbroken:
            driver = drive(copied(project))
            assert driver.end().state is RunState.FINISHED
            _unbroken[project.name] = digest(driver.run), curve(driver.run)
        weights, losses = _unbroken[project.name]
        assert curve(run) == losses
        return digest(run) == weights

    return compare


@pytest.mark.parametrize(("kind", "steps"), [("text", 36), ("image", 18)])
def test_killed_worker_resumes_bit_identically(
    kind: str, steps: int, request: pytest.FixtureRequest, drive: Drive, as_unbroken: Compare
) -> None:
    project: Path = request.getfixturevalue(f"tiny_{kind}_project")
    killed = drive(project)
    killed.until_step(2)
    saved = killed.save_by_pausing()
    assert 2 <= saved < steps
    killed.go_on()
    killed.until_step(saved + 1)
    os.kill(killed.worker.pid or 0, signal.SIGKILL)
    outcome = killed.end()
    assert outcome.state is RunState.INTERRUPTED
    assert "memory" in str(outcome.message)
    assert "Nothing was lost" in str(outcome.hint)
    run = killed.run
    assert runs.read_status(run).state is RunState.INTERRUPTED

    resumed = drive(project, resume=run.id)
    assert resumed.end().state is RunState.FINISHED
    assert resumed.run == run
    assert as_unbroken(project, run)
    assert runs.read_status(run).state is RunState.FINISHED


def test_run_killed_before_its_first_checkpoint_starts_over(
    tiny_image_project: Path, drive: Drive, as_unbroken: Compare
) -> None:
    killed = drive(tiny_image_project)
    killed.until_step(1)
    os.kill(killed.worker.pid or 0, signal.SIGKILL)
    assert "had not saved a checkpoint yet" in str(killed.end().hint)
    run = killed.run
    assert drive(tiny_image_project, resume=run.id).end().state is RunState.FINISHED
    assert as_unbroken(tiny_image_project, run)


WINDOW = """
import sys
from pathlib import Path
from ftstudio.core.messages import Measured, Request
from ftstudio.supervisor.process import Worker
worker = Worker()
worker.start(Request(job="train", project=Path(sys.argv[1])))
for event in worker.events():
    if isinstance(event, Measured) and event.split == "train" and event.step == 4:
        print(worker.pid, flush=True)
"""


def test_killed_window_takes_its_worker_along_and_nothing_is_lost(
    tiny_text_project: Path, drive: Drive, as_unbroken: Compare
) -> None:
    window = subprocess.Popen([sys.executable, "-c", WINDOW, str(tiny_text_project)], stdout=subprocess.PIPE, text=True)
    assert window.stdout is not None
    worker = psutil.Process(int(window.stdout.readline()))
    window.kill()
    window.wait()
    window.stdout.close()
    worker.wait(timeout=60)

    with open_project(tiny_text_project) as reopened:
        found = runs.list_runs(reopened.layout)
        assert len(found) == 1
        assert found[0].status.state in (RunState.STOPPED, RunState.INTERRUPTED, RunState.FINISHED)
        assert not list(reopened.layout.root.rglob(".tmp-*"))
    run = found[0].layout
    if found[0].status.state is not RunState.FINISHED:
        assert found[0].status.state.can_resume
        assert drive(tiny_text_project, resume=run.id).end().state is RunState.FINISHED
    assert as_unbroken(tiny_text_project, run)


def test_full_disk_keeps_the_last_good_checkpoint(tiny_text_project: Path, drive: Drive, as_unbroken: Compare) -> None:
    full = drive(tiny_text_project)
    full.until_step(2)
    saved = full.save_by_pausing()
    run = full.run
    resource.prlimit(full.worker.pid or 0, resource.RLIMIT_FSIZE, (60_000, 60_000))
    full.go_on()
    outcome = full.end()
    assert outcome.state is RunState.FAILED
    assert "could not be written" in str(outcome.message)
    assert "disk space" in str(outcome.hint)
    assert json.loads((run.last / "state.json").read_text(encoding="utf-8"))["state"]["step"] == saved
    assert not list(run.root.rglob(".tmp-*"))
    status = runs.read_status(run)
    assert status.state is RunState.FAILED
    assert str(status.message) == str(outcome.message)

    assert drive(tiny_text_project, resume=run.id).end().state is RunState.FINISHED
    assert as_unbroken(tiny_text_project, run)


def test_stop_is_kept_and_can_go_on(tiny_text_project: Path, drive: Drive, as_unbroken: Compare) -> None:
    stopped = drive(tiny_text_project)
    stopped.until_step(3)
    stopped.worker.stop()
    stopped.worker.stop()
    outcome = stopped.end()
    assert outcome.state is RunState.STOPPED
    assert outcome.document is not None
    assert outcome.document["steps"] < 36
    run = stopped.run
    assert run.model.is_dir()
    assert runs.find_run(stopped.layout, None).id == run.id
    assert drive(tiny_text_project, resume=run.id).end().state is RunState.FINISHED
    assert as_unbroken(tiny_text_project, run)
