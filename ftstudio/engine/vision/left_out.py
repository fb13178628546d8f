"""Pictures that break while a run goes on: each is left out from then on and told once, so that the run survives.

A disk may lose a file, or a program may write over one, after the data was checked. A few of many must not cost the
hours that were learned; many together mean that something else is wrong, and then a run on the rest would mislead.
Several processes of one run read different pictures, or the same at different moments: they agree after each reading
on what is left out, so that all learn from the same rows and score the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from accelerate import Accelerator
from numpy.typing import NDArray

from ftstudio.core.errors import StudioError
from ftstudio.core.messages import Remark
from ftstudio.core.text import Text, text
from ftstudio.engine.learning import exchange

MOST = 0.1
"""Of all rows of a run; with more broken ones it ends."""
MOST_TOLD = 10
"""Pictures that are named one by one; the report counts all."""


class BrokenPicturesError(StudioError):
    """So many pictures cannot be read any more that a run must not go on."""


class Readable(Protocol):
    """Rows of which each is a picture."""

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def leave_out(self, row: int) -> bool:
        """Learn from a row no more and score it no more; False where that was so already."""
        ...


class Broken(NamedTuple):
    """A picture that cannot be read: in which of the entered rows, which of them, its file's name, and why."""

    entered: int
    row: int
    name: str
    why: Text


@dataclass
class LeftOut:
    """What one run left out: files by name. `rows` is how many pictures the run began with; `tell` is told.

    `several` are the processes of the run, where it has more than one: they `agree` at the same places of the program.
    """

    tell: Callable[[Remark], None]
    rows: int = 0
    names: list[str] = field(default_factory=list)
    several: Accelerator | None = None
    _entered: list[Readable] = field(default_factory=list)
    _news: list[Broken] = field(default_factory=list)

    def enter(self, pictures: Readable) -> int:
        """Take in rows that may break, the same ones in all processes; returns their number for `Broken`."""
        self.rows += len(pictures)
        self._entered.append(pictures)
        return len(self._entered) - 1

    def add(self, found: Broken) -> None:
        """Take note of a picture that cannot be read and is left out.

        Raises `BrokenPicturesError` when they have become too many; several processes do so together, in `agree`.
        """
        self._note(found)
        if self.several is None:
            self._refuse_many()
        else:
            self._news.append(found)

    def share(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return those of the rows of a batch that this process computes (`learning.batching.BatchPlan`)."""
        return rows if self.several is None else rows[self.several.process_index :: self.several.num_processes]

    def agree(self) -> bool:
        """Leave out here what another process could not read; whether there was news in any of them.

        Raises `BrokenPicturesError` in all of them when they have become too many.
        """
        if self.several is None or not self._entered or not exchange.anywhere(bool(self._news), self.several):
            return False
        everywhere = exchange.gathered(self._news, self.several)
        self._news = []
        for one in everywhere:
            if self._entered[one.entered].leave_out(one.row):
                self._note(one)
        self._refuse_many()
        return True

    def alone(self) -> None:
        """Ask the other processes no more: they have ended."""
        self.several = None

    def _note(self, found: Broken) -> None:
        self.names.append(found.name)
        if len(self.names) <= MOST_TOLD:
            told = text(
                "{sentence}. The run goes on without it. Put the file back, or import the data again, before the next "
                "run.",
                sentence=found.why,
            )
            self.tell(Remark(severity="warning", code="picture_left_out", text=told))

    def _refuse_many(self) -> None:
        if len(self.names) <= MOST * self.rows:
            return
        raise BrokenPicturesError(
            text(
                "{count} of {rows} pictures cannot be read any more, the last of them “{name}”.",
                count=len(self.names),
                rows=self.rows,
                name=self.names[-1],
            ),
            text(
                "A disk may be failing, or another program may have changed the files. Put them back, then resume "
                "the run from its last checkpoint, which is kept; or import the data again."
            ),
            file=self.names[-1],
        )


def refuse_empty(rows: int) -> None:
    """Raise `BrokenPicturesError`: none of the `rows` pictures of a batch can be read."""
    raise BrokenPicturesError(
        text("None of the {count} pictures of a batch can be read any more.", count=rows),
        text(
            "A disk may be failing, or another program may have changed the files. Put them back, then resume the run "
            "from its last checkpoint, which is kept; or import the data again."
        ),
    )
