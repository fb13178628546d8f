"""The best place for an answer, from how well a model thinks that it begins and ends at each word of a passage.

Item 0 stands for “no answer”, item n + 1 for the unit n of the passage (`core.units`). A place is as good as its
beginning and its end together, as in BERT (Devlin et al. 2019, arXiv 1810.04805, section 4.2 and 4.3); beginnings of
all windows of a row share one softmax, and so do ends (Clark and Gardner 2018, arXiv 1710.10723, section 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ftstudio.core import units
from ftstudio.core.answers import Given, placed
from ftstudio.core.deciding import AS_TRAINED, Decision, softmax

LONGEST = 30  # units of an answer
START, END = 0, 1


@dataclass(frozen=True)
class Best:
    """First and last unit of an answer, and the probability of just this place; units -1 stand for no answer."""

    first: int
    last: int
    share: float

    @property
    def is_none(self) -> bool:
        """Whether the model says that the passage has no answer."""
        return self.first < 0


def best_answer(logits: NDArray[np.floating], decision: Decision = AS_TRAINED) -> Best:
    """Return the best place that is at most `LONGEST` units long, or none where that is better by more than was chosen.

    Args:
        logits: beginning and end of each item, shape [items, 2].
        decision: how much better no answer must be, and how sure the model may call itself.
    """
    shares = softmax(logits.T, decision.temperature)
    first, last, margin = best_place(logits)
    if margin > decision.no_answer_margin:
        return Best(-1, -1, float(shares[START, 0] * shares[END, 0]))
    return Best(first, last, float(shares[START, first + 1] * shares[END, last + 1]))


def best_place(logits: NDArray[np.floating]) -> tuple[int, int, float]:
    """Return the first and the last unit of the best place, and by how much no answer is better (before softmax).

    Without any unit these are -1, -1 and infinity.
    """
    starts, ends = logits[1:, START], logits[1:, END]
    if not len(starts):
        return -1, -1, np.inf
    behind = np.concatenate([ends, np.full(LONGEST - 1, -np.inf)])
    reached = np.lib.stride_tricks.sliding_window_view(behind, LONGEST)
    length = reached.argmax(axis=1)
    sums = starts + reached[np.arange(len(starts)), length]
    first = int(sums.argmax())
    return first, first + int(length[first]), float(logits[0].sum() - sums[first])


def items_of(passage: str, given: Sequence[Given]) -> tuple[int, int]:
    """Return the items at which the first right answer that stands in the passage begins and ends; (0, 0) for none.

    (-1, -1) where there are answers, but none of them stands there.
    """
    if not given:
        return 0, 0
    places = units.units_of(passage)
    for one in placed(passage, given):
        held = np.flatnonzero((places[:, 0] < one.end) & (places[:, 1] > one.start))
        if len(held):
            return int(held[0]) + 1, int(held[-1]) + 1
    return -1, -1
