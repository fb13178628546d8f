"""Names, stars and notes of runs: kept beside what was asked for, which they never change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ftstudio.core.errors import StudioError
from ftstudio.core.states import RunState
from ftstudio.project import runs
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.run_notes import LONGEST_NAME, NO_NOTES, RunNotes, read_notes, write_notes
from tests.project.test_runs import made
from tests.support.faults import FailingOs


@pytest.fixture
def run(tmp_path: Path) -> RunLayout:
    return made(ProjectLayout(tmp_path), "as asked", state=RunState.FINISHED)


def test_a_name_changes_what_is_shown_and_not_what_was_asked(run: RunLayout) -> None:
    before = run.request.read_bytes()
    write_notes(run, RunNotes(name="mine", star=True, notes="two\nlines"))

    listed = runs.summarise(run)

    assert (listed.name, listed.notes.star, listed.notes.notes) == ("mine", True, "two\nlines")
    assert listed.request is not None and listed.request.name == "as asked"
    assert run.request.read_bytes() == before


def test_an_empty_name_is_the_one_asked_for(run: RunLayout) -> None:
    write_notes(run, RunNotes(name="mine"))
    write_notes(run, read_notes(run).changed(name="   "))

    assert runs.summarise(run).name == "as asked"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"star": "yes"}', '{"name": 3}', "\x00\xff", '{"notes": null}'])
def test_damaged_notes_are_no_notes_and_do_no_harm(run: RunLayout, content: str) -> None:
    run.notes.write_text(content, encoding="latin-1")

    assert read_notes(run) == NO_NOTES
    assert runs.summarise(run).status.state is RunState.FINISHED


def test_what_a_newer_program_wrote_is_kept(run: RunLayout) -> None:
    run.notes.write_text('{"format_version": 7, "star": true, "colour": "blue"}', encoding="utf-8")

    write_notes(run, read_notes(run).changed(notes="seen"))

    stored = json.loads(run.notes.read_text(encoding="utf-8"))
    assert stored == {"format_version": 7, "star": True, "colour": "blue", "name": "", "notes": "seen"}


def test_a_name_is_one_short_line(run: RunLayout) -> None:
    notes = NO_NOTES.changed(name="a\nb\t" + "c" * 1000)

    assert notes.name.startswith("a b ccc")
    assert len(notes.name) == LONGEST_NAME


def test_a_full_disk_keeps_the_old_notes(run: RunLayout) -> None:
    write_notes(run, RunNotes(notes="old"))
    for number in range(1, 30):
        with FailingOs(number) as failing:
            try:
                write_notes(run, RunNotes(notes="new"))
            except StudioError:
                assert failing.failed_call is not None
        assert read_notes(run).notes in ("old", "new")
        if failing.failed_call is None:
            break
    assert read_notes(run).notes == "new"


def test_a_broken_run_can_be_noted(run: RunLayout) -> None:
    run.request.unlink()
    write_notes(run, RunNotes(name="broken one"))

    listed = runs.summarise(run)

    assert (listed.name, listed.status.state) == ("broken one", RunState.FAILED)
