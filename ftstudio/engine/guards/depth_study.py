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
from ftstudio.core.text import text, text_plural
from ftstudio.datasets import folds
from ftstudio.engine.guards import depth, depth_choice, depth_words
from ftstudio.engine.guards.depth_choice import Curve
from ftstudio.engine.guards.studies import Study, finish
from ftstudio.engine.layers.freezing import parts_of
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.probes import linear_probes
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
    _check(pool)
    bundle = preparation.load(
        study.task, study.model_folder, study.dataset.labels, study.settings, study.hardware, study.tell
    )
    parts = parts_of(bundle.model)
    rows = some_rows(pool.labels, study.options.max_rows, study.settings.seed)
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
    predicted = []
    for at, values in enumerate(features.values):
        study.tell(FITTING, at, len(features.values))
        answers = linear_probes.held_out_answers(values.astype(np.float32), pool.labels[rows], held, len(pool.names))
        predicted.append(answers.argmax(axis=1))
    found = depth_choice.curve(
        features.names,
        [depth.depth_of(name, parts) for name in features.names],
        sum(part.kind == BLOCK for part in parts),
        np.array(predicted),
        pool.labels[rows],
        study.settings.monitor,
        study.settings.seed,
    )
    return found, Timing(collected - began, time.perf_counter() - collected)


def _check(pool: folds.Pool) -> None:
    if len(pool) < FEWEST_ROWS:
        raise InputError(
            text_plural(
                "With {count} row outside the test rows the depths cannot be told apart.",
                "With {count} rows outside the test rows the depths cannot be told apart.",
                count=len(pool),
            ),
            text("Label at least {rows} rows; until then tune the head only.", rows=FEWEST_ROWS),
        )
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
