"""The held-out rows of a run that goes on with texts: what was asked, what is right, what it wrote to some of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ftstudio.core.exchanges import exchange_of, rows_of
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.planning.answers import damage_told, open_stored
from ftstudio.project.layout import RunLayout

_COLUMNS = ("text", "text_pair", "label")


@dataclass(frozen=True)
class WrittenSample:
    """One row. `row` counts from 1 in the source; `loss` is the mean surprise by a token of what is right, in nats
    (NaN: nothing of it is learned); `written` is None where the run wrote nothing to this row.
    """

    row: int
    asked: str
    wanted: str
    written: str | None
    loss: float

    @property
    def text(self) -> str:
        """What was asked."""
        return self.asked

    @property
    def mistakes(self) -> int:
        """0: there are many right ways to write."""
        return 0

    def contains(self, words: str) -> bool:
        """Whether any of its texts has some words in it, in whatever letters."""
        folded = words.casefold()
        return any(folded in one.casefold() for one in (self.asked, self.wanted, self.written or ""))


def read_written_samples(run: RunLayout, dataset: Dataset, split: Split) -> list[WrittenSample]:
    """Return the rows of a split, the one that surprised the model most first.

    Raises `InputError` when the run stored no answers, when they are damaged, or when they are not of this data.
    """
    stored = open_stored(run, dataset)
    with damage_told(run):
        here = np.flatnonzero([one == split.value for one in stored.table["split"].to_pylist()])
        kept, view = stored.table.take(pa.array(here)), dataset.view
        some = view.table.take(pa.array(np.searchsorted(view.index, stored.place[here])))
        rows = rows_of({name: some[name].to_pylist() for name in _COLUMNS if name in some.column_names})
        wrote = kept["written"].to_pylist() if "written" in kept.column_names else [None] * len(rows)
        found = []
        for number, row, words, told in zip(
            kept["row"].to_pylist(), rows, wrote, kept["logits"].to_pylist(), strict=True
        ):
            asked = exchange_of(row)
            loss = float(np.mean(told[::2])) if told else math.nan  # surprise and foreseen by turns
            fields = (asked.asked, asked.wanted) if asked else ("", row if isinstance(row, str) else "")
            found.append(WrittenSample(number, *fields, words, loss))
    return sorted(found, key=lambda one: (-one.loss if math.isfinite(one.loss) else math.inf, one.row))
