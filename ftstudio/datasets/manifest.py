"""The note beside imported data: where it came from, what its columns mean, how it was split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from ftstudio.core.problems import Problem
from ftstudio.core.specs import Answer, ColumnRole, Modality
from ftstudio.datasets.options import ReadOptions

FORMAT_VERSION = 1


class SourceNote(BaseModel):
    """One file or folder that was imported: its name (never a path), its rows and a hash of its content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    reader: str
    rows: int
    is_test: bool = False
    options: ReadOptions = ReadOptions()


def locate(sources: Sequence[SourceNote], place: int) -> tuple[str, int]:
    """Return the name of the source and the row in it, from 1, of a place in the whole table, from 0."""
    for source in sources:
        if place < source.rows:
            return source.name, place + 1
        place -= source.rows
    raise IndexError(place)


class SplitPlan(BaseModel):
    """How the rows were divided, enough to do it again the same way."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 0
    validation: float | None = None
    test: float | None = None


class Manifest(BaseModel):
    """`data/manifest.json`. `labels` and `counts` describe the data as imported, before edits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: int = FORMAT_VERSION
    name: str
    reader: str
    sources: tuple[SourceNote, ...]
    modality: Modality
    task: str
    answer: Answer = Answer.LABEL
    columns: tuple[str, ...]
    roles: dict[ColumnRole, str]
    required: tuple[ColumnRole, ...]
    split: SplitPlan
    rows: int
    labels: tuple[str, ...]
    counts: dict[str, int]
    fingerprint: str
    imported: str
    problems: tuple[Problem, ...] = ()


class Edit(BaseModel):
    """One change to the project's copy of the data; the kinds are found in `datasets.checks`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    params: dict[str, Any] = {}
