"""Short examples and row numbers for problems."""

from __future__ import annotations

from typing import Any

import numpy as np

from ftstudio.core import chats
from ftstudio.core.specs import ColumnRole
from ftstudio.datasets.checks import MOST_EXAMPLES, MOST_ROWS
from ftstudio.datasets.view import Mask, View

_LONGEST = 80


def shorten(value: str) -> str:
    """Return a value on one line, cut to a readable length, control characters shown as spaces."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in value[: 4 * _LONGEST]).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def places(view: View, mask: Mask) -> dict[str, Any]:
    """Return the `rows` and `examples` of a problem that concerns the rows of `mask`."""
    chosen = np.flatnonzero(mask)
    return {
        "rows": tuple(int(row) for row in view.row[chosen[:MOST_ROWS]]),
        "examples": examples(view, chosen),
    }


def examples(view: View, chosen: np.ndarray) -> tuple[str, ...]:
    """Return the inputs of some rows, shortened, each distinct one once; a conversation as who says what."""
    name = next(
        name for name in (ColumnRole.TEXT.value, "source", ColumnRole.IMAGE.value) if name in view.table.column_names
    )
    column = view.table[name]
    shown = (shorten(chats.in_words(column[int(place)].as_py() or "")) for place in chosen[: 4 * MOST_EXAMPLES])
    return tuple(dict.fromkeys(one for one in shown if one))[:MOST_EXAMPLES]
