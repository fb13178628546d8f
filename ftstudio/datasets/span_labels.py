"""Labels of any number of kinds: which kinds a row has, and what it counts as when the rows are divided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ftstudio.core import answers, boxes, label_sets, spans
from ftstudio.core.specs import Answer

NOTHING = "–"
"""What a row counts as in which nothing is marked."""


class SpanLabels:
    """The kinds of places that rows have, or their several labels.

    Args:
        numbers: the number of each row's cell, -1 for none.
        cells: the distinct cells.
        answer: what they hold: marked places, boxes, several labels, or the answers to a question, of one kind.
    """

    def __init__(
        self, numbers: npt.NDArray[np.int64], cells: Sequence[str | None], answer: Answer = Answer.SPANS
    ) -> None:
        self._numbers = numbers
        self._kinds = [_kinds_of(cell, answer) for cell in cells]

    @cached_property
    def values(self) -> list[str]:
        """The kinds, sorted, and `NOTHING` last."""
        return [*sorted({kind for kinds in self._kinds if kinds for kind in kinds}), NOTHING]

    @cached_property
    def rarest(self) -> npt.NDArray[np.int64]:
        """What each row counts as, as a position in `values`: its rarest kind; -1 where its cell cannot be read.

        Dividing rows by their rarest kind puts some of every kind into each part (Sechidis et al. 2011).
        """
        rows = np.bincount(self._numbers[self._numbers >= 0], minlength=len(self._kinds))
        often: Counter[str] = Counter()
        for kinds, count in zip(self._kinds, rows.tolist(), strict=True):
            for kind in kinds or ():
                often[kind] += count
        places = {kind: at for at, kind in enumerate(self.values)}
        of_cell = np.full(len(self._kinds) + 1, -1, dtype=np.int64)
        for at, kinds in enumerate(self._kinds):
            if kinds is not None:
                of_cell[at] = places[min(sorted(kinds), key=lambda kind: often[kind])] if kinds else places[NOTHING]
        return of_cell[self._numbers]

    def having(self, kind: str) -> npt.NDArray[np.bool_]:
        """Return which rows have a place of a kind; of `NOTHING`, those with none."""
        has = [kinds is not None and (kind in kinds if kind != NOTHING else not kinds) for kinds in self._kinds]
        return np.array([*has, False], dtype=bool)[self._numbers]


def _kinds_of(cell: str | None, answer: Answer) -> frozenset[str] | None:
    """Return the kinds of a cell; None for one that cannot be read."""
    try:
        if answer is Answer.LABELS:
            return frozenset(label_sets.read(cell or ""))
        if answer is Answer.EXTRACT:
            return frozenset({answers.ANSWER} if answers.read(cell or "") else ())
        if answer is Answer.BOXES:
            return _kinds_of_boxes(boxes.read(cell or ""))
        return frozenset(one.label for one in spans.read(cell or ""))
    except ValueError:
        return None


def _kinds_of_boxes(found: Sequence[boxes.Box]) -> frozenset[str] | None:
    """A picture none of whose boxes can be learned is not one that shows nothing: nobody knows what is in it."""
    sound = frozenset(one.label for one in found if one.is_sound)
    return None if found and not sound else sound
