"""Pictures that break while a run goes on: each is left out from then on and told once, so that the run survives.

A disk may lose a file, or a program may write over one, after the data was checked. A few of many must not cost the
hours that were learned; many together mean that something else is wrong, and then a run on the rest would mislead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ftstudio.core.errors import StudioError
from ftstudio.core.messages import Remark
from ftstudio.core.text import text

MOST = 0.1
"""Of all rows of a run; with more broken ones it ends."""
MOST_TOLD = 10
"""Pictures that are named one by one; the report counts all."""


class BrokenPicturesError(StudioError):
    """So many pictures cannot be read any more that a run must not go on."""


@dataclass
class LeftOut:
    """What one run left out: files by name. `rows` is how many pictures the run began with; `tell` is told."""

    tell: Callable[[Remark], None]
    rows: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, name: str, error: StudioError) -> None:
        """Take note of a picture that cannot be read; raises `BrokenPicturesError` when they have become too many."""
        self.names.append(name)
        if len(self.names) > MOST * self.rows:
            raise BrokenPicturesError(
                text(
                    "{count} of {rows} pictures cannot be read any more, the last of them “{name}”.",
                    count=len(self.names),
                    rows=self.rows,
                    name=name,
                ),
                text(
                    "A disk may be failing, or another program may have changed the files. Put them back, then resume "
                    "the run from its last checkpoint, which is kept; or import the data again."
                ),
                file=name,
            )
        if len(self.names) <= MOST_TOLD:
            told = text(
                "{sentence}. The run goes on without it. Put the file back, or import the data again, before the next "
                "run.",
                sentence=error.message,
            )
            self.tell(Remark(severity="warning", code="picture_left_out", text=told))


def refuse_empty(rows: int) -> None:
    """Raise `BrokenPicturesError`: none of the `rows` pictures of a batch can be read."""
    raise BrokenPicturesError(
        text("None of the {count} pictures of a batch can be read any more.", count=rows),
        text(
            "A disk may be failing, or another program may have changed the files. Put them back, then resume the run "
            "from its last checkpoint, which is kept; or import the data again."
        ),
    )
