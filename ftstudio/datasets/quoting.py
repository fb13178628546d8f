"""Where the quoted cells of a block of a delimited file begin and end.

Needed because a CSV parser takes everything after a quote that is never closed as one cell, in silence.
Well-formed blocks are checked with numpy; only odd ones are walked quote by quote.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_LINE_ENDS = (10, 13)


@dataclass(frozen=True)
class Quotes:
    """Offsets of the quotes that open and close cells; `unclosed` opens a cell that the block does not close.

    `broken` is where a cell opens in which a quote is followed by more text, or None.
    """

    opens: npt.NDArray[np.int64]
    closes: npt.NDArray[np.int64]
    unclosed: int | None = None
    broken: int | None = None

    def inside(self, offset: int) -> int | None:
        """Return where the quoted cell that covers `offset` opens, or None."""
        if self.unclosed is not None and offset >= self.unclosed:
            return self.unclosed
        index = int(np.searchsorted(self.opens, offset, side="right")) - 1
        return int(self.opens[index]) if index >= 0 and offset < self.closes[index] else None


_NONE = np.zeros(0, dtype=np.int64)


def find_quotes(block: bytes, delimiter: str, quote: str = '"') -> Quotes:
    """Find the quoted cells of a block that begins at the start of a row."""
    if not quote or quote.encode() not in block:
        return Quotes(_NONE, _NONE)
    data = np.frombuffer(block, np.uint8)
    places = np.flatnonzero(data == ord(quote))
    opens, closes = places[0::2], places[1::2]
    unclosed = None
    if len(opens) > len(closes):
        unclosed, opens = int(opens[-1]), opens[:-1]
    starts = np.append(opens, unclosed) if unclosed is not None else opens
    if _well_formed(data, starts, closes, ord(delimiter)):
        return Quotes(opens, closes, unclosed)
    return _walk(block, places, ord(delimiter))


def _well_formed(
    data: npt.NDArray[np.uint8], opens: npt.NDArray[np.int64], closes: npt.NDArray[np.int64], delimiter: int
) -> bool:
    """Check that every opening quote begins a cell (or doubles a quote) and every closing one ends it."""
    borders = np.zeros(256, dtype=bool)
    borders[[*_LINE_ENDS, delimiter]] = True
    starts_cell = borders[data[np.maximum(opens - 1, 0)]]
    starts_cell |= opens == 0
    starts_cell[1:] |= opens[1:] == closes[: len(opens) - 1] + 1
    if not starts_cell.all():
        return False
    ends_cell = borders[data[np.minimum(closes + 1, len(data) - 1)]]
    ends_cell |= closes == len(data) - 1
    ends_cell[: len(opens) - 1] |= (opens[1:] == closes[: len(opens) - 1] + 1)[: len(ends_cell)]
    return bool(ends_cell.all())


def _walk(block: bytes, places: npt.NDArray[np.int64], delimiter: int) -> Quotes:
    """Follow the quotes one by one, leaving out those in the middle of a bare cell."""
    borders = {*_LINE_ENDS, delimiter}
    opens: list[int] = []
    closes: list[int] = []
    opened = -1
    positions: list[int] = places.tolist()
    index = 0
    while index < len(positions):
        place = positions[index]
        if opened < 0:
            if place == 0 or block[place - 1] in borders:
                opened = place
        elif index + 1 < len(positions) and positions[index + 1] == place + 1:
            index += 1
        elif place + 1 == len(block) or block[place + 1] in borders:
            opens.append(opened)
            closes.append(place)
            opened = -1
        else:
            return Quotes(np.array(opens, np.int64), np.array(closes, np.int64), None, opened)
        index += 1
    unclosed = opened if opened >= 0 else None
    return Quotes(np.array(opens, np.int64), np.array(closes, np.int64), unclosed)
