"""What a user notes with a run: another name, a star, words of their own. Nothing here changes what was asked for.

A small file of the run, `notes.json`, because a run that has ended is not to be written otherwise. Reading forgives:
notes that are missing or damaged are empty, and fields that a newer program wrote are kept when older ones write.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from ftstudio.project import atomic, disk_errors, strict_json
from ftstudio.project.layout import RunLayout

FORMAT_VERSION = 1
LONGEST_NAME = 200
LONGEST_NOTES = 20_000
_LARGEST = 1_000_000


class RunNotes(BaseModel):
    """The notes of one run; an empty `name` means the name it was asked for with."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    format_version: int = FORMAT_VERSION
    name: str = ""
    star: bool = False
    notes: str = ""

    @field_validator("name")
    @classmethod
    def _one_line(cls, name: str) -> str:
        return " ".join(name.split())[:LONGEST_NAME]

    @field_validator("notes")
    @classmethod
    def _not_endless(cls, notes: str) -> str:
        return notes[:LONGEST_NOTES]

    def changed(self, **fields: Any) -> RunNotes:
        """Return these notes with other values of some fields, held against the same rules."""
        return RunNotes.model_validate({**self.model_dump(), **fields})


NO_NOTES = RunNotes()


def read_notes(run: RunLayout) -> RunNotes:
    """Return the notes of a run; empty ones if there are none or they cannot be read. Never raises."""
    try:
        return RunNotes.model_validate_json(strict_json.read_start(run.notes, _LARGEST))
    except (OSError, ValidationError):
        return NO_NOTES


def write_notes(run: RunLayout, notes: RunNotes) -> None:
    """Store the notes of a run; raises `StudioError` if they cannot be written (the old ones stay)."""
    try:
        atomic.write_text(run.notes, notes.model_dump_json(indent=2) + "\n")
    except OSError as error:
        raise disk_errors.explain(error, run.notes) from error
