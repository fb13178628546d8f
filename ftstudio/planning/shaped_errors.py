"""Which rows probably have a label too many or too few, or a wrong number, by answers not learned from those rows.

Each of several labels is judged by itself, as one label of two is (`label_errors`); a row is as doubtful as the label
whose being there, or not, is believed least. A number is probably wrong where the answer is further off than those to
other rows ever are by chance: beyond `FAR` robust standard deviations (of the median absolute deviation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ftstudio.planning import label_errors
from ftstudio.planning.place_errors import Doubted

FAR = 4.0
_TO_DEVIATION = 1.4826  # a normal distribution's standard deviation by its median absolute deviation

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DoubtedLabels(Doubted):
    """`flipped` [rows, labels] marks the labels that should be the other way: at least the least believed one."""

    flipped: NDArray[np.bool_]


def of_labels(shares: Floats, there: NDArray[np.bool_]) -> DoubtedLabels:
    """Judge the labels of rows by the probability of each, both [rows, labels]."""
    given = np.where(there, shares, 1 - shares)
    probable: NDArray[np.bool_] = np.zeros(there.shape, dtype=bool)
    for at in range(there.shape[1]):
        both, label = np.column_stack((1 - shares[:, at], shares[:, at])), there[:, at].astype(np.int64)
        firm = label_errors.thresholds(both, label)
        other = 1 - given[:, at]
        probable[:, at] = (other >= firm[1 - label]) & (other > given[:, at])
    rows = np.arange(len(there))
    wrong: NDArray[np.bool_] = probable.sum(axis=1) > 0
    least = np.where(wrong[:, None] & ~probable, np.inf, given).argmin(axis=1)
    flipped = probable.copy()
    flipped[rows, least] = True
    own = given[rows, least]
    return DoubtedLabels(own, 1 - own, wrong, flipped)


@dataclass(frozen=True)
class DoubtedNumbers:
    """One entry a row, in the order of the rows: how far its number is from the answer, and whether that is too far."""

    off: Floats
    probable: NDArray[np.bool_]

    @property
    def order(self) -> NDArray[np.int64]:
        """The rows from the most doubtful to the least."""
        ranked: NDArray[np.int64] = np.argsort(-self.off, kind="stable")
        return ranked


def of_numbers(truth: Floats, said: Floats) -> DoubtedNumbers:
    """Judge numbers by the answers, both [rows]."""
    residual = said - truth
    middle = float(np.median(residual)) if len(residual) else 0.0
    off = np.abs(residual - middle)
    spread = _TO_DEVIATION * float(np.median(off)) if len(off) else 0.0
    return DoubtedNumbers(np.abs(residual), off > FAR * spread if spread > 0 else off > np.inf)
