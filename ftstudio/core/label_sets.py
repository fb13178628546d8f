"""Several labels of one row: how they are written in a cell of a table, and read back."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from typing import Any

_BETWEEN = ("|", ";", "\n")
_LONGEST = 100_000  # letters of a list that is looked into: nobody has that many labels


def write(labels: Iterable[str]) -> str:
    """Return the labels as one cell: `sport|politics`, or a list in JSON where a label holds a mark; `[]` for none."""
    listed = list(labels)
    if not listed or any(one.startswith("[") or any(mark in one for mark in _BETWEEN) for one in listed):
        return json.dumps(listed, ensure_ascii=False)
    return "|".join(listed)


def read(cell: str) -> tuple[str, ...]:
    """Return the labels of a cell, each once, in their order; none of `[]`.

    Takes lists in JSON, as Python writes them, and labels with `|`, `;` or line ends between them. Raises `ValueError`
    for a list of anything but labels.
    """
    stripped = cell.strip()
    found = _of_list(stripped) if stripped.startswith("[") and stripped.endswith("]") else _parts(stripped)
    return tuple(dict.fromkeys(one.strip() for one in found if one.strip()))


def holds_several(cell: str) -> bool:
    """Whether a cell holds more than one label, or is a list."""
    try:
        return len(read(cell)) > 1 or cell.strip().startswith("[")
    except ValueError:
        return False


def _parts(cell: str) -> list[str]:
    mark = next((one for one in _BETWEEN if one in cell), None)
    return cell.split(mark) if mark else [cell]


def _of_list(cell: str) -> list[str]:
    if len(cell) > _LONGEST:
        raise ValueError("too long to be a list of labels")
    found = _parsed(cell)
    if not isinstance(found, list) or not all(isinstance(one, str | int | float) for one in found):
        raise ValueError("not a list of labels")
    return [str(one) for one in found]


def _parsed(cell: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        pass
    if re.search(r"[({]", re.sub(r"'[^']*'|\"[^\"]*\"", "", cell)):
        raise ValueError("not a list of labels")
    try:
        return ast.literal_eval(cell)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        raise ValueError("not a list of labels") from None
