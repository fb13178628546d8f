"""The real worker process, with jobs that misbehave in every way: the wire stays clean and the end is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from ftstudio.core.messages import (
    Ask,
    Event,
    Failed,
    Finished,
    Heartbeat,
    Log,
    Measured,
    Pause,
    Remark,
    Request,
    Resume,
    Started,
    parse_event,
)
from ftstudio.core.states import RunState
from ftstudio.supervisor.process import Worker

ROOT = Path(__file__).parent.parent.parent
SCRIPT = "tests.support.worker_with_jobs"
COMMAND = [sys.executable, "-m", SCRIPT]

Start = Callable[..., Worker]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    workers: list[Worker] = []

    def started(job: str, **options: Any) -> Worker:
        workers.append(Worker(command=COMMAND))
        workers[-1].start(Request(job=job, options=options))
        return workers[-1]

    yield started
    for worker in workers:
        worker.kill()
        worker.wait(10)


def until(worker: Worker, wanted: type[Event]) -> Event:
    return next(event for event in worker.events() if isinstance(event, wanted))


def bare(stdin: bytes) -> tuple[int, list[Event | None], str]:
    """Run a worker without a supervisor; return exit code, what each line of its stdout parses to, and stderr."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(COMMAND, input=stdin, capture_output=True, check=False, env=environment, timeout=60)
    events = [parse_event(line) for line in done.stdout.splitlines()]
    return done.returncode, events, done.stderr.decode()


def test_request_goes_in_and_document_comes_out(start: Start) -> None:
    worker = start("echo", HF_HUB_OFFLINE="", TRANSFORMERS_OFFLINE="", TOKENIZERS_PARALLELISM="")
    outcome = worker.outcome()
    assert outcome.state is RunState.FINISHED
    assert outcome.document is not None
    assert outcome.document["environment"] == {
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


def test_nothing_but_events_on_stdout() -> None:
    code, events, log = bare(Request(job="noise").line().encode() + b"\n")
    assert code == 0
    assert None not in events
    finished = [event for event in events if isinstance(event, Finished)]
    assert [event.document for event in finished] == [{"read": "", "zero": 0}]
    for said in ("a stray print", "without a line end", "from below", "from C", "from a child"):
        assert said in log


def test_network_is_refused_counted_and_reported(start: Start) -> None:
    worker = start("network")
    events = list(worker.events())
    assert worker.outcome().document == {"refused": 6, "inside": "inside"}
    remarks = [event for event in events if isinstance(event, Remark)]
    assert {event.code for event in remarks} == {"network_refused"}
    assert 1 <= len(remarks) <= 5
    assert sum(isinstance(event, Log) and "refused network" in event.line_text for event in events) == 6


@pytest.mark.parametrize(
    ("job", "code", "says"),
    [
        ("bad_input", 2, "Row 3 is bad."),
        ("bad_luck", 1, "The disk broke."),
        ("bug", 1, "Something went wrong inside the program: ZeroDivisionError: division by zero"),
        ("no_memory", 1, "There was not enough memory."),
        ("leaves", 1, "Something went wrong inside the program: SystemExit: a library gave up"),
    ],
)
def test_error_is_told_with_its_exit_code(job: str, code: int, says: str) -> None:
    found, events, log = bare(Request(job=job).line().encode() + b"\n")
    assert found == code
    last = [event for event in events if isinstance(event, Failed)]
    assert [str(event.error.message) for event in last] == [says]
    assert last[0].error.hint is not None
    assert ("Traceback" in log) is (job != "bad_input")


def test_place_of_a_mistake_travels(start: Start) -> None:
    error = start("bad_input").outcome().error
    assert error is not None
    assert (error.where.file, error.where.row, error.exit_code) == ("a.csv", 3, 2)


def test_crash_leaves_a_trace_of_all_threads(start: Start) -> None:
    outcome = start("segfault").outcome()
    assert "crashed" in str(outcome.message)
    assert "Fatal Python error: Segmentation fault" in outcome.details
    assert "in segfault" in outcome.details


@pytest.mark.parametrize(
    "stdin", [b"", b"\n\n", b"garbage\n{}\n", b'{"kind":"stop"}\n', b"\xff\xfe\n", b'{"kind":"req']
)
def test_without_a_request_it_says_so(stdin: bytes) -> None:
    code, events, _ = bare(stdin)
    assert code == 2
    assert "without a request" in str(next(event for event in events if isinstance(event, Failed)).error.message)


def test_broken_commands_are_logged(start: Start) -> None:
    worker = start("works")
    until(worker, Measured)
    process = worker._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.write(b'garbage\n{"kind":"nope"}\n\n' + b"y" * 5_000_000 + b"\n")
    worker.stop()
    logged = [event.line_text for event in worker.events() if isinstance(event, Log)]
    assert sum(line.startswith("not a command") for line in logged) == 3
    assert worker.outcome().state is RunState.STOPPED


def test_stop_pause_and_questions(start: Start) -> None:
    worker = start("works")
    until(worker, Measured)
    assert worker.send(Pause())
    assert worker.send(Resume())
    until(worker, Measured)
    worker.stop()
    assert worker.outcome().state is RunState.STOPPED
    asked = start("answers")
    until(asked, Started)
    asked.send(Ask(number=4, question={"text": "good"}))
    assert asked.outcome().document == {"number": 4, "question": {"text": "good"}}


def test_cancelled_job_is_stopped(start: Start) -> None:
    worker = start("cancels")
    until(worker, Started)
    worker.stop()
    outcome = worker.outcome()
    assert outcome.state is RunState.STOPPED
    assert "Nothing was changed" in str(outcome.message)


def test_heartbeat_tells_memory(start: Start) -> None:
    worker = start("works")
    beat = until(worker, Heartbeat)
    assert isinstance(beat, Heartbeat)
    assert beat.memory_bytes > 5_000_000
    assert beat.network_attempts == 0
    worker.stop()
    worker.outcome()


def test_superseded_progress_is_merged() -> None:
    code, events, _ = bare(Request(job="chatty").line().encode() + b"\n")
    assert code == 0
    assert isinstance(events[-1], Finished)
    assert len(events) < 150_000, "200 000 were emitted, faster than they can be written"


def test_worker_that_was_held_by_the_system_goes_on(start: Start) -> None:
    worker = start("works")
    first = until(worker, Measured)
    assert isinstance(first, Measured)
    assert worker.pid is not None
    process = psutil.Process(worker.pid)
    process.suspend()
    assert not worker.seems_hung
    process.resume()
    until(worker, Measured)
    worker.stop()
    assert worker.outcome().state is RunState.STOPPED


def test_sigterm_is_a_wish_to_stop(start: Start) -> None:
    worker = start("works")
    until(worker, Measured)
    assert worker.pid is not None
    psutil.Process(worker.pid).terminate()
    assert worker.outcome().state is RunState.STOPPED


WINDOW = """
import sys, json
from ftstudio.core.messages import Request, Started
from ftstudio.supervisor.process import Worker
worker = Worker(command=json.loads(sys.argv[1]))
worker.start(Request(job=sys.argv[2]))
for event in worker.events():
    if isinstance(event, Started):
        print(worker.pid, flush=True)
"""


@pytest.mark.parametrize("held_stdin", [False, True])
def test_worker_ends_when_its_window_is_killed(tmp_path: Path, held_stdin: bool) -> None:
    """Also when another process still holds the wire's other end, so that only the signal can tell."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "-c", WINDOW, json.dumps(COMMAND), "works"]
    window = subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment, text=True)
    assert window.stdout is not None
    worker = psutil.Process(int(window.stdout.readline()))
    holder = None
    if held_stdin:
        held = Path(f"/proc/{worker.pid}/fd")
        pipe = next(entry for entry in held.iterdir() if _is_command_pipe(entry, window.pid))
        holder = pipe.open("wb")
    window.kill()
    window.wait()
    window.stdout.close()
    worker.wait(timeout=15)
    assert not worker.is_running()
    if holder is not None:
        holder.close()


def _is_command_pipe(entry: Path, window: int) -> bool:
    """Whether a descriptor of the worker is the reading end of the pipe that its window writes commands to."""
    name = str(entry.readlink())
    if not name.startswith("pipe:"):
        return False
    ends = [end for end in Path(f"/proc/{window}/fd").iterdir() if os.path.lexists(end) and str(end.readlink()) == name]
    return any(int(_flags(end)) & os.O_ACCMODE == os.O_WRONLY for end in ends)


def _flags(descriptor: Path) -> int:
    info = Path(str(descriptor).replace("/fd/", "/fdinfo/")).read_text()
    return int(info.split("flags:")[1].split()[0], 8)


DEADLINE = """
import time
from ftstudio.worker.lifeline import Deadline
deadline = Deadline(lambda: print("asked", flush=True), grace=0.05)
deadline.start()
deadline.start()
time.sleep(60)
"""


def test_a_job_that_does_not_stop_is_ended() -> None:
    done = subprocess.run([sys.executable, "-c", DEADLINE], capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stdout) == (70, "asked\n")


def test_only_the_first_of_several_processes_talks() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RANK": "1", "WORLD_SIZE": "2"}
    line = Request(job="echo").line().encode() + b"\n"
    done = subprocess.run(COMMAND, input=line, capture_output=True, check=False, env=environment, timeout=60)
    assert (done.returncode, done.stdout) == (0, b"")


def test_real_entry_serves_the_real_catalogue() -> None:
    worker = Worker()
    worker.start(Request(job="no such job"))
    outcome = worker.outcome()
    assert outcome.state is RunState.FAILED
    assert "train" in str(outcome.hint)


def test_entry_is_light() -> None:
    """The worker answers and beats before any heavy library is imported."""
    code = "import sys, ftstudio.worker.main; print([m for m in ('torch', 'PySide6', 'pyarrow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
