"""How a run's model decides is stored beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core.errors import InputError, StudioError
from ftstudio.project.decisions import Decision, read_decision, write_decision
from ftstudio.project.layout import RunLayout


def test_a_run_without_the_file_decides_as_it_was_trained(tmp_path: Path) -> None:
    assert read_decision(RunLayout(tmp_path)) == Decision()


def test_what_was_written_is_read(tmp_path: Path) -> None:
    chosen = Decision(
        temperature=1.62, dont_know_below=0.7, positive="spam", threshold=0.3, chosen="2026-01-01T00:00:00+00:00"
    )
    write_decision(RunLayout(tmp_path), chosen)

    assert read_decision(RunLayout(tmp_path)) == chosen


@pytest.mark.parametrize("content", ["", "{", "[]", '{"temperature": 0}', '{"temperature": 1, "other": 2}', "nonsense"])
def test_a_damaged_file_is_named_and_stops(tmp_path: Path, content: str) -> None:
    (tmp_path / "decision.json").write_text(content)

    with pytest.raises(InputError) as told:
        read_decision(RunLayout(tmp_path))
    assert told.value.where.file == str(tmp_path / "decision.json")


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(StudioError):
        write_decision(RunLayout(tmp_path / "gone"), Decision())
