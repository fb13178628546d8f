"""What a killed process left where the user writes goes with the next write there, and nothing else does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ftstudio.project import atomic, leftovers

BUILD = """
import os, signal, sys
from pathlib import Path
from ftstudio.project import atomic
with atomic.building_file(Path(sys.argv[1]) / "answers.csv") as path:
    path.write_text("half")
    with atomic.building_folder(Path(sys.argv[1]) / "export") as folder:
        (folder / "weights").write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def killed(tmp_path: Path) -> list[Path]:
    """Return the file and the folder that a process left which was killed as it wrote them."""
    done = subprocess.run([sys.executable, "-c", BUILD, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    left = list(tmp_path.iterdir())
    assert len(left) == 2
    return left


@pytest.mark.usefixtures("killed")
def test_they_go(tmp_path: Path) -> None:
    leftovers.sweep(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_what_is_not_ours_or_under_work_stays(tmp_path: Path, killed: list[Path]) -> None:
    parts = killed[0].name.split("-")
    kept = {
        ".tmp-notes",
        ".tmp-123-mine",
        f".tmp-{os.getpid()}-{'-'.join(parts[2:])}",  # this process lives
        "-".join((*parts[:3], "00000000", parts[4])),  # of another computer
        "letters.csv",
    }
    for name in kept:
        (tmp_path / name).touch()
    leftovers.sweep(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == kept


def test_a_folder_that_is_not_there_is_nothing_to_sweep(tmp_path: Path) -> None:
    leftovers.sweep(tmp_path / "gone")


def test_names_are_told_from_others_and_carry_their_process(tmp_path: Path) -> None:
    made = atomic.temporary_sibling(tmp_path / "a")

    assert atomic.is_temporary_here(made)
    assert atomic.temporary_owner(made) == os.getpid()
