"""Cross-validation: the same training once a fold, then a final model on all rows for the median best step.

Model, encoded rows and the outputs of frozen layers are shared by all folds (`engine.guards.trials`). The test rows
stay sealed until the final model is scored on them.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from ftstudio.core.settings import build
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets import folds
from ftstudio.engine.guards import cross_validation_words, trials
from ftstudio.engine.guards.studies import Study, finish
from ftstudio.engine.guards.trials import Ground, Trial
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.runs import preparation
from ftstudio.planning.out_of_fold import FILE
from ftstudio.project.layout import RunLayout
from ftstudio.project.runs import Refit


@dataclass(frozen=True)
class Folds:
    """All trainings: `fold` of each row of the pool, one trial a fold, and the answers to held rows (`outputs`)."""

    fold: NDArray[np.int64]
    trials: list[Trial]
    logits: NDArray[Any]

    @property
    def best_steps(self) -> list[int]:
        """The step that was kept in each fold."""
        return [one.state.best.step if one.state.best is not None else one.state.step for one in self.trials]

    @property
    def median_step(self) -> int:
        """The middle of the best steps; of an even number, the lower of the two."""
        return statistics.median_low(self.best_steps)


def cross_validate(study: Study[Any]) -> dict[str, Any]:
    """Carry out the study (see `studies.cross_validate`) and return its document."""
    pool = folds.pool(study.dataset)
    fold = folds.divide(pool, study.options.folds, study.settings.seed)
    ground = trials.lay(study, pool)
    found = train_folds(ground, fold)
    final = refit(ground, found) if study.options.refit else None
    told = cross_validation_words.tell(study, ground, found, final)
    return finish(
        study,
        told.numbers,
        told.advice,
        charts=told.charts,
        tables=told.tables,
        fill=lambda folder: write_answers(folder / FILE, ground, found),
    )


def train_folds(ground: Ground, fold: NDArray[np.int64]) -> Folds:
    """Train once for each fold on all rows outside it, and answer the rows inside."""
    count, found = int(fold.max()) + 1, []
    with trials.scratch(ground.study.project.layout) as scratch:
        for at in range(count):
            trial = train_fold(ground, fold, at, count, scratch / str(at))
            found.append(trial)
    logits = np.empty((len(fold), *found[0].logits.shape[1:]), dtype=found[0].logits.dtype)
    for at, trial in enumerate(found):
        logits[fold == at] = trial.logits
    return Folds(fold, found, logits)


def train_fold(ground: Ground, fold: NDArray[np.int64], at: int, count: int, folder: Path) -> Trial:
    """Train one fold of `count`; it comes out the same whichever folds were trained before it."""
    phase = text("Fold {fold} of {folds}", fold=at + 1, folds=count)
    progress = trials.in_phase(ground.study, phase, at, count)
    learned, held = np.flatnonzero(fold != at), np.flatnonzero(fold == at)
    return trials.run(ground, learned, held, ground.study.settings, folder, progress)


def refit(ground: Ground, found: Folds) -> dict[str, Any]:
    """Train the final model as a run of its own, on all rows of the pool; returns its `train` document.

    The schedule is that of the folds, ended at their median best step.
    """
    from ftstudio.engine.runs.training_run import train_run
    from ftstudio.project.runs import create_run

    study = ground.study
    planned = statistics.median_low([one.state.total_steps for one in found.trials])
    strengths = [one.strength for one in found.trials if one.strength is not None]
    asked = study.asked.model_copy(
        update={
            "settings": {**study.asked.settings, "max_steps": planned},
            "name": f"final of {len(found.trials)} folds",
            "refit": Refit(
                folds=len(found.trials),
                steps=found.median_step,
                strength=statistics.median_low(strengths) if strengths else None,
            ),
        }
    )
    rows = np.arange(len(ground.pool))
    chosen = (asked.refit.strength,) if asked.refit is not None and asked.refit.strength is not None else ()
    prepared = trials.ready(ground, rows, rows[:0], build(asked.settings), strengths=chosen)

    def create() -> RunLayout:
        return create_run(study.project.layout, asked)

    ready = replace(prepared, whole=_whole(ground))
    return train_run(study.project, asked, study.context, create, resume=False, ready=ready)


def _whole(ground: Ground) -> dict[Split, ModelFeed]:
    """Return what the final model is scored on: the test rows, opened only now."""
    study, feed = ground.study, ground.base.whole[Split.TRAIN]
    study.tell(preparation.ENCODING, 0, 1)
    none = feed.over(feed.examples.only(np.zeros(len(ground.pool), dtype=bool)))
    test = feed.over(study.task.encode(feed.bundle, study.dataset.table(Split.TEST), study.dataset.folder))
    return {Split.TRAIN: feed, Split.VALIDATION: none, Split.TEST: test}


def has_own_truth(ground: Ground) -> bool:
    """Whether what rows are scored by is more than one class each: places, several labels, or a number."""
    return ground.truth.dtype == object or ground.truth.ndim > 1


def write_answers(path: Path, ground: Ground, found: Folds) -> None:
    """Store the answer to every row by the fold that had not learned from it (see `planning.out_of_fold`)."""
    table = ground.pool.table
    columns = {
        "split": table["split"],
        "row": table["row"],
        "label": pa.array(ground.pool.labels),
        "logits": pa.array([line.ravel().tolist() for line in found.logits], pa.list_(pa.float32())),
        "fold": pa.array(found.fold),
        "place": table["place"],
        **({"truth": pa.array([line.tolist() for line in ground.truth])} if has_own_truth(ground) else {}),
    }
    written = pa.table(columns)
    with ipc.new_file(str(path), written.schema) as writer:
        writer.write_table(written)
