"""Several trainings on parts of the same rows: folds of a cross-validation, growing shares of the data.

Model, encoded rows and the outputs of frozen layers are made once; between trainings the model and all chance are put
back exactly, so that each gives the same whether or not others ran before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.errors import StudioError
from ftstudio.core.messages import Event, Measured, Remark
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text
from ftstudio.datasets.folds import Pool
from ftstudio.engine.guards.studies import Study
from ftstudio.engine.layers import snapshot
from ftstudio.engine.layers.freezing import plan_layers
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.learning.feeds import ModelFeed, Subset
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.runs import preparation, results, training
from ftstudio.engine.runs.checkpoints import UnwrittenCheckpointError
from ftstudio.engine.runs.preparation import Prepared
from ftstudio.project import atomic, disk_errors
from ftstudio.project.layout import ProjectLayout, RunLayout

Rows = NDArray[np.int64]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Ground:
    """What all trainings share. `base` feeds every row of `pool` as training rows; `original` is the model before.

    `may_learn` marks the rows that may be learned from (the others are only answered).
    """

    study: Study[Any]
    pool: Pool
    base: Prepared
    original: snapshot.Snapshot
    may_learn: NDArray[np.bool_]

    @property
    def truth(self) -> NDArray[Any]:
        """What the answers to the rows of the pool are scored by (`engine.answers.outputs`)."""
        return self.base.whole[Split.TRAIN].truth

    @property
    def names(self) -> list[str]:
        """What the model's outputs are called."""
        return self.base.bundle.labels


@dataclass(frozen=True)
class Trial:
    """One training: how it ended, the kept model's logits for the checked rows, its validation checks, its probe."""

    state: TrainingState
    logits: NDArray[Any]
    checks: list[Measured]
    strength: float | None


def lay(study: Study[Any], pool: Pool) -> Ground:
    """Load the model, encode all rows of `pool` and run the frozen layers once over them."""
    labels = pool.learned
    bundle = preparation.load(
        study.task, study.model_folder, labels, study.settings, study.hardware, study.tell, shrinks=True
    )
    study.tell(preparation.ENCODING, 0, len(pool))
    whole = ModelFeed(study.task, bundle, study.task.encode(bundle, pool.table, study.dataset.folder), study.settings)
    plan = plan_layers(bundle.model, study.settings)
    bundle.model.to(study.hardware.device)
    feeds, uses_features = preparation.learning_feeds([whole], plan, study.hardware, study.settings, study.tell)
    base = Prepared(
        task=study.task,
        bundle=bundle,
        plan=plan,
        hardware=study.hardware,
        feeds={Split.TRAIN: feeds[0]},
        whole={Split.TRAIN: whole},
        class_weights=None,
        uses_features=uses_features,
    )
    may_learn = preparation.learnable(whole.examples, study.settings)
    return Ground(study, pool, base, snapshot.take(bundle.model), may_learn)


def ready(
    ground: Ground, learned: Rows, checked: Rows, settings: TrainingSettings, *, strengths: tuple[float, ...] = ()
) -> Prepared:
    """Return the model as it was before all trainings, brought to where one on the rows `learned` begins."""
    feed, bundle, task = ground.base.feeds[Split.TRAIN], ground.base.bundle, ground.study.task
    snapshot.put_back(ground.original, bundle.model)
    learned = learned[ground.may_learn[learned]]
    prepared = replace(
        ground.base,
        feeds={Split.TRAIN: Subset(feed, learned), Split.VALIDATION: Subset(feed, checked)},
        class_weights=preparation.label_weights(task, Subset(feed, learned), bundle, settings, ground.study.hardware),
        linear_probe=None,
    )
    preparation.start(prepared, settings, lambda *_: ground.study.context.control.check(), strengths=strengths)
    return prepared


def run(
    ground: Ground, learned: Rows, checked: Rows, settings: TrainingSettings, folder: Path, progress: Progress
) -> Trial:
    """Train on the rows `learned` and answer the rows `checked`, which also choose the kept step.

    Args:
        ground: what all trainings share.
        learned: places in the pool.
        checked: places in the pool.
        settings: of this training; what is frozen is that of the ground.
        folder: for its checkpoints.
        progress: told (steps done, steps planned); may raise to cancel.
    """
    prepared = ready(ground, learned, checked, settings)
    strength = prepared.linear_probe.strength if prepared.linear_probe is not None else None
    place, checks, control = RunLayout(folder), list[Measured](), ground.study.context.control
    total = [1]

    def hear(event: Event) -> None:
        if isinstance(event, Measured) and event.split == "validation":
            checks.append(event)
        elif isinstance(event, Measured):
            progress(event.step, total[0])
        elif isinstance(event, Remark) and event.severity != "note":
            ground.study.context.emit(event)

    def begin(state: TrainingState) -> None:
        total[0] = state.total_steps
        progress(0, total[0])

    place.root.mkdir(exist_ok=True)
    outcome = training.run_training(
        prepared, settings, ground.study.accelerator(), hear, control, place.checkpoints, begin=begin
    )
    control.check()
    results.keep_best(prepared, place)
    logits = logits_of(prepared.feeds[Split.VALIDATION], ground.study.hardware)
    return Trial(outcome.state, logits, checks, strength)


def in_phase(study: Study[Any], phase: Text, before: int, trainings: int) -> Progress:
    """Return a progress of one training that tells how far all `trainings` are, `before` of which are done."""
    return lambda done, total: study.tell(phase, before * total + done, trainings * total)


@contextmanager
def scratch(project: ProjectLayout) -> Iterator[Path]:
    """Yield a folder that goes away afterwards; one that a kill left behind goes when the project is next opened.

    Raises `StudioError` where the project's folder cannot be written. Trainings in it cannot be resumed, so a
    checkpoint that cannot be written has another hint than in a run.
    """
    folder = atomic.temporary_sibling(project.cache / "trials")
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise disk_errors.explain(error, folder.parent) from error
    try:
        yield folder
    except UnwrittenCheckpointError as error:
        hint = text(
            "Free some disk space, then start it again from the beginning; what was stored before is unchanged."
        )
        raise StudioError(error.message, hint, file=str(folder.parent)) from error
    finally:
        atomic.remove_folder(folder)
