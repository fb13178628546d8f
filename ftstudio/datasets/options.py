"""What the user may state about a source, and what an import is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.datasets.recordings import Way


class ReadOptions(BaseModel):
    """How a source is to be read; None means: detect it. After a look every field that applies is filled.

    `quote` is the character around cells, or "" when quotes are ordinary characters; `sheet` the name of a sheet.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    delimiter: str | None = None
    encoding: str | None = None
    header: bool | None = None
    quote: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Shares:
    """The parts of the data that are held back; None lets the size of the data decide."""

    validation: float | None = None
    test: float | None = None


@dataclass(frozen=True)
class ImportPlan:
    """What to import: files or folders, an own test set, the meaning of the columns (empty: guess), the split.

    Rows that are not `for_training` only judge a model: all are test rows, whatever labels they have. `answer` is
    the kind of label that the rows have, where a task can learn several (None: proposed by how they are written).
    `recordings` says how pictures that belong together are told by their names (None: proposed); columns that name a
    group come before it.
    """

    sources: tuple[Path, ...]
    test_sources: tuple[Path, ...] = ()
    roles: Mapping[ColumnRole, str] = field(default_factory=dict)
    options: ReadOptions = field(default_factory=ReadOptions)
    shares: Shares = field(default_factory=Shares)
    seed: int = 0
    for_training: bool = True
    answer: Answer | None = None
    recordings: Way | None = None
