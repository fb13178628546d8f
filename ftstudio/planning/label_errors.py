"""Which labels are probably wrong, by answers of models that had not learned from those rows.

Confident learning (Northcutt, Jiang and Chuang 2021, 1911.00068): a label is probably wrong when another one is
believed at least as firmly as rows of that other label are as a rule, which keeps labels that the model never is sure
of from drowning the rest. These labels come first, then all others; within both, rows are ranked by how little their
own label is believed (self-confidence, measured to find more wrong labels among several classes than the margin).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Ranking:
    """Rows from the most doubtful to the least, one entry a row in every array.

    `order` are the rows' places in what was ranked; `suggested` the likeliest other label; `given` and `believed` the
    probabilities of the row's own label and of that other one; `probable` marks the labels that are probably wrong.
    """

    order: NDArray[np.int64]
    suggested: NDArray[np.int64]
    given: NDArray[np.float64]
    believed: NDArray[np.float64]
    probable: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.order)


def rank(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> Ranking:
    """Rank rows by doubt in their labels.

    Args:
        probabilities: of each label, by a model that had not learned from the row, shape [rows, labels].
        labels: the label each row has, int64, shape [rows], none below 0.
    """
    rows = np.arange(len(labels))
    given = probabilities[rows, labels]
    others = probabilities.copy()
    others[rows, labels] = -1.0
    suggested = others.argmax(axis=1).astype(np.int64)
    believed = probabilities[rows, suggested]
    probable = (believed >= thresholds(probabilities, labels)[suggested]) & (believed > given)
    order = np.lexsort((given - believed, given, ~probable))
    return Ranking(order, suggested[order], given[order], believed[order], probable[order])


def thresholds(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for each label how firmly its own rows are believed to have it, on average (no rows: never enough)."""
    count = probabilities.shape[1]
    sums = np.bincount(labels, probabilities[np.arange(len(labels)), labels], minlength=count)
    rows = np.bincount(labels, minlength=count)
    return np.where(rows > 0, sums / np.maximum(rows, 1), np.inf)
