"""When a question gets no answer: how much better no answer must be than the best place, and what that costs.

As SQuAD 2.0 does it (Rajpurkar et al. 2018, arXiv 1806.03822, section 5): the margin is chosen on validation rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ftstudio.planning.quality.thresholds import DRAWS, LARGEST_WORK, SURE

PLAIN = 0.0
"""The margin that gives what is likelier."""
MOST_POINTS = 400

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Effect:
    """What a margin does: the share of questions that get an answer, F1 of words over all questions, over those that
    have an answer, and the share left unanswered of those that have none (NaN: there are no such questions).
    """

    margin: float
    answered: float
    f1: float
    f1_with_answer: float
    right_without_answer: float


@dataclass(frozen=True)
class Margins:
    """Questions of a split, [rows] each: by how much no answer is better than the best place (before softmax), the F1
    of words if that place is given, and if no answer is, and whether there is one (0 or 1).
    """

    margin: Floats
    found: Floats
    none: Floats
    there: Floats

    def effect(self, margin: float) -> Effect:
        """Return what giving no answer above a margin does."""
        left = self.margin > margin
        f1 = np.where(left, self.none, self.found)
        there = self.there > 0
        return Effect(margin, float(1 - left.mean()), float(f1.mean()), _mean(f1[there]), _mean(f1[~there]))

    def curve(self) -> list[Effect]:
        """Return what the margins do that lie between the rows' own, from answering least to answering all."""
        between = cuts(self.margin)
        if len(between) > MOST_POINTS:
            between = between[np.unique(np.linspace(0, len(between) - 1, MOST_POINTS).astype(np.int64))]
        return [self.effect(float(one)) for one in between]

    def margin_for_answers(self, share: float) -> float:
        """Return the margin at which at least this share of questions gets an answer."""
        between = cuts(self.margin)
        answered = np.searchsorted(np.sort(self.margin), between, side="right") / len(self.margin)
        return float(between[int(np.searchsorted(answered, share - 1e-9))])


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")


def cuts(margins: Floats) -> Floats:
    """Return one margin below all finite ones, one between each two, and one above all, rising; `PLAIN` among them."""
    own = np.unique(margins[np.isfinite(margins)])
    if not len(own):
        return np.array([PLAIN])
    between = (own[1:] + own[:-1]) / 2
    return np.unique(np.concatenate([[own[0] - 1.0], between, [own[-1] + 1.0, PLAIN]]))


def best_margin(rows: Margins) -> float:
    """Return the margin of the best F1 on questions like these, or `PLAIN` where these do not show that it is better.

    Chosen as `thresholds.best_f1` chooses: draws with replacement name their best, the rows that each left out judge.
    """
    if not len(rows.margin):
        return PLAIN
    between, order = cuts(rows.margin), np.argsort(rows.margin, kind="stable")
    answered = np.searchsorted(rows.margin[order], between, side="right")
    gain = (rows.found - rows.none)[order]
    chance, plain = np.random.default_rng(0), int(np.searchsorted(between, PLAIN))
    found, gains = [], []
    for _ in range(int(np.clip(LARGEST_WORK // len(order), *DRAWS))):
        drawn = np.bincount(chance.integers(0, len(order), len(order)), minlength=len(order))
        best = int(_gained(gain * drawn, answered).argmax())
        left_out = _gained(gain * (drawn == 0), answered)
        found.append(between[best])
        gains.append(float(left_out[best] - left_out[plain]))
    return float(np.median(found)) if np.mean(np.array(gains) > 0) >= SURE else PLAIN


def _gained(gain: Floats, answered: NDArray[np.int64]) -> Floats:
    """Return the sum of `gain` over the first rows, as many as each margin has answered."""
    sums: Floats = np.concatenate(([0.0], np.cumsum(gain)))[answered]
    return sums
