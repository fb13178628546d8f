"""A typed name gets its ending, and never becomes that of a file that the dialog did not ask about."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core.errors import InputError
from ftstudio.gui.save_names import with_ending


def test_the_ending_is_added_and_nothing_is_cut_off(tmp_path: Path) -> None:
    assert with_ending(tmp_path / "runs", ".csv") == tmp_path / "runs.csv"
    assert with_ending(tmp_path / "runs v1.2", ".csv") == tmp_path / "runs v1.2.csv"
    assert with_ending(tmp_path / "RUNS.CSV", ".csv") == tmp_path / "RUNS.CSV"


def test_a_file_that_nobody_asked_about_stays(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        with_ending(tmp_path / "runs", ".csv")
    assert with_ending(tmp_path / "runs.csv", ".csv").read_text() == "mine"  # the dialog itself asked
