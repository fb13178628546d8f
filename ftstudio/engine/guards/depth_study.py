"""The study of the depths, from the project to the report: a bounded share of the rows, one pass, probes, advice."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core.errors import InputError
from ftstudio.core.module_tree import BLOCK, Part
from ftstudio.core.specs import Answer
from ftstudio.core.text import text, text_plural
from ftstudio.datasets import folds
from ftstudio.engine.guards import depth, depth_choice, depth_words
from ftstudio.engine.guards.depth_choice import Curve
from ftstudio.engine.guards.studies import Study, finish
from ftstudio.engine.layers.freezing import parts_of
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.probes import linear_probes, shaped_answers
from ftstudio.engine.probes.simple_answers import some_rows
from ftstudio.engine.runs import preparation
from ftstudio.engine.task import Bundle

FOLDS = 3
FEWEST_ROWS = 20
LOOKING = text("Looking at every depth of the model")
FITTING = text("Fitting a simple answer to each depth")


@dataclass(frozen=True)
class Timing:
    """Seconds: the pass over the rows with all depths caught, and fitting the probes."""

    collecting: float
    fitting: float


def advise(study: Study[Any]) -> dict[str, Any]:
    """Look at every depth and store the report; raises `InputError` where there is nothing to compare."""
    pool = folds.pool(study.dataset)
    _check(pool, study.task.SPEC.answer)
    bundle = preparation.load(
        study.task, study.model_folder, study.dataset.labels, study.settings, study.hardware, study.tell
    )
    parts = parts_of(bundle.model)
    rows = _some_rows(study, pool)
    found, timing = measure(study, bundle, parts, pool, rows)
    told = depth_words.tell(study.settings, parts, found, len(rows), timing)
    return finish(study, told.numbers, told.advice, charts=told.charts, tables=told.tables)


def measure(
    study: Study[Any], bundle: Bundle, parts: list[Part], pool: folds.Pool, rows: NDArray[np.int64]
) -> tuple[Curve, Timing]:
    """Run `rows` of `pool` through the model once and score a probe at each depth; also tells how long it took."""
    study.tell(preparation.ENCODING, 0, 1)
    table = pool.table.take(pa.array(rows))
    feed = ModelFeed(study.task, bundle, study.task.encode(bundle, table, study.dataset.folder), study.settings)
    points = depth.watchpoints(bundle.model, parts, len(bundle.labels))
    began = time.perf_counter()
    features = depth.collect(feed, points, study.hardware, lambda done, total: study.tell(LOOKING, done, total))
    collected = time.perf_counter()
    held = folds.assign(pool.labels[rows], pool.units[rows], FOLDS, study.settings.seed)
    answer, wanted = study.task.SPEC.answer, _wanted(study, pool, rows)
    predicted = []
    for at, values in enumerate(features.values):
        study.tell(FITTING, at, len(features.values))
        predicted.append(_answered(linear_probes.held_out(values.astype(np.float32), wanted, held), wanted, answer))
    found = depth_choice.curve(
        features.names,
        [depth.depth_of(name, parts) for name in features.names],
        sum(part.kind == BLOCK for part in parts),
        np.array(predicted),
        _true(wanted, answer),
        study.settings.monitor,
        study.settings.seed,
        answer,
    )
    return found, Timing(collected - began, time.perf_counter() - collected)


def _some_rows(study: Study[Any], pool: folds.Pool) -> NDArray[np.int64]:
    most, seed = study.options.max_rows, study.settings.seed
    if study.task.SPEC.answer is Answer.LABEL:
        return some_rows(pool.labels, most, seed)
    truth = shaped_answers.way_of(study.task.SPEC.answer).truth(pool.table, pool.learned)
    return shaped_answers.some_known(truth, most, seed)


def _wanted(study: Study[Any], pool: folds.Pool, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return what the probes are to answer, shape [rows, outputs]: 1 or 0 for each label, or the number."""
    if study.task.SPEC.answer is Answer.LABEL:
        return np.eye(len(pool.names), dtype=np.float32)[pool.labels[rows]]
    table = pool.table.take(pa.array(rows))
    return shaped_answers.way_of(study.task.SPEC.answer).truth(table, pool.learned)


def _answered(said: NDArray[np.float32], wanted: NDArray[np.float32], answer: Answer) -> NDArray[Any]:
    """Return what probes answer: the likeliest label, a number, or of several labels each to as many rows as have it.

    Probes of several labels are no probabilities, so that none of them is sure from one half on.
    """
    if answer is Answer.NUMBER:
        return np.asarray(said[:, 0])
    if answer is Answer.LABEL:
        return np.asarray(said.argmax(axis=1))
    rank = (-said).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return np.asarray(rank < wanted.sum(axis=0), dtype=np.float64)


def _true(wanted: NDArray[np.float32], answer: Answer) -> NDArray[Any]:
    if answer is Answer.LABEL:
        return np.asarray(wanted.argmax(axis=1))
    return np.asarray(wanted[:, 0] if answer is Answer.NUMBER else wanted, dtype=np.float64)


def _check(pool: folds.Pool, answer: Answer) -> None:
    if len(pool) < FEWEST_ROWS:
        raise InputError(
            text_plural(
                "With {count} row outside the test rows the depths cannot be told apart.",
                "With {count} rows outside the test rows the depths cannot be told apart.",
                count=len(pool),
            ),
            text("Label at least {rows} rows; until then tune the head only.", rows=FEWEST_ROWS),
        )
    if answer is not Answer.LABEL:
        return
    if len(pool.names) < 2:
        raise InputError(
            text("All rows have the same label, so there is nothing to tell apart."),
            text("Add rows with other labels."),
        )
    units = np.unique(np.stack((pool.labels, pool.units)), axis=1)[0]
    if (np.bincount(units, minlength=len(pool.names)) > 1).sum() < 2:
        raise InputError(
            text("The rows of all labels but one belong to one group each or are the same row."),
            text("Held back together they could not be learned. Add rows of those labels from other groups."),
        )
