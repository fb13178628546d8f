"""The stored outputs of a run that gives several labels, or a number, beside what is true of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core.deciding import AS_TRAINED, Decision, decide_several
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.planning.answers import damage_told, open_stored
from ftstudio.project.decisions import read_decision
from ftstudio.project.layout import RunLayout


@dataclass(frozen=True)
class Outputs:
    """Rows of one split, one entry a row in every array.

    `row` is a row's number in its source from 1, `place` its place in the stored table, `truth` and `logits` are those
    of its task, [rows, labels] for labels, [rows, 2] and [rows, 1] for a number (`engine.answers.numbers`); what is not
    known is NaN.
    """

    labels: list[str]
    row: NDArray[np.int64]
    place: NDArray[np.int64]
    truth: NDArray[np.float64]
    logits: NDArray[np.float64]
    decision: Decision = AS_TRAINED

    def __len__(self) -> int:
        return len(self.row)

    @property
    def known(self) -> Outputs:
        """Only the rows whose truth is known."""
        kept = ~np.isnan(self.truth).any(axis=1)
        rows = self.row[kept], self.place[kept]
        return Outputs(self.labels, *rows, self.truth[kept], self.logits[kept], self.decision)

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """The probability of each label by itself, shape [rows, labels]."""
        return decide_several(self.logits, self.labels, self.decision)[0]

    @property
    def given(self) -> NDArray[np.bool_]:
        """Whether each label is given as the run decides, shape [rows, labels]."""
        return decide_several(self.logits, self.labels, self.decision)[1]

    @property
    def there(self) -> NDArray[np.bool_]:
        """Whether each label is truly there, shape [rows, labels]."""
        result: NDArray[np.bool_] = self.truth > 0
        return result


def read_outputs(run: RunLayout, dataset: Dataset, split: Split, *, edited: bool = False) -> Outputs:
    """Return the outputs of a finished run for the rows of a split, none where it has no such rows.

    With `edited`, rows and truth are those of the time of the run although the data was changed since. Raises
    `InputError` when the run has none, when they are damaged, or when they are not of this data.
    """
    stored = open_stored(run, dataset, edited=edited)
    with damage_told(run):
        here = np.flatnonzero(np.array(stored.table["split"].to_pylist()) == split.value)
        some = stored.table.take(pa.array(here))
        truth = np.array(some["truth"].to_pylist(), dtype=np.float64).reshape(len(here), -1)
        logits = np.array(some["logits"].to_pylist(), dtype=np.float64).reshape(len(here), -1)
        if len(here) and logits.shape[1] != len(stored.labels):
            raise ValueError(f"a row without {len(stored.labels)} numbers")
        rows = some["row"].to_numpy().astype(np.int64), stored.place[here]
        return Outputs(stored.labels, *rows, truth, logits, read_decision(run))
