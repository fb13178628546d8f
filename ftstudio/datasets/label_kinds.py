"""Which kind of label a column seems to hold: one class, several classes, or a number. A proposal; the user decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pyarrow as pa

from ftstudio.core import label_sets, number_forms, plain_numbers
from ftstudio.core.specs import Answer, ColumnRole, TaskSpec

MOSTLY = 0.9
SOMETIMES = 0.05
FEWEST_NUMBERS = 12


def settled(task: TaskSpec, preview: pa.Table, roles: Mapping[ColumnRole, str], chosen: Answer | None) -> TaskSpec:
    """Return the task as the labels shape it: of the kind the user chose, else the one proposed by the first rows.

    Raises `InputError` for a kind that the task does not know.
    """
    if chosen is None and task.shapes and ColumnRole.LABEL in roles:
        chosen = propose(preview[roles[ColumnRole.LABEL]].to_pylist())
        chosen = chosen if chosen in task.answers else None
    return task.shaped(chosen)


def propose(cells: Sequence[str | None]) -> Answer:
    """Return the likely kind of label of some cells."""
    filled = [cell.strip() for cell in cells if cell and cell.strip()]
    if _are_several(filled):
        return Answer.LABELS
    return Answer.NUMBER if _are_numbers(filled) else Answer.LABEL


def _are_several(filled: Sequence[str]) -> bool:
    """Whether cells are lists, or some of them sets made of fewer labels than there are sets."""
    several = [cell for cell in filled if label_sets.holds_several(cell)]
    if len(several) < 2 or len(several) < SOMETIMES * len(filled):
        return False
    if sum(cell.startswith("[") for cell in several) > len(filled) / 2:
        return True
    pieces = Counter(label for cell in set(filled) for label in _read(cell))
    return len(pieces) < len(set(filled)) and all(len(label) <= 64 for label in pieces)


def _read(cell: str) -> tuple[str, ...]:
    try:
        return label_sets.read(cell)
    except ValueError:
        return ()


def _are_numbers(filled: Sequence[str]) -> bool:
    """Whether cells are numbers that say how much, not which: with decimals, or hardly any twice."""
    found = [number for cell in number_forms.plain(filled) if (number := plain_numbers.read(cell)) is not None]
    different = len(set(found))
    if len(found) < MOSTLY * len(filled) or different < FEWEST_NUMBERS:
        return False
    if different == len(found) == max(found) - min(found) + 1:  # the rows are numbered
        return False
    return any(number != int(number) for number in found) or different > len(found) / 2
