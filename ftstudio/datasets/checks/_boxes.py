"""The boxes of all rows beside the size of their pictures, as checks look at them."""

from __future__ import annotations

from ftstudio.core import boxes
from ftstudio.core.boxes import Box
from ftstudio.core.specs import ColumnRole
from ftstudio.datasets.checks import Case

Found = tuple[Box, ...]
Size = tuple[int, int]


def of_rows(case: Case) -> list[tuple[Found, Size]]:
    """Return the boxes of every row, none where they cannot be read, and the size of its upright picture in pixels."""
    cells = case.view.column(ColumnRole.LABEL).to_pylist()
    return list(zip(map(_read, cells), case.dataset.picture_sizes(case.view.index), strict=True))


def _read(cell: str | None) -> Found:
    try:
        return boxes.read(cell or "")
    except ValueError:
        return ()
