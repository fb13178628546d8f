"""What a model that goes on with texts writes to held-out rows at the end of a run, to be read beside what is right.

Writing takes long, so it is done for few validation rows (test rows, where there are no others): those that surprised
the model most, and as many from all over the rest, until a minute is over.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core.exchanges import Exchange, exchange_of
from ftstudio.core.manner import Manner
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.engine.answers.generating import surprise_by_row
from ftstudio.engine.language import writing
from ftstudio.engine.language.written_texts import read_rows
from ftstudio.engine.runs.preparation import Prepared, Tell
from ftstudio.engine.runs.results import Scored

MOST, LENGTH, SECONDS = 8, 48, 60.0
WRITING = text("Letting the kept model write in place of held-out rows")


class Rows(Protocol):
    """The rows of a project."""

    def table(self, split: Split) -> pa.Table:
        """Return those of a split, columns named by role."""
        ...


def add(prepared: Prepared, rows: Rows, scored: Mapping[Split, Scored], tell: Tell) -> dict[Split, Scored]:
    """Add what the kept model writes to some rows of the first split, as it writes by itself."""
    first = next(iter(scored), None)
    return {
        split: _with_written(prepared, rows.table(split), one, tell) if split is first else one
        for split, one in scored.items()
    }


def chosen(surprise: NDArray[np.float64], most: int = MOST) -> NDArray[np.int64]:
    """Return which rows are written to: by turns one of the most surprising and one from all over the rest.

    `surprise` is NaN where nothing is known.
    """
    ranked = np.argsort(-surprise, kind="stable")[: np.isfinite(surprise).sum()]
    worst, rest = ranked[: most // 2], ranked[most // 2 :]
    spread = rest[np.unique(np.linspace(0, len(rest) - 1, min(len(rest), most - len(worst))).astype(np.int64))]
    by_turns = [row for pair in zip(worst, spread, strict=False) for row in pair]
    return np.array([*by_turns, *worst[len(spread) :], *spread[len(worst) :]], dtype=np.int64)


def _with_written(prepared: Prepared, table: pa.Table, scored: Scored, tell: Tell) -> Scored:
    bundle, ends = prepared.bundle, time.monotonic() + SECONDS
    read = [exchange_of(row) for row in read_rows(table)]
    fits = np.array([one is not None and one.is_chat == writing.is_chat(bundle) for one in read], dtype=bool)
    places = chosen(np.where(fits, surprise_by_row(scored.logits), np.nan))
    texts: list[str | None] = [None] * table.num_rows
    for at, place in enumerate(places.tolist()):
        if time.monotonic() > ends:
            break
        tell(WRITING, at, len(places))
        texts[place] = _written(prepared, read[place])
    return replace(scored, written=texts)


def _written(prepared: Prepared, asked: Exchange | None) -> str:
    assert asked is not None
    writer: Any = prepared.task
    (words,) = writer.write(prepared.bundle, pa.table({"text": [asked.prompt]}), Manner(length=LENGTH), _silent)
    return str(words)


def _silent(done: int, total: int) -> None:
    """Report to nobody: one text takes moments."""
