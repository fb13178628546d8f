"""Saving is tried with a failure and with a kill at every single step: the old content or the new, never a part."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ftstudio.project import atomic
from tests.support.faults import FailingOs, call_sites, kill_at_every_step

OLD, NEW = b"old content", b"new content" * 1000


def only(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "é ü 😀.json"
    atomic.write_bytes(path, OLD)
    atomic.write_bytes(path, NEW)
    assert path.read_bytes() == NEW
    assert only(tmp_path) == [path.name]


def test_json_refuses_what_is_not_json(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    atomic.write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        atomic.write_json(path, {"a": float("nan")})
    assert path.read_text() == '{\n  "a": 1\n}\n'


def test_name_of_255_bytes(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    atomic.write_bytes(path, NEW)
    assert path.read_bytes() == NEW


def test_mode_is_kept_and_new_files_follow_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "a"
    previous = os.umask(0o027)
    try:
        atomic.write_bytes(path, OLD)
    finally:
        os.umask(previous)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o604)
    atomic.write_bytes(path, NEW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_symbolic_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "target", tmp_path / "link"
    target.write_bytes(OLD)
    link.symlink_to(target)
    atomic.write_bytes(link, NEW)
    assert link.is_symlink()
    assert target.read_bytes() == NEW
    assert only(tmp_path / "elsewhere") == ["target"]


@pytest.mark.parametrize("existing", [True, False])
def test_failure_of_every_call_leaves_old_or_new(tmp_path: Path, existing: bool) -> None:
    path = tmp_path / "file"
    failures = 0
    for number in range(1, 100):
        path.unlink(missing_ok=True)
        if existing:
            path.write_bytes(OLD)
        with FailingOs(number) as failing:
            try:
                atomic.write_bytes(path, NEW)
            except OSError:
                failures += 1
        content = path.read_bytes() if path.exists() else None
        assert content in ((OLD if existing else None), NEW), failing.failed_call
        assert only(tmp_path) in (["file"], []), failing.failed_call
        if failing.failed_call is None:
            break
    assert failures >= 6
    assert content == NEW


@pytest.mark.parametrize("existing", [True, False])
def test_failure_of_every_call_while_building_a_folder(tmp_path: Path, existing: bool) -> None:
    target = tmp_path / "folder"
    for number in range(1, 200):
        atomic.remove_folder(target)
        if existing:
            target.mkdir()
            (target / "a").write_bytes(OLD)
        with FailingOs(number) as failing:
            try:
                with atomic.building_folder(target, replace=existing) as building:
                    atomic.write_bytes(building / "a", NEW)
            except OSError:
                pass
        atomic.recover_folder(target)
        content = (target / "a").read_bytes() if target.exists() else None
        assert content in ((OLD if existing else None), NEW), failing.failed_call
        assert only(tmp_path) in (["folder"], []), failing.failed_call
        if failing.failed_call is None:
            break
    assert number > 8
    assert content == NEW


def test_building_refuses_what_exists(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(FileExistsError), atomic.building_folder(target):
        pytest.fail("must not get here")
    assert only(tmp_path) == ["folder"]
    target.rmdir()
    with pytest.raises(FileExistsError), atomic.building_folder(target):
        target.mkdir()
        (target / "theirs").touch()
    assert only(tmp_path) == ["folder"]
    assert only(target) == ["theirs"]


def test_error_in_the_block_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), atomic.building_folder(tmp_path / "folder") as building:
        (building / "a").touch()
        raise ZeroDivisionError
    assert only(tmp_path) == []


def test_temporary_names_tell_their_owner(tmp_path: Path) -> None:
    assert atomic.temporary_owner(atomic.temporary_sibling(tmp_path / "a")) == os.getpid()
    assert atomic.temporary_owner(Path(".tmp-nobody")) is None
    assert atomic.temporary_owner(Path("tmp-12-a")) is None


SWAP = """
from pathlib import Path
from ftstudio.project import atomic
target = Path(FOLDER) / "last"
new = atomic.new_sibling(target)
for name in ("a", "b"):
    (new / name).write_bytes(b"new")
atomic.replace_folder(new, target)
"""


@pytest.mark.parametrize("existing", [True, False])
def test_kill_at_every_step_of_a_swap(tmp_path: Path, existing: bool) -> None:
    def prepare(folder: Path) -> None:
        if existing:
            (folder / "last").mkdir()
            for name in ("a", "b"):
                (folder / "last" / name).write_bytes(b"old")

    def verify(folder: Path, finished: bool) -> None:
        target = folder / "last"
        atomic.recover_folder(target)
        found = {entry.name: entry.read_bytes() for entry in target.iterdir()} if target.exists() else None
        whole = [{"a": content, "b": content} for content in (b"old", b"new")]
        assert found in (whole if existing else [None, whole[1]])
        assert only(folder) in (["last"], [])
        assert not finished or found == whole[1]

    steps = kill_at_every_step(tmp_path, SWAP, prepare, verify)
    assert steps >= 10


SAVE = """
from pathlib import Path
from ftstudio.project import atomic
atomic.write_bytes(Path(FOLDER) / "file", b"new content" * 1000)
"""


def test_kill_at_every_step_of_a_save(tmp_path: Path) -> None:
    def verify(folder: Path, finished: bool) -> None:
        assert (folder / "file").read_bytes() in ((NEW,) if finished else (OLD, NEW))

    steps = kill_at_every_step(tmp_path, SAVE, lambda folder: void((folder / "file").write_bytes, OLD), verify)
    assert steps >= 6


def void(function: Callable[[bytes], int], value: bytes) -> None:
    function(value)


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from ftstudio.project import atomic, disk_errors
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    atomic.write_bytes(Path(sys.argv[1]), b"new" * 10_000)
except OSError as error:
    print(disk_errors.explain(error, "file"))
"""


def test_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    command = [sys.executable, "-c", FULL_DISK, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "There is no room left on the disk for “file”.\n"
    assert path.read_bytes() == OLD
    assert only(tmp_path) == ["file"]


def test_the_fault_harness_sees_every_call(tmp_path: Path) -> None:
    """The loops above mean nothing unless the calls that matter are among those made to fail."""
    seen = call_sites(lambda: atomic.write_bytes(tmp_path / "file", NEW))
    assert seen == ["open", "write", "fsync", "close", "replace", "open", "fsync", "close"]
