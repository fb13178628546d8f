"""Numbers as people write them in a cell of a table."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

LARGEST = 1e30
"""Beyond this no model can learn: squares of such numbers overflow where models count."""

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d+,\d+")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


def read(cell: str) -> float | None:
    """Return the number in a cell, with a point or a comma before its decimals; None for anything else.

    Thousands separators are not guessed at: 1,234 would be a thousand for some people and 1.234 for others, and is read
    as the latter. What is too large to be learned is none.
    """
    stripped = cell.strip()
    if _COMMA.fullmatch(stripped):
        stripped = stripped.replace(",", ".")
    if not _PLAIN.fullmatch(stripped):
        return None
    number = float(stripped)
    return number if math.isfinite(number) and abs(number) <= LARGEST else None


def might_be_thousands(cell: str) -> bool:
    """Return whether a cell like 1,234 may mean a thousand where it is read as 1.234."""
    return _EITHER.fullmatch(cell.strip()) is not None


def write(number: float) -> str:
    """Return a number as a cell: six digits that count, no more than a model can know."""
    return f"{number:.6g}"


def for_reading(spread: float) -> Callable[[float], str]:
    """Return what writes numbers that lie `spread` (their standard deviation) apart: to a hundredth of it.

    What an answer says beyond that is chance, and hard to read down a column.
    """
    if not math.isfinite(spread) or spread <= 0:
        return write
    digits = max(0, 2 - math.floor(math.log10(spread)))
    return lambda number: write(round(number, digits) + 0.0) if abs(number) < LARGEST else write(number)
