"""The record of a run survives kills, full disks and foreign bytes, and never stops a training."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import psutil

from ftstudio.core.messages import Changed, Kept, Measured, Remark
from ftstudio.core.states import RunState
from ftstudio.core.text import text
from ftstudio.project.journal import Journal, read_events
from tests.support.faults import FailingOs


def point(step: int) -> Measured:
    return Measured(split="train", step=step, epoch=step / 10, seconds=step / 2, values={"loss": 1 / (step + 1)})


EVENTS = [
    Changed(state=RunState.RUNNING),
    point(1),
    Remark(code="overfitting", text=text("Loss is {value} – “ü”", value=0.5), step=1),
    Kept(which="best", step=1, metric="macro_f1", value=0.5),
    Measured(split="validation", step=1, epoch=0.1, seconds=1.0, values={"loss": math.inf}),
]


def record(path: Path, events: list[Measured] | None = None) -> None:
    with Journal(path) as journal:
        for event in EVENTS if events is None else events:
            journal.append(event)


def test_reads_what_was_written(tmp_path: Path) -> None:
    record(tmp_path / "m")
    assert read_events(tmp_path / "m") == EVENTS


def test_missing_record_is_empty(tmp_path: Path) -> None:
    assert read_events(tmp_path / "m") == []


def test_every_torn_end_is_read_up_to_there_and_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "m"
    record(path, [point(1), point(2)])
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole)):
        path.write_bytes(whole[:cut])
        record(path, [point(3)])
        steps = [event.step for event in read_events(path)]
        assert steps in ([1, 3], [1, 2, 3]), cut
        assert steps == [1, 3] or cut == len(whole) - 1


def test_noise_between_lines_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "m"
    record(path, [point(1)])
    with path.open("ab") as file:
        file.write(b"\xff\xfe garbage\n\n{}\n[1]\n" + b"x" * 100_000 + b'\n{"kind":"measured"}\n')
    record(path, [point(2)])
    assert [event.step for event in read_events(path)] == [1, 2]


def test_append_reaches_the_file_at_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "m")
    journal.append(point(1))
    assert len(read_events(tmp_path / "m")) == 1
    journal.close()
    journal.append(point(2))
    assert len(read_events(tmp_path / "m")) == 1


def test_failure_of_every_call_is_told_once_and_never_raised(tmp_path: Path) -> None:
    for number in range(1, 60):
        told: list[OSError] = []
        path = tmp_path / f"m{number}"
        with FailingOs(number) as failing:
            journal = Journal(path, told.append)
            for step in range(5):
                journal.append(point(step))
            if failing.failed_call and not failing.failed_call.startswith("close"):
                assert len(told) <= 1
            journal.close()
        assert len(told) == (failing.failed_call is not None)
        assert [event.step for event in read_events(path)] == list(range(len(read_events(path))))
        if failing.failed_call is None:
            break
    assert number > 5


def test_unwritable_folder_is_told(tmp_path: Path) -> None:
    told: list[OSError] = []
    record_into = Journal(tmp_path / "no" / "m", told.append)
    record_into.append(point(1))
    record_into.close()
    assert len(told) == 1


FULL = """
import resource, signal, sys
from pathlib import Path
from ftstudio.core.messages import Measured
from ftstudio.project.journal import Journal, read_events
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
told = []
journal = Journal(Path(sys.argv[1]), told.append)
for step in range(100):
    journal.append(Measured(split="train", step=step, epoch=0, seconds=0, values={"loss": 1}))
journal.close()
print(len(told), len(read_events(Path(sys.argv[1]))))
"""


def test_full_disk_keeps_what_came_before(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL, str(tmp_path / "m")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told, kept = done.stdout.split()
    assert told == "1"
    assert 5 <= int(kept) < 100


def test_resume_forgets_what_it_will_measure_again(tmp_path: Path) -> None:
    path = tmp_path / "m"
    record(path, [point(step) for step in range(1, 8)])
    with Journal(path) as journal:
        journal.drop_after(4)
        journal.append(point(5))
        assert [event.step for event in read_events(path)] == [1, 2, 3, 4, 5]
        written = path.stat().st_ino
        journal.drop_after(5)
        assert path.stat().st_ino == written, "nothing to forget, nothing rewritten"
        journal.append(point(6))
    assert [event.step for event in read_events(path)] == [1, 2, 3, 4, 5, 6]


def test_failure_of_every_call_while_forgetting(tmp_path: Path) -> None:
    for number in range(1, 60):
        path, told = tmp_path / f"m{number}", list[OSError]()
        record(path, [point(step) for step in range(1, 8)])
        journal = Journal(path, told.append)
        with FailingOs(number) as failing:
            journal.drop_after(4)
            journal.append(point(5))
        journal.close()
        steps = [event.step for event in read_events(path)]
        assert steps[:4] == [1, 2, 3, 4], failing.failed_call
        if failing.failed_call is None:
            assert steps == [1, 2, 3, 4, 5]
            break
    assert number > 8


def test_no_descriptor_is_leaked(tmp_path: Path) -> None:
    before = psutil.Process().num_fds()
    for number in range(20):
        record(tmp_path / f"m{number}", [point(1)])
    assert psutil.Process().num_fds() == before
