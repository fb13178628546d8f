"""Which rows probably have a place marked wrong, by answers of models that had not learned from those rows.

A text is as doubtful as the word whose tag is believed least, which finds more wrong texts than the mean over words
(Wang and Mueller 2022, arXiv 2210.03920); whether that word is probably wrong is told as of a label (`label_errors`).
An answer is as doubtful as the place that was given is unlikely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.best_answer import END, START, best_answer
from ftstudio.core.deciding import softmax
from ftstudio.planning import label_errors

FIRM = 0.5  # another answer that is believed as firmly is probably the right one


@dataclass(frozen=True)
class Doubted:
    """One entry a row, in the order of the rows: the probability of the least believed word or place as it was given,
    that of what is believed instead, and whether it is probably wrong.
    """

    given: NDArray[np.float64]
    believed: NDArray[np.float64]
    probable: NDArray[np.bool_]

    @property
    def order(self) -> NDArray[np.int64]:
        """The rows from the most doubtful to the least: those that are probably wrong first."""
        ranked: NDArray[np.int64] = np.lexsort((self.given - self.believed, self.given, ~self.probable))
        return ranked


def of_tags(logits: Sequence[NDArray[np.floating]], tags: Sequence[NDArray[np.int64]]) -> Doubted:
    """Judge the tags of texts, [words] each; `logits` are [words, tags] each. A text without words is not doubted."""
    given, believed, probable = np.ones(len(tags)), np.zeros(len(tags)), np.zeros(len(tags), dtype=bool)
    row = np.repeat(np.arange(len(tags)), [len(one) for one in tags])
    if not len(row):
        return Doubted(given, believed, probable)
    ranking = label_errors.rank(softmax(np.concatenate(list(logits))), np.concatenate(list(tags)))
    for at in range(len(ranking) - 1, -1, -1):  # of each text the most doubtful word has the last say
        one = row[ranking.order[at]]
        given[one], believed[one] = ranking.given[at], ranking.believed[at]
        probable[one] |= ranking.probable[at]
    return Doubted(given, believed, probable)


def of_answers(logits: Sequence[NDArray[np.floating]], items: NDArray[np.int64]) -> Doubted:
    """Judge the answers to questions: `items` are those at which each begins and ends, shape [rows, 2], and `logits`
    [items, 2] each (`core.best_answer`). Rows whose answer does not stand in the passage (-1) are not doubted.
    """
    given, believed, probable = np.ones(len(items)), np.zeros(len(items)), np.zeros(len(items), dtype=bool)
    for at, (line, (first, last)) in enumerate(zip(logits, items, strict=True)):
        if first < 0:
            continue  # what was given does not stand in the passage
        shares, best = softmax(line.T), best_answer(line)
        given[at] = shares[START, first] * shares[END, last]
        overlaps = best.is_none == (first == 0) and (best.is_none or (best.first < last and best.last >= first - 1))
        believed[at] = 0.0 if overlaps else best.share
        probable[at] = believed[at] >= FIRM
    return Doubted(given, believed, probable)
