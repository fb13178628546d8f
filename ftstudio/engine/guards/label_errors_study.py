"""The search for wrong labels, from the project to the report: answers to rows not learned from, ranked by doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core.errors import InputError
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text, text_plural
from ftstudio.datasets import folds, label_edits
from ftstudio.engine.guards import label_errors_words
from ftstudio.engine.guards.studies import Study, finish
from ftstudio.engine.probes import quick_folds
from ftstudio.planning import doubts, label_errors
from ftstudio.planning.answers import Answers, read_answers, read_out_of_fold
from ftstudio.project import seal
from ftstudio.project.runs import list_runs

FEWEST_ROWS = 20


@dataclass(frozen=True)
class Judged:
    """Rows with a belief in each label: `table` has `place`, `row`, `split` and what the task reads; `labels` number
    the classes; `beliefs` has shape [rows, labels]; `by` says whose answers they are.
    """

    table: pa.Table
    labels: NDArray[np.int64]
    beliefs: NDArray[np.float64]
    by: Text


def find(study: Study[Any]) -> dict[str, Any]:
    """Rank the labels of all rows but sealed test rows, store the ranking, and return the study's document."""
    pool = folds.pool(study.dataset)
    _check(pool)
    judged = _without_confirmed(study, _with_opened_test(study, pool, _judge(study, pool)), pool.names)
    ranking = label_errors.rank(judged.beliefs, judged.labels)
    table = doubts.table_of(judged.table, pool.names, judged.labels, ranking, judged.beliefs)
    told = label_errors_words.tell(table, judged.table.take(pa.array(ranking.order)), pool.names, judged.by)
    return finish(study, told.numbers, told.advice, tables=told.tables, fill=lambda folder: doubts.write(folder, table))


def _judge(study: Study[Any], pool: folds.Pool) -> Judged:
    wanted = study.options.answers
    if wanted != "quick":
        try:
            found = read_out_of_fold(study.project.layout, study.dataset)
            return Judged(pool.table, pool.labels, _aligned(found, pool), text("the latest cross-validation"))
        except InputError:
            if wanted == "cross_validation":
                raise
    beliefs = quick_folds.probabilities(study, pool, study.options.repeats)
    return Judged(pool.table, pool.labels, beliefs, text("quick folds on the unchanged model"))


def _aligned(found: Answers, pool: folds.Pool) -> NDArray[np.float64]:
    """Return the answers in the order of the pool; they are of the same data, so each row has one."""
    places = pool.table["place"].to_numpy()
    order = np.argsort(found.place, kind="stable")
    at = order[np.searchsorted(found.place[order], places)]
    columns = [found.labels.index(name) for name in pool.names]
    beliefs: NDArray[np.float64] = found.probabilities[at][:, columns]
    return beliefs


def _with_opened_test(study: Study[Any], pool: folds.Pool, judged: Judged) -> Judged:
    """Add the test rows by the answers of the newest run on this data whose test result was opened, if there is one."""
    layout, current = study.project.layout, study.dataset.fingerprint
    for run in list_runs(layout):
        if run.request is None or run.request.data_fingerprint != current or not seal.is_open(layout, run):
            continue
        try:
            found = read_answers(run.layout, study.dataset)
        except InputError:
            continue
        chosen = np.flatnonzero(found.of(Split.TEST) & (found.label >= 0))
        if not len(chosen) or found.labels != pool.names:
            continue
        table = study.dataset.table(Split.TEST)
        kept = study.dataset.view.index[study.dataset.view.in_split(Split.TEST)]
        table = table.append_column("place", pa.array(kept))
        rows = pa.array(np.searchsorted(kept, found.place[chosen]))
        return Judged(
            pa.concat_tables([judged.table.select(table.column_names), table.take(rows)]),
            np.concatenate((judged.labels, found.label[chosen])),
            np.concatenate((judged.beliefs, found.probabilities[chosen])),
            judged.by,
        )
    return judged


def _without_confirmed(study: Study[Any], judged: Judged, names: list[str]) -> Judged:
    """Leave out the rows whose label somebody has said to be right."""
    said = label_edits.confirmed(study.dataset.edits)
    places = judged.table["place"].to_pylist()
    kept = [names[label] != said.get(place) for place, label in zip(places, judged.labels, strict=True)]
    mask = np.array(kept, dtype=bool)
    return Judged(judged.table.filter(pa.array(mask)), judged.labels[mask], judged.beliefs[mask], judged.by)


def _check(pool: folds.Pool) -> None:
    if len(pool) < FEWEST_ROWS:
        raise InputError(
            text_plural(
                "With {count} row outside the test rows no label can be judged by the others.",
                "With {count} rows outside the test rows no label can be judged by the others.",
                count=len(pool),
            ),
            text("Label at least {rows} rows.", rows=FEWEST_ROWS),
        )
    if len(pool.names) < 2:
        raise InputError(
            text("All rows have the same label, so there is nothing to tell apart."),
            text("Add rows with other labels."),
        )
