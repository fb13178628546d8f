"""The stored answers of a run that gives several labels, or a number, beside the true ones, the worst first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ftstudio.core import plain_numbers
from ftstudio.core.deciding import decide_several
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.planning.answers import damage_told, open_stored
from ftstudio.project.decisions import read_decision
from ftstudio.project.layout import RunLayout


@dataclass(frozen=True)
class OutputAnswer:
    """One row: its number in the source, from 1, its text or the name of its picture, what is true and what was said.

    `off` is how many labels are missing or too many, or how far the number is off.
    """

    row: int
    shown: str
    truth: str
    said: str
    off: float


def read_output_answers(run: RunLayout, dataset: Dataset, split: Split, answer: Answer) -> list[OutputAnswer]:
    """Return the answers of a finished run to the rows of a split whose truth is known, the worst first.

    Raises `InputError` when the run has none, when they are damaged, or when they are not of this data.
    """
    stored = open_stored(run, dataset)
    here = np.flatnonzero(np.array(stored.table["split"].to_pylist()) == split.value)
    position = np.searchsorted(dataset.view.index, stored.place[here])
    names = dataset.view.table.column_names
    shown = dataset.view.table["text" if "text" in names else "source"].take(pa.array(position)).to_pylist()
    with damage_told(run):
        some = stored.table.take(pa.array(here))
        truth = np.array(some["truth"].to_pylist(), dtype=np.float64)
        logits = np.array(some["logits"].to_pylist(), dtype=np.float64)
        if len(here) and logits.shape[1] != len(stored.labels):
            raise ValueError(f"a row without {len(stored.labels)} numbers")
        if answer is Answer.NUMBER:
            cells = [[plain_numbers.write(value) for value in column[:, 0]] for column in (truth, logits)]
            off = np.abs(truth[:, 0] - logits[:, 0])
        else:
            given = decide_several(logits, stored.labels, read_decision(run))[1]
            cells = [[_named(row, stored.labels) for row in column] for column in (truth > 0, given)]
            off = ((truth > 0) != given).sum(axis=1).astype(np.float64)
            off[np.isnan(truth).any(axis=1)] = np.nan
    order = [at for at in np.argsort(-off, kind="stable") if not np.isnan(off[at])]
    rows = some["row"].to_pylist()
    return [OutputAnswer(rows[at], shown[at] or "", cells[0][at], cells[1][at], float(off[at])) for at in order]


def _named(there: np.ndarray, labels: list[str]) -> str:
    return ", ".join(label for label, one in zip(labels, there, strict=True) if one)
