"""The rows of a data set that are hardest on memory, in its place; and how long rows usually are.

Which texts are longest is taken from their characters, so that a large data set need not be tokenized for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.engine.guards.studies import Study
from ftstudio.engine.runs.preparation import Prepared

CHECKED_ROWS = 64
TYPICAL_ROWS = 256
_TEXTS = ("text", "text_pair")


class LargestRows:
    """The `count` longest training rows, the longest rows of one check, and no test rows."""

    def __init__(self, dataset: Dataset, count: int) -> None:
        self.folder, self.labels = dataset.folder, dataset.labels
        self._tables = {
            Split.TRAIN: _longest(dataset.table(Split.TRAIN), count),
            Split.VALIDATION: _longest(dataset.table(Split.VALIDATION), CHECKED_ROWS),
            Split.TEST: dataset.table(Split.TEST).slice(0, 0),
        }

    def table(self, split: Split) -> pa.Table:
        """Return the chosen rows of a split."""
        return self._tables[split]


def _longest(table: pa.Table, count: int) -> pa.Table:
    texts = [column for column in _TEXTS if column in table.column_names]
    if table.num_rows <= count or not texts:
        return table.slice(0, count)
    characters = sum(pc.fill_null(pc.utf8_length(table[column]), 0).to_numpy() for column in texts)
    return table.take(np.sort(np.argsort(-characters, kind="stable")[:count]))


def typical_lengths(study: Study[Any], prepared: Prepared, seed: int) -> NDArray[np.int64]:
    """Return the lengths of some training rows drawn at random, in the unit of the task's examples."""
    table = study.dataset.table(Split.TRAIN)
    chosen = np.random.default_rng(seed).permutation(table.num_rows)[:TYPICAL_ROWS]
    examples = study.task.encode(prepared.bundle, table.take(np.sort(chosen)), study.dataset.folder)
    return examples.lengths
