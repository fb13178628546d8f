"""Aligned text for a terminal: tables whose numbers line up at the right, and label/value lists."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import zip_longest

GAP = "  "
LONGEST_CELL = 200  # one label of a whole paragraph must not make every line of a table as long


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Return the lines of a table; `right` holds the numbers of the columns that are aligned at the right."""
    cells = [[_one_line(cell) for cell in row] for row in [headers, *rows]]
    widths = [max(map(width, column)) for column in zip_longest(*cells, fillvalue="")]
    rule = [["─" * size for size in widths]]
    return [_line(row, widths, right) for row in [*cells[:1], *rule, *cells[1:]]]


def pairs(items: Sequence[tuple[str, str]]) -> list[str]:
    """Return `label  value` lines with the values below each other; empty values are left out."""
    shown = [(label, value) for label, value in items if value]
    size = max((width(label) for label, _ in shown), default=0)
    return [f"{_padded(label, size, at_right=False)}{GAP}{value}" for label, value in shown]


def width(written: str) -> int:
    """Return how many cells of a terminal `written` takes."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in written
    )


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> str:
    padded = (
        _padded(cell, size, number in right) for number, (cell, size) in enumerate(zip(cells, widths, strict=False))
    )
    return GAP.join(padded).rstrip()


def _padded(written: str, size: int, at_right: bool) -> str:
    space = " " * (size - width(written))
    return space + written if at_right else written + space


def _one_line(written: str) -> str:
    """Return `written`, cut if endless, without line ends and control characters, which play tricks on a terminal."""
    written = written if len(written) <= LONGEST_CELL else f"{written[: LONGEST_CELL - 1]}…"
    return "".join(letter if letter.isprintable() else " " for letter in written)
