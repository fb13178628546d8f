"""The stored answers of a run that draws boxes, beside the true ones: what is right, wrong, badly placed or missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from ftstudio.core.boxes import Box, Spotted, corners, overlaps
from ftstudio.core.detections import GEOMETRY, Drawn, drawn, in_pixels
from ftstudio.core.states import Split
from ftstudio.datasets.pictures import upright_size
from ftstudio.datasets.store import Dataset
from ftstudio.planning.answers import Stored, damage_told, open_stored
from ftstudio.project.decisions import read_decision
from ftstudio.project.layout import RunLayout

RIGHT, WRONG_KIND, MISPLACED, EXTRA, MISSED = "right", "wrong kind", "misplaced", "extra", "missed"
ENOUGH, SOME = 0.5, 0.1  # overlap from which a box is right, and from which it means the thing there

Judged = tuple[str, Spotted]


@dataclass(frozen=True)
class BoxAnswer:
    """What a model drew in one picture, beside what is there. `row` counts from 1 in the source, `place` from 0 in the
    stored table; `text` is the name of the picture, `picture` where it lies. `boxes` are those from `threshold` on,
    `faint` are all that there would be from any on.
    """

    row: int
    place: int
    text: str
    picture: Path
    truth: tuple[Box, ...]
    boxes: tuple[Spotted, ...]
    faint: tuple[Spotted, ...] = ()
    threshold: float = 0.5

    def at(self, threshold: float) -> BoxAnswer:
        """Return the same picture with the boxes from another probability on."""
        boxes = tuple(one for one in self.faint if one.probability >= threshold)
        return replace(self, boxes=boxes, threshold=threshold)

    @cached_property
    def judged(self) -> list[Judged]:
        """Every box, drawn or missed. Each true one counts for the surest box that fits it."""
        common = overlaps(corners(self.boxes), corners(self.truth))
        free = np.ones(len(self.truth), dtype=bool)
        states = [EXTRA] * len(self.boxes)
        for wanted, least, same in ((RIGHT, ENOUGH, True), (WRONG_KIND, ENOUGH, False), (MISPLACED, SOME, True)):
            for at, box in enumerate(self.boxes):
                fits = [free[n] and (one.label == box.label) == same for n, one in enumerate(self.truth)]
                here = np.where(fits, common[at], 0.0) if self.truth else np.zeros(1)
                if states[at] == EXTRA and here.max() >= least:
                    states[at], free[int(here.argmax())] = wanted, False
        missed = [
            Spotted(**one.model_dump(), probability=0.0)
            for one, is_free in zip(self.truth, free, strict=True)
            if is_free
        ]
        return [*zip(states, self.boxes, strict=True), *((MISSED, one) for one in missed)]

    @property
    def mistakes(self) -> int:
        """How many boxes are wrong, or missed."""
        return sum(state != RIGHT for state, _ in self.judged)

    def has(self, kind: str) -> bool:
        """Whether a thing of a kind is there or was drawn."""
        return any(one.label == kind for _, one in self.judged)


def read_box_answers(run: RunLayout, dataset: Dataset, split: Split) -> list[BoxAnswer]:
    """Return the answers of a finished run to the pictures of a split, in their order, as the run decides.

    Where the data was changed since, rows and boxes are those that the run was judged by.

    Raises `InputError` when the run has none, when they are damaged, or when they are not of this data.
    """
    stored, threshold = open_stored(run, dataset, edited=True), read_decision(run).threshold
    with damage_told(run):
        here = np.flatnonzero(np.array(stored.table["split"].to_pylist()) == split.value)
        view = dataset.view_before(stored.later)
        position = pa.array(np.searchsorted(view.index, stored.place[here]))
        paths, names = (view.table[name].take(position).to_pylist() for name in ("image", "source"))
        rows = zip(here.tolist(), paths, names, strict=True)
        return [_answer(stored, at, dataset.image_path(path), name, threshold) for at, path, name in rows]


def _answer(stored: Stored, at: int, picture: Path, name: str, threshold: float) -> BoxAnswer:
    line, truth = stored.table["logits"][at].as_py(), stored.table["truth"][at].as_py()
    said = np.asarray(line, dtype=np.float32).reshape(-1, len(stored.labels) + 1 + GEOMETRY)
    size = upright_size(picture) or (1, 1)
    row, place = int(stored.table["row"][at].as_py()), int(stored.place[at])
    faint = in_pixels(drawn(said), stored.labels, size)
    answer = BoxAnswer(row, place, name, picture, _true(truth, stored.labels, size), (), faint)
    return answer.at(threshold)


def _true(truth: Sequence[Sequence[float]], labels: Sequence[str], size: tuple[int, int]) -> tuple[Box, ...]:
    values = np.asarray(truth, dtype=np.float64).reshape(-1, 5)
    values = values[values[:, 0] >= 0]
    there = Drawn(values[:, 1:], values[:, 0].astype(np.int64), np.ones(len(values)))
    return tuple(Box(**one.model_dump(exclude={"probability"})) for one in in_pixels(there, labels, size))
