"""The stored answers of a run that gives several labels, or a number, beside the true ones, the worst first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ftstudio.core import plain_numbers
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.planning.outputs import read_outputs
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
    found = read_outputs(run, dataset, split)
    position = np.searchsorted(dataset.view.index, found.place)
    names = dataset.view.table.column_names
    shown = dataset.view.table["text" if "text" in names else "source"].take(pa.array(position)).to_pylist()
    if answer is Answer.NUMBER:
        shown_as = plain_numbers.for_reading(float(np.nanstd(found.truth[:, 0])))
        cells = [[shown_as(float(value)) for value in column[:, 0]] for column in (found.truth, found.logits)]
        off = np.abs(found.truth[:, 0] - found.logits[:, 0])
    else:
        cells = [[_named(row, found.labels) for row in column] for column in (found.there, found.given)]
        off = (found.there != found.given).sum(axis=1).astype(np.float64)
        off[np.isnan(found.truth).any(axis=1)] = np.nan
    order = [at for at in np.argsort(-off, kind="stable") if not np.isnan(off[at])]
    return [
        OutputAnswer(int(found.row[at]), shown[at] or "", cells[0][at], cells[1][at], float(off[at])) for at in order
    ]


def _named(there: np.ndarray, labels: list[str]) -> str:
    return ", ".join(label for label, one in zip(labels, there, strict=True) if one)
