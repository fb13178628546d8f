"""From which probability on each of several labels is given: what thresholds do, one label by one and all together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.deciding import USUAL, Decision
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.planning.outputs import Outputs, read_outputs
from ftstudio.planning.quality import several
from ftstudio.planning.quality.thresholds import Effect, effect
from ftstudio.project.layout import RunLayout

POINTS = 201

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sweep:
    """Precision, recall and F1 of a label from each `threshold` on; `precision` is NaN where it is given to no row."""

    threshold: Floats
    precision: Floats
    recall: Floats
    f1: Floats


@dataclass(frozen=True)
class LabelLook:
    """The rows of one split with known labels: `shares` and `there` are [rows, labels].

    `decision` is the one in force, `by_validation` the thresholds that validation rows ask for (labels that stay at
    `USUAL` left out; None: the run has no validation rows). `may_choose` says whether these rows may be chosen by.
    """

    labels: Sequence[str]
    shares: Floats
    there: NDArray[np.bool_]
    decision: Decision
    by_validation: Mapping[str, float] | None
    may_choose: bool

    def threshold(self, label: str) -> float:
        """Return the threshold of a label that is in force."""
        return self.decision.thresholds.get(label, USUAL)

    def effect(self, label: str, threshold: float) -> Effect:
        """Return what giving a label from `threshold` on does."""
        at = list(self.labels).index(label)
        return effect(self.shares[:, at], self.there[:, at], threshold)

    def best(self, label: str) -> float:
        """Return the threshold of the best F1 on these rows, `USUAL` where they do not show that it is better."""
        at = list(self.labels).index(label)
        return several.best_thresholds(self.shares[:, [at]], self.there[:, [at]], [label])[label]

    def sweep(self, label: str) -> Sweep:
        """Return precision, recall and F1 over all thresholds; nothing where no row has the label."""
        at = list(self.labels).index(label)
        return sweep(self.shares[:, at], self.there[:, at])

    def rates(self, thresholds: Mapping[str, float]) -> dict[str, float]:
        """Return micro-F1, macro-F1 and the share of rows that are all right with these thresholds."""
        return rates(self.shares, self.there, self.labels, thresholds)


def rates(
    shares: Floats, there: NDArray[np.bool_], labels: Sequence[str], thresholds: Mapping[str, float]
) -> dict[str, float]:
    """Return the metrics of labels given from `thresholds` on; both arrays are [rows, labels]."""
    given = shares >= np.array([thresholds.get(label, USUAL) for label in labels])
    return several.rates(several.counts_of(given, there).sum(axis=0))


def sweep(scores: Floats, positive: NDArray[np.bool_]) -> Sweep:
    """Return what each of `POINTS` thresholds does for a label; `scores` is its probability, `positive` the truth."""
    wanted = int(positive.sum())
    if not wanted:
        return Sweep(*(np.zeros(0) for _ in range(4)))
    threshold = np.linspace(0.0, 1.0, POINTS)
    given = len(scores) - np.searchsorted(np.sort(scores), threshold, side="left")
    hits = wanted - np.searchsorted(np.sort(scores[positive]), threshold, side="left")
    precision = np.divide(hits, given, out=np.full(POINTS, np.nan), where=given > 0)
    return Sweep(threshold, precision, hits / wanted, 2 * hits / (given + wanted))


def look(run: RunLayout, dataset: Dataset, split: Split) -> LabelLook:
    """Look at the stored outputs for the rows of a split; raises `InputError` where there are none."""
    found = read_outputs(run, dataset, split, edited=True).known
    validation = found if split is Split.VALIDATION else read_outputs(run, dataset, Split.VALIDATION, edited=True).known
    return LabelLook(
        labels=found.labels,
        shares=found.shares.reshape(len(found), len(found.labels)),
        there=found.there.reshape(len(found), len(found.labels)),
        decision=found.decision,
        by_validation=chosen_by(validation) if len(validation) else None,
        may_choose=split is not Split.TEST or not len(validation),
    )


def chosen_by(outputs: Outputs) -> dict[str, float]:
    """Return the thresholds that these rows ask for, as training chooses them; those at `USUAL` are left out."""
    found = several.best_thresholds(outputs.shares, outputs.there, outputs.labels)
    return {label: at for label, at in found.items() if at != USUAL}
