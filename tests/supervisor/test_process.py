"""A worker that dies, hangs, shouts or does not listen never takes its supervisor along, and always has one outcome."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ftstudio.core.errors import StudioError
from ftstudio.core.messages import Changed, Event, Heartbeat, Kept, Log, Measured, Pause, Request, Resume, Started
from ftstudio.core.states import RunState
from ftstudio.project import processes, runs
from ftstudio.project.layout import RunLayout
from ftstudio.project.runs import RunStatus
from ftstudio.project.store import Project, create_project
from ftstudio.supervisor.process import Worker
from tests.project.test_runs import request_named

TESTS = Path(__file__).parent.parent
FAKE = str(TESTS / "support" / "fake_worker.py")
STARTED = Started(job="train", pid=1, run="r1").line()
STEP = Measured(split="train", step=7, epoch=0.5, seconds=1.0, values={"loss": 1.0}).line()

Start = Callable[..., Worker]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    workers: list[Worker] = []

    def started(*lines: str, flags: tuple[str, ...] = (), project: Path | None = None) -> Worker:
        transcript = tmp_path / f"transcript{len(workers)}.jsonl"
        transcript.write_text("\n".join(lines) + "\n", encoding="utf-8")
        worker = Worker(command=[sys.executable, "-S", FAKE, str(transcript), *flags])
        workers.append(worker)
        worker.start(Request(job="train", project=project))
        return worker

    yield started
    for worker in workers:
        worker.kill()
        worker.wait(10)


def until(worker: Worker, wanted: type[Event]) -> Event:
    for event in worker.events():
        if isinstance(event, wanted):
            return event
    raise AssertionError(f"no {wanted.__name__} came")


def replay(name: str) -> list[str]:
    return (TESTS / "transcripts" / name).read_text(encoding="utf-8").splitlines()


def test_finished_run(start: Start) -> None:
    worker = start(*replay("finished.jsonl"))
    events = list(worker.events())
    assert sum(isinstance(event, Measured) and event.split == "train" for event in events) == 396
    assert sum(isinstance(event, Measured) and event.split == "validation" for event in events) == 12
    outcome = worker.outcome()
    assert outcome.state is RunState.FINISHED
    assert outcome.document is not None
    assert outcome.document["steps"] == 396
    assert not worker.is_running
    assert list(worker.events()) == []


def test_killed_run_names_step_and_memory(start: Start) -> None:
    outcome = start(*replay("out_of_memory.jsonl")).outcome()
    assert outcome.state is RunState.INTERRUPTED
    assert "ran out of memory at step 140" in str(outcome.message)
    assert "resuming goes on from step 132" in str(outcome.hint)


def test_failed_run_keeps_its_own_words(start: Start) -> None:
    outcome = start(*replay("failed.jsonl")).outcome()
    assert outcome.state is RunState.FAILED
    assert str(outcome.message) == "The loss became infinite at step 57."
    assert outcome.details.startswith("Traceback")


@pytest.mark.parametrize(
    ("ending", "says"),
    [
        ("#exit 1", "without a word at step 7 (exit code 1)"),
        ("#exit 0", "without a word at step 7"),
        (f"#signal {signal.SIGSEGV.value}", "crashed at step 7"),
        (f"#signal {signal.SIGABRT.value}", "crashed at step 7"),
        (f"#signal {signal.SIGTERM.value}", "by the system or another program"),
    ],
)
def test_every_silent_end(start: Start, ending: str, says: str) -> None:
    worker = start(STARTED, STEP, "#stderr last words", ending)
    outcome = worker.outcome()
    assert outcome.state is RunState.INTERRUPTED
    assert says in str(outcome.message)
    assert outcome.details == "last words"


def test_noise_is_logged_and_the_run_goes_on(start: Start) -> None:
    worker = start(
        r'#raw "Downloading… 50%\r\n"',
        STARTED,
        "#flood 10000000",
        r'#raw "{\"kind\": \"measured\"}\n"',
        STEP,
        '#raw "torn line"',
    )
    events = list(worker.events())
    assert [type(event) for event in events if not isinstance(event, Heartbeat | Log)] == [Started, Measured]
    logged = [event.line_text for event in events if isinstance(event, Log)]
    assert any("Downloading" in line for line in logged)
    assert any(line.endswith(" bytes)") for line in logged)
    assert any("torn line" in line for line in logged)


def test_stop_is_asked_first(start: Start) -> None:
    worker = start(STARTED, STEP, flags=("--hold",))
    until(worker, Measured)
    worker.stop()
    outcome = worker.outcome()
    assert outcome.state is RunState.STOPPED
    assert outcome.document is not None
    assert outcome.document["steps"] == 7


def test_stop_pressed_again_and_again_is_one_stop(start: Start) -> None:
    worker = start(STARTED, STEP, flags=("--hold",))
    until(worker, Measured)
    for _ in range(5):
        worker.stop()
    assert worker.outcome().state is RunState.STOPPED
    worker.stop()
    worker.kill()
    assert worker.outcome().state is RunState.STOPPED


def test_pause_and_resume(start: Start) -> None:
    worker = start(STARTED, STEP, "#wait", STEP, flags=("--hold",))
    until(worker, Measured)
    assert worker.send(Pause())
    assert until(worker, Changed) == Changed(state=RunState.PAUSED, step=7)
    assert worker.send(Resume())
    assert until(worker, Changed) == Changed(state=RunState.RUNNING, step=7)
    worker.stop()
    assert worker.outcome().state is RunState.STOPPED


def test_deaf_worker_is_ended_in_stages(start: Start) -> None:
    """It ignores the wish and SIGTERM; only the last stage ends it."""
    worker = start(STARTED, STEP, flags=("--deaf", "--hold"))
    until(worker, Measured)
    worker.stop(patience=0.0, grace=0.2)
    outcome = worker.outcome()
    assert outcome.state is RunState.INTERRUPTED
    assert "did not stop in time" in str(outcome.message)


def test_kill_ends_children_too(start: Start) -> None:
    worker = start(STARTED, "#child", flags=("--deaf", "--hold"))
    child = psutil.Process(int(_logged(worker, "child").split()[1]))
    worker.kill()
    worker.outcome()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_crash_ends_children_too(start: Start) -> None:
    worker = start(STARTED, "#child", STEP, "#wait", "#signal 9")
    child = psutil.Process(int(_logged(worker, "child").split()[1]))
    worker.send(Resume())
    assert "memory" in str(worker.outcome().message)
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_silent_worker_is_seen_to_hang(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = start(STARTED, STEP, flags=("--deaf", "--mute", "--hold"))
    until(worker, Measured)
    assert not worker.seems_hung
    now = time.monotonic()
    monkeypatch.setattr("ftstudio.supervisor.process.time.monotonic", lambda: now + 1000)
    assert worker.seems_hung
    worker.kill()
    assert "no longer answered" in str(worker.outcome().message)


def test_poll_returns_what_has_come(start: Start) -> None:
    worker = start(STARTED, STEP, "#exit 0")
    found: list[Event] = []
    while worker.is_running or not found:
        found += worker.poll(0.05)
    found += worker.poll()
    kinds = [type(event) for event in found if not isinstance(event, Heartbeat)]
    assert kinds == [Started, Measured]
    assert worker.poll() == []


def test_commands_to_a_dead_worker_are_refused_quietly(start: Start) -> None:
    worker = start("#exit 0")
    worker.outcome()
    assert not worker.send(Pause())
    worker.stop()
    worker.kill()


def test_interpreter_that_is_missing_is_a_sentence() -> None:
    worker = Worker(runtime=Path("/nowhere/python"))
    with pytest.raises(StudioError, match="/nowhere/python") as caught:
        worker.start(Request(job="train"))
    assert "compute runtime" in str(caught.value.hint)
    assert not worker.is_running


def test_worker_serves_one_request(start: Start) -> None:
    worker = start("#exit 0")
    with pytest.raises(RuntimeError):
        worker.start(Request(job="train"))


@pytest.fixture
def run(tmp_path: Path) -> Iterator[tuple[Project, RunLayout]]:
    with create_project(tmp_path / "project", "A", "text-classification") as project:
        yield project, runs.create_run(project.layout, request_named("run"))


def test_status_on_disk_is_corrected(start: Start, run: tuple[Project, RunLayout]) -> None:
    project, layout = run
    pid, started = processes.this_process()
    runs.write_status(layout, RunStatus(state=RunState.RUNNING, pid=pid, process_started=started, step=3, seconds=9.0))
    (layout.checkpoints / "last.old").mkdir()
    opening = Started(job="train", pid=1, run=layout.id).line()
    outcome = start(opening, STEP, "#signal 9", project=project.layout.root).outcome()
    status = runs.read_status(layout)
    assert status.state is RunState.INTERRUPTED
    assert str(status.message) == str(outcome.message)
    assert (status.step, status.seconds, status.pid) == (7, 9.0, None)
    assert status.ended
    assert layout.last.is_dir()
    assert "from the last checkpoint" in str(outcome.hint)


def test_log_is_kept_with_the_run(start: Start, run: tuple[Project, RunLayout]) -> None:
    project, layout = run
    opening = Started(job="train", pid=1, run=layout.id).line()
    lines = ("#stderr before", opening, STEP, "#stderr Fatal Python error – ü", "#signal 11")
    start(*lines, project=project.layout.root).outcome()
    start(opening, "#stderr resumed", project=project.layout.root).outcome()
    assert layout.log.read_text(encoding="utf-8") == "before\nFatal Python error – ü\nresumed\n"


def test_status_written_by_the_worker_itself_is_kept(start: Start, run: tuple[Project, RunLayout]) -> None:
    project, layout = run
    told = RunStatus(state=RunState.FINISHED, step=5)
    runs.write_status(layout, told)
    opening = Started(job="train", pid=1, run=layout.id).line()
    start(opening, STEP, "#signal 9", project=project.layout.root).outcome()
    assert runs.read_status(layout) == told


def test_unknown_run_changes_nothing(start: Start, run: tuple[Project, RunLayout]) -> None:
    project, layout = run
    opening = Started(job="train", pid=1, run="../../elsewhere").line()
    assert start(opening, "#exit 1", project=project.layout.root).outcome().state is RunState.INTERRUPTED
    assert runs.read_status(layout).state is RunState.PENDING


def _logged(worker: Worker, beginning: str) -> str:
    for event in worker.events():
        if isinstance(event, Log) and event.line_text.startswith(beginning):
            return event.line_text
    raise AssertionError(f"nothing logged that begins with {beginning}")


def test_kept_checkpoint_is_known(start: Start) -> None:
    kept = Kept(which="last", step=7).line()
    assert "from step 7" in str(start(STARTED, STEP, kept, "#signal 9").outcome().hint)


def test_worker_outlives_the_thread_that_asked_for_it(start: Start) -> None:
    import threading

    workers: list[Worker] = []
    thread = threading.Thread(target=lambda: workers.append(start(STARTED, flags=("--hold",))))
    thread.start()
    thread.join()
    until(workers[0], Started)
    assert subprocess.run(["/bin/kill", "-0", str(workers[0].pid)], check=False).returncode == 0
    workers[0].stop()
    assert workers[0].outcome().state is RunState.STOPPED
