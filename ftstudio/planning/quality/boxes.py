"""From which probability on boxes are drawn: what a threshold costs, by kind and together, and how sizes are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core.average_precision import Judged, Present, best_threshold, judge, mean_average_precision
from ftstudio.core.deciding import Decision
from ftstudio.core.detections import GEOMETRY, Drawn, drawn
from ftstudio.core.sized_precision import SIZES, count_of_size, judge_of_size
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.planning.answers import damage_told, open_stored
from ftstudio.planning.quality.thresholds import Effect
from ftstudio.project.decisions import read_decision
from ftstudio.project.layout import RunLayout

MOST_POINTS = 400

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BoxCurve:
    """What every threshold does, the highest first: `threshold`, `precision`, `recall` and `f1`, [points] each."""

    threshold: Floats
    precision: Floats
    recall: Floats

    @property
    def f1(self) -> Floats:
        """The harmonic mean of precision and recall, 0 where nothing is right."""
        both = self.precision + self.recall
        result: Floats = np.divide(2 * self.precision * self.recall, both, out=np.zeros_like(both), where=both > 0)
        return result


@dataclass(frozen=True)
class OfSize:
    """How things of a size are found: how many there are, and mAP at an overlap of a half and over ten overlaps."""

    size: str
    there: int
    map_50: float
    map: float


@dataclass(frozen=True)
class BoxLook:
    """The pictures of one split: `judged` says how the boxes of each of the `labels` fare at any threshold.

    `may_choose` says whether a threshold may be chosen by them: not by test pictures where there are others.
    """

    labels: Sequence[str]
    judged: Sequence[Judged]
    sizes: Sequence[OfSize]
    pictures: int
    decision: Decision
    may_choose: bool

    def of(self, kind: int | None) -> Sequence[Judged]:
        """Return a kind of thing, or all (None)."""
        return self.judged if kind is None else [self.judged[kind]]

    def effect(self, kind: int | None, threshold: float) -> Effect:
        """Return what drawing boxes from a probability on does, at an overlap of a half."""
        counts = np.array([one.above(threshold) for one in self.of(kind)]).reshape(-1, 2).sum(axis=0)
        there = sum(one.there for one in self.of(kind))
        right, said = int(counts[0]), int(counts[1])
        return Effect(threshold, right / said if said else 0.0, right / there if there else 0.0)

    def curve(self, kind: int | None) -> BoxCurve:
        """Return what the thresholds do that lie on boxes' own probabilities, thinned out to `MOST_POINTS`."""
        some = self.of(kind)
        there = max(1, sum(one.there for one in some))
        shares = np.concatenate([one.probabilities for one in some]) if some else np.zeros(0)
        right = np.concatenate([one.right[0] for one in some]) if some else np.zeros(0, dtype=bool)
        order = np.argsort(-shares, kind="stable")
        shares, hits = shares[order], right[order].cumsum()
        last = np.append(np.flatnonzero(np.diff(shares)), len(shares) - 1) if len(shares) else np.zeros(0, np.int64)
        if len(last) > MOST_POINTS:
            last = last[np.unique(np.linspace(0, len(last) - 1, MOST_POINTS).astype(np.int64))]
        return BoxCurve(shares[last], hits[last] / (last + 1), hits[last] / there)

    def average_precision(self, kind: int | None) -> float:
        """Return mAP at an overlap of a half, of a kind or of all."""
        return mean_average_precision(self.of(kind))[0]

    @cached_property
    def best(self) -> float:
        """The threshold of the best F1, all kinds together."""
        return best_threshold(self.judged).value


def look(run: RunLayout, dataset: Dataset, split: Split) -> BoxLook:
    """Look at the stored answers of a finished run to the pictures of a split.

    Raises `InputError` when the run has none, when they are damaged, or when they are not of this data.
    """
    stored, decision = open_stored(run, dataset, edited=True), read_decision(run)
    with damage_told(run):
        parts = np.array(stored.table["split"].to_pylist())
        here = np.flatnonzero(parts == split.value)
        rows = stored.table.take(pa.array(here))
        said = [_drawn(line, stored.labels) for line in rows["logits"].to_pylist()]
        there = [_present(truth) for truth in rows["truth"].to_pylist()]
        known = [at for at, one in enumerate(there) if one is not None]
        answers, truth = [said[at] for at in known], [one for one in there if one is not None]
        shapes = dataset.picture_sizes(stored.place[here][known])
    may_choose = split is not Split.TEST or not (parts == Split.VALIDATION.value).any()
    kinds = len(stored.labels)
    sizes = [_of_size(answers, truth, shapes, kinds, size) for size in SIZES]
    return BoxLook(stored.labels, judge(answers, truth, kinds), sizes, len(known), decision, may_choose)


def _drawn(line: Sequence[float], labels: Sequence[str]) -> Drawn:
    return drawn(np.asarray(line, dtype=np.float32).reshape(-1, len(labels) + 1 + GEOMETRY))


def _present(truth: Sequence[Sequence[float]]) -> Present | None:
    values = np.asarray(truth, dtype=np.float64).reshape(-1, 5)
    if len(values) and values[0, 0] < 0:
        return None
    return Present(values[:, 1:], values[:, 0].astype(np.int64))


def _of_size(
    said: Sequence[Drawn], truth: Sequence[Present], shapes: Sequence[tuple[int, int]], kinds: int, size: str
) -> OfSize:
    half, everything = mean_average_precision(judge_of_size(said, truth, shapes, kinds, size))
    return OfSize(size, count_of_size(truth, shapes, size), half, everything)
