"""Rows of different parts that the unchanged model takes for nearly the same: paraphrases, other views of a thing.

What is alike enough follows from the data: as alike as only one in a hundred training rows is to another of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets.matches import Matches, nothing
from ftstudio.datasets.splits import CODES
from ftstudio.datasets.view import View
from ftstudio.engine.guards.studies import Study
from ftstudio.engine.layers.modules import final_linear
from ftstudio.engine.learning.feeds import ModelFeed, Subset
from ftstudio.engine.probes import probe
from ftstudio.engine.runs import preparation

CHANCE = 0.01
LEAST, MOST = 0.9, 0.995
_AT_ONCE, _MOST_CONTROLS = 512, 2_000
COMPARING = text("Running the unchanged model on the rows")

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Alike:
    """The pairs found (rows of the view), from which cosine on, and how many rows of each part were compared."""

    matches: Matches
    threshold: float
    compared: dict[str, int]


def find(study: Study[Any], view: View, most: int) -> Alike | None:
    """Compare at most `most` rows of each part of `view` by what enters the head of the unchanged model.

    Rows are centred, then compared by cosine. None where the model's head is not a linear layer.
    """
    features = _features(study, view, most)
    if features is None:
        return None
    train = features[Split.TRAIN]
    threshold = natural_level(train[1], study.settings.seed)
    found = [nothing()]
    for earlier, later in ((Split.TRAIN, Split.VALIDATION), (Split.TRAIN, Split.TEST), (Split.VALIDATION, Split.TEST)):
        found.append(_between(features[earlier], features[later], threshold))
    joined = Matches(
        *(np.concatenate([getattr(one, name) for one in found]) for name in ("left", "right", "similarity"))
    )
    return Alike(joined.sorted(), threshold, {split.value: len(rows) for split, (rows, _) in features.items()})


def natural_level(features: Floats, seed: int) -> float:
    """Return the cosine that one in a hundred rows reaches with another row of the same part, within limits."""
    if len(features) < 2:
        return MOST
    chance = np.random.default_rng(seed)
    chosen = chance.choice(len(features), min(len(features), _MOST_CONTROLS), replace=False)
    best = np.empty(len(chosen), dtype=np.float32)
    for start in range(0, len(chosen), _AT_ONCE):
        rows = chosen[start : start + _AT_ONCE]
        alike = features[rows] @ features.T
        alike[np.arange(len(rows)), rows] = -1
        best[start : start + _AT_ONCE] = alike.max(axis=1)
    return min(max(float(np.quantile(best, 1 - CHANCE, method="higher")), LEAST), MOST)


def _between(earlier: tuple[Rows, Floats], later: tuple[Rows, Floats], threshold: float) -> Matches:
    """Return each later row with the earlier one it is most alike to, if that is alike enough."""
    if not len(earlier[0]) or not len(later[0]):
        return nothing()
    best, value = np.empty(len(later[0]), np.int64), np.empty(len(later[0]), np.float64)
    for start in range(0, len(best), _AT_ONCE):
        alike = later[1][start : start + _AT_ONCE] @ earlier[1].T
        best[start : start + _AT_ONCE] = alike.argmax(axis=1)
        value[start : start + _AT_ONCE] = alike.max(axis=1)
    kept = value > threshold
    return Matches(earlier[0][best[kept]], later[0][kept], value[kept].clip(0, 1))


def _features(study: Study[Any], view: View, most: int) -> Mapping[Split, tuple[Rows, Floats]] | None:
    """Return for each part some rows of the view and their features, centred on the training rows, of length 1."""
    bundle = preparation.load(
        study.task, study.model_folder, study.dataset.labels, study.settings, study.hardware, study.tell
    )
    head = final_linear(bundle.model, len(bundle.labels))
    if head is None:
        return None
    chance, found = np.random.default_rng(study.settings.seed), {}
    for split in Split:
        rows = np.flatnonzero(view.split == CODES[split])
        chosen = np.sort(chance.choice(len(rows), min(len(rows), most), replace=False))
        table = study.dataset.table(split).take(pa.array(chosen))
        whole = ModelFeed(study.task, bundle, study.task.encode(bundle, table, study.dataset.folder), study.settings)
        made = probe.head_inputs(
            head,
            Subset(whole, np.arange(len(chosen))),
            study.hardware,
            lambda done, total: study.tell(COMPARING, done, total),
        )
        found[split] = (rows[chosen], made)
    mean = found[Split.TRAIN][1].mean(axis=0)
    return {split: (rows, _unit(made - mean)) for split, (rows, made) in found.items()}


def _unit(features: Floats) -> Floats:
    size = np.linalg.norm(features, axis=1, keepdims=True)
    result: Floats = (features / np.maximum(size, 1e-9)).astype(np.float32)
    return result
