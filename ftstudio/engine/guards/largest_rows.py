"""The rows of a data set that are hardest on memory, in its place; and how many and how long rows usually are.

Which texts are longest is taken from their characters, so that a large data set need not be tokenized for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ftstudio.core.settings import TrainingSettings
from ftstudio.core.states import Split
from ftstudio.datasets import documents
from ftstudio.datasets.store import Dataset
from ftstudio.engine.guards.studies import Study
from ftstudio.engine.runs import preparation
from ftstudio.engine.runs.preparation import Prepared

CHECKED_ROWS = 64
TYPICAL_ROWS = 256
_TEXTS = ("text", "text_pair")
_PIECES = 8  # of a document for each row: learned together they are longer than a row alone


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
    if documents.COLUMN in table.column_names:
        return table.slice(0, _PIECES * count)
    texts = [column for column in _TEXTS if column in table.column_names]
    if table.num_rows <= count or not texts:
        return table.slice(0, count)
    characters = sum(pc.fill_null(pc.utf8_length(table[column]), 0).to_numpy() for column in texts)
    return table.take(np.sort(np.argsort(-characters, kind="stable")[:count]))


@dataclass(frozen=True)
class TypicalRows:
    """`lengths` of some rows as they are learned, in the unit of the task's examples; `share` says how many of these
    there are for a row of the data: more where texts are read on in blocks, fewer where some cannot be learned.
    """

    lengths: NDArray[np.int64]
    share: float


def typical_rows(study: Study[Any], prepared: Prepared, settings: TrainingSettings) -> TypicalRows:
    """Return what is learned from some training rows drawn at random; pieces of documents are drawn together."""
    table = study.dataset.table(Split.TRAIN)
    chance = np.random.default_rng(settings.seed)
    chosen = np.sort(chance.permutation(table.num_rows)[:TYPICAL_ROWS])
    if documents.COLUMN in table.column_names:
        chosen = np.arange(len(chosen)) + chance.integers(table.num_rows - len(chosen) + 1)
    examples = study.task.encode(prepared.bundle, table.take(chosen), study.dataset.folder)
    keep = preparation.learnable(examples, settings)
    learned = preparation.in_blocks(examples.only(keep) if keep.any() else examples)
    return TypicalRows(learned.lengths, len(learned) / max(1, len(chosen)))
