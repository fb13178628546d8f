"""What a model that rewrites has written in place of held-out rows, and how like the right texts that is.

Writing takes far longer than a pass over the right texts, so it is done at the end of a run and on request, for some
rows from all over the data: the same ones each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core.manner import Manner
from ftstudio.core.rewriting_scores import ORDERS, chrf, pieces, rouge_l
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.core.text import Text
from ftstudio.engine.answers import written_samples
from ftstudio.engine.answers.written_samples import WRITING, Rows
from ftstudio.engine.runs.preparation import Prepared, Tell
from ftstudio.engine.runs.results import Scored
from ftstudio.engine.task import Bundle, Tick
from ftstudio.planning.quality.intervals import Interval, of_counts

MOST = 200


@dataclass(frozen=True)
class Written:
    """Texts that were written in place of the rows at `places` of a table, and how like the right ones they are."""

    places: NDArray[np.int64]
    texts: list[str]
    metrics: dict[str, float]
    intervals: dict[str, Interval]


NOTHING = Written(np.zeros(0, np.int64), [], {}, {})


def judge(task: Any, bundle: Bundle, table: pa.Table, manner: Manner, tick: Tick, most: int = MOST) -> Written:
    """Let a model write in place of at most `most` rows of `table`, and compare that with their column `label`."""
    known = np.flatnonzero([bool(one and one.strip()) for one in table["label"].to_pylist()])
    places = np.sort(np.random.default_rng(0).permutation(known)[:most])
    some = table.take(pa.array(places))
    if not len(places):
        return NOTHING
    texts = task.write(bundle, some, manner, tick)
    counts = np.array([_counted(*pair) for pair in zip(texts, some["label"].to_pylist(), strict=True)])
    return Written(places, texts, _rates(counts.sum(axis=0)), of_counts(counts, _rates))


def _counted(written: str, right: str) -> NDArray[np.float64]:
    return np.concatenate(([rouge_l(written, right), 1.0], pieces(written, right).ravel()))


def _rates(sums: NDArray[np.float64]) -> dict[str, float]:
    return {"rouge_l": float(sums[0] / sums[1]), "chrf": chrf(sums[2:].reshape(ORDERS, 3))}


def add(prepared: Prepared, rows: Rows, scored: Mapping[Split, Scored], tell: Tell) -> dict[Split, Scored]:
    """Add what the kept model writes to the results of a run, if it writes at all: as it writes by itself."""
    if prepared.task.SPEC.answer is Answer.TEXT:
        return written_samples.add(prepared, rows, scored, tell)
    if prepared.task.SPEC.answer is not Answer.REWRITE:
        return dict(scored)
    return {split: _with_written(prepared, rows.table(split), one, tell) for split, one in scored.items()}


def _with_written(prepared: Prepared, table: pa.Table, scored: Scored, tell: Tell) -> Scored:
    phase: Text = WRITING
    found = judge(prepared.task, prepared.bundle, table, Manner(), lambda done, most: tell(phase, done, most))
    texts: list[str | None] = [None] * table.num_rows
    for place, words in zip(found.places.tolist(), found.texts, strict=True):
        texts[place] = words
    return replace(
        scored,
        metrics={**scored.metrics, **found.metrics},
        intervals={**scored.intervals, **found.intervals},
        tables={**scored.tables, "rows_written": len(found.texts)},
        written=texts,
    )
