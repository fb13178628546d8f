"""Two windows never write one project; a lock whose owner is gone never keeps anybody out."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from ftstudio.core.errors import InputError
from ftstudio.project import lock, processes
from ftstudio.project.lock import LockedError
from ftstudio.project.store import Project, create_project, open_project
from tests.support.faults import FailingOs

HOLD = """
import sys
from pathlib import Path
from ftstudio.project.store import open_project
project = open_project(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with create_project(tmp_path / "project", "A", "text-classification") as made:
        return made.layout.root


@pytest.fixture
def other_window(root: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def write_lock(root: Path, **changes: Any) -> None:
    pid, _ = processes.this_process()
    status = root.stat()
    content = {
        "pid": psutil.Process(pid).ppid(),
        "host": socket.gethostname(),
        "started": psutil.Process(psutil.Process(pid).ppid()).create_time(),
        "folder": f"{status.st_dev}:{status.st_ino}",
    }
    (root / ".lock").write_text(json.dumps(content | changes), encoding="utf-8")


def can_write(root: Path) -> bool:
    try:
        with open_project(root):
            return True
    except LockedError:
        return False


def test_second_window_is_refused_for_writing(root: Path, other_window: subprocess.Popen[str]) -> None:
    with pytest.raises(LockedError, match=str(other_window.pid)) as caught:
        open_project(root)
    assert isinstance(caught.value, InputError)
    assert open_project(root, write=False).name == "A"
    holder = lock.holder(root / ".lock")
    assert holder is not None
    assert holder["pid"] == other_window.pid


def test_killed_window_frees_the_project(root: Path, other_window: subprocess.Popen[str]) -> None:
    other_window.kill()
    other_window.wait()
    assert (root / ".lock").exists()
    assert lock.holder(root / ".lock") is None
    assert can_write(root)


def test_closing_frees_the_project(root: Path) -> None:
    project = open_project(root)
    assert (root / ".lock").exists()
    project.close()
    project.close()
    assert not (root / ".lock").exists()


def test_lock_of_a_living_process_holds(root: Path) -> None:
    write_lock(root)
    assert not can_write(root)


@pytest.mark.parametrize(
    "changes",
    [{"pid": 2**22 + 5}, {"pid": -1}, {"pid": "x"}, {"started": 1.0}, {"folder": "1:2"}],
    ids=["dead", "negative", "no number", "same id but started at another time", "copied from another folder"],
)
def test_stale_lock_is_taken_over(root: Path, changes: dict[str, Any]) -> None:
    write_lock(root, **changes)
    assert can_write(root)


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"', "\x00\x01"])
def test_damaged_lock_is_taken_over(root: Path, content: str) -> None:
    (root / ".lock").write_text(content)
    assert can_write(root)


def test_lock_of_another_computer_holds_and_says_how_to_go_on(root: Path) -> None:
    write_lock(root, host="elsewhere", pid=1)
    with pytest.raises(LockedError, match="elsewhere") as caught:
        open_project(root)
    assert ".lock" in str(caught.value.hint)


def test_lock_named_by_a_recycled_own_id_is_taken_over(root: Path) -> None:
    pid, started = processes.this_process()
    write_lock(root, pid=pid, started=started)
    assert can_write(root)


def test_one_process_shares_its_lock(root: Path) -> None:
    first, second = open_project(root), open_project(root)
    first.close()
    assert (root / ".lock").exists()
    second.save(second.file.model_copy(update={"notes": "still mine"}))
    second.close()
    assert not (root / ".lock").exists()


def test_closing_leaves_a_lock_that_another_took(root: Path) -> None:
    project = open_project(root)
    write_lock(root)
    project.close()
    assert (root / ".lock").exists()


def test_works_without_hard_links(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("os.link", no_links)
    project = open_project(root)
    assert lock.holder(root / ".lock") is not None
    project.close()
    write_lock(root)
    assert not can_write(root)


def test_failure_of_every_call_leaves_no_lock_behind(root: Path) -> None:
    for number in range(1, 60):
        project: Project | None = None
        with FailingOs(number) as failing:
            try:
                project = open_project(root)
            except InputError:
                assert failing.failed_call is not None
        if project is not None:
            project.close()
        assert can_write(root), failing.failed_call
        left = list(root.glob(".tmp-*"))
        for path in left:
            path.unlink()
        assert not left or str(failing.failed_call).startswith("unlink"), failing.failed_call
        if failing.failed_call is None:
            break
    assert number > 4


RACE = """
import sys
from pathlib import Path
from ftstudio.project.lock import LockedError
from ftstudio.project.store import open_project
sys.stdin.readline()
try:
    project = open_project(Path(sys.argv[1]))
    print("won", flush=True)
except LockedError:
    print("lost", flush=True)
sys.stdin.read()
"""


def test_only_one_of_many_takes_over_a_stale_lock(root: Path) -> None:
    write_lock(root, started=1.0)
    command = [sys.executable, "-c", RACE, str(root)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    racers = [subprocess.Popen(command, **pipes) for _ in range(5)]  # type: ignore[call-overload]
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    results = [racer.stdout.readline().strip() for racer in racers]
    for racer in racers:
        racer.communicate()
    assert sorted(results) == ["lost"] * 4 + ["won"]
