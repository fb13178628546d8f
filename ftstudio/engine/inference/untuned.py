"""The model as it was before training, made able to answer: what a run gained can be seen on any input.

An untuned model has no layer for the project's labels. It gets the simplest there is, a linear probe on its unchanged
features (`engine.probes.probe`), from at most `MOST_ROWS` training rows; nothing below that layer learns. A model that
writes needs none.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ftstudio.core.errors import InputError
from ftstudio.core.settings import TrainingSettings, build
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text
from ftstudio.datasets.store import Dataset
from ftstudio.engine import device
from ftstudio.engine.answers.shaped import task_of
from ftstudio.engine.inference.answering import Trained, labels_of
from ftstudio.engine.language import chat_forms, writing
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.probes import probe
from ftstudio.models.json_files import read_optional
from ftstudio.planning.facts import locate_model
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import RunSummary

PREFIX = "base:"
MOST_ROWS, MOST_CHECKS = 1_000, 300
STRENGTH = 0.1
_CHANCE = 1

Tell = Callable[[Text, int, int], None]


def load(project: ProjectLayout, summary: RunSummary, tell: Tell) -> Trained:
    """Return the base model of a run with a probe; raises `InputError` when model or data are gone."""
    if summary.request is None:
        raise InputError(text("The run “{run}” is damaged.", run=summary.name), field="run")
    task = task_of(summary.request.task, summary.request.answer)
    folder = locate_model(summary.request.model).path
    dataset = Dataset.open(project.data)
    settings = build(summary.request.settings).model_copy(update={"augmentation": "none", "dropout": None})
    hardware = device.choose(settings)
    if task.SPEC.answer.writes:
        return _writer(summary, task, folder, settings, hardware)
    bundle = task.load(folder, labels_of(summary), settings, trained=False)
    bundle.model.to(hardware.device)
    train, validation = (
        ModelFeed(task, bundle, task.encode(bundle, _some(dataset.table(split), most), dataset.folder), settings)
        for split, most in ((Split.TRAIN, MOST_ROWS), (Split.VALIDATION, MOST_CHECKS))
    )
    reading = text("Reading training rows with the model as it was before training")
    fitted = probe.fit_head(
        bundle.model,
        train,
        validation,
        len(bundle.labels),
        hardware,
        balanced=settings.class_weights == "balanced",
        seed=_CHANCE,
        tick=lambda done, total: tell(reading, done, total),
        strengths=(STRENGTH,) if not len(validation.labels) else (),
    )
    if fitted is None:
        raise InputError(
            text("The model before training cannot be asked: it has no last layer that could learn the labels."),
            text("Compare two runs instead."),
        )
    bundle.model.eval()
    return Trained(f"{PREFIX}{summary.id}", task, bundle, hardware)


def _writer(
    summary: RunSummary, task: Any, folder: Path, settings: TrainingSettings, hardware: device.Hardware
) -> Trained:
    """Return the base model as it is; it is asked in the way that the run's own model is."""
    bundle = task.load(folder, [], settings, trained=True)
    own = read_optional(summary.layout.model / "config.json")
    if own.get(writing.AS_CHAT):
        chat_forms.give_template(bundle.processor)
        setattr(bundle.model.config, writing.AS_CHAT, True)
    bundle.model.to(hardware.device)
    bundle.model.eval()
    return Trained(f"{PREFIX}{summary.id}", task, bundle, hardware)


def _some(table: pa.Table, most: int) -> pa.Table:
    if table.num_rows <= most:
        return table
    chosen = np.random.default_rng(_CHANCE).choice(table.num_rows, most, replace=False)
    return table.take(pa.array(np.sort(chosen)))
