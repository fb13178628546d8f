"""The stored texts of a run that rewrites, beside what was read and what was to be written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ftstudio.core.errors import InputError
from ftstudio.core.rewriting_scores import chrf, pieces, rouge_l
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets.store import Dataset
from ftstudio.planning.answers import damage_told, open_stored
from ftstudio.project.layout import RunLayout


@dataclass(frozen=True)
class WrittenAnswer:
    """What a model wrote in place of one row's text. `row` counts from 1 in the source; the scores are in [0, 1]."""

    row: int
    source: str
    right: str
    written: str
    rouge_l: float
    chrf: float

    @property
    def text(self) -> str:
        """What was read."""
        return self.source

    @property
    def mistakes(self) -> int:
        """1 where it is not the right text, else 0."""
        return int(not self.is_right)

    @property
    def is_right(self) -> bool:
        """Whether it is the right text, but for white space."""
        return self.written.split() == self.right.split()


def read_written_answers(run: RunLayout, dataset: Dataset, split: Split) -> list[WrittenAnswer]:
    """Return what a finished run wrote in place of rows of a split, what is least like the right text first.

    Raises `InputError` when the run stored nothing written, when it is damaged, or when it is not of this data.
    """
    stored = open_stored(run, dataset)
    if "written" not in stored.table.column_names:
        raise InputError(
            text("This run stored no written texts."),
            text("Train again, or let it write on the Try page."),
            file=str(run.predictions),
        )
    with damage_told(run):
        told = zip(*(stored.table[name].to_pylist() for name in ("split", "written")), strict=True)
        here = np.flatnonzero([name == split.value and one is not None for name, one in told])
        view = dataset.view
        position = pa.array(np.searchsorted(view.index, stored.place[here]))
        columns = (view.table[name].take(position).to_pylist() for name in ("text", "label"))
        kept = stored.table.take(pa.array(here))
        rows = zip(kept["row"].to_pylist(), *columns, kept["written"].to_pylist(), strict=True)
        found = [_answer(row, read or "", right or "", written) for row, read, right, written in rows]
        return sorted(found, key=lambda one: (one.chrf, one.row))


def _answer(row: int, source: str, right: str, written: str) -> WrittenAnswer:
    return WrittenAnswer(row, source, right, written, rouge_l(written, right), chrf(pieces(written, right)))
