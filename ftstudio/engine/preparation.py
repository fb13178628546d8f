"""Everything that must be ready before the first step: model, encoded rows, what learns, stored features, probe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ftstudio.core.errors import InputError
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text
from ftstudio.datasets.store import Dataset
from ftstudio.engine import features, probe
from ftstudio.engine.classification import balanced_weights
from ftstudio.engine.device import Hardware
from ftstudio.engine.feeds import Feed, ModelFeed
from ftstudio.engine.freezing import LayerPlan, plan_layers, set_training_mode
from ftstudio.engine.task import Bundle, Examples, Task

Tell = Callable[[Text, int, int], None]

ENCODING = text("Reading the rows as the model sees them")
LOADING = text("Loading the model")
STORING = text("Running the frozen layers once")
PROBING = text("Fitting the head on the unchanged model")


@dataclass
class Prepared:
    """What a run works on. `feeds` are what learns or is checked during training; `whole` always runs everything."""

    task: Task
    bundle: Bundle
    plan: LayerPlan
    hardware: Hardware
    feeds: dict[Split, Feed]
    whole: dict[Split, ModelFeed]
    class_weights: Tensor | None
    uses_features: bool
    probe_accuracy: float | None = None


def prepare(
    task: Task,
    model_folder: Path,
    dataset: Dataset,
    settings: TrainingSettings,
    hardware: Hardware,
    tell: Tell,
    *,
    resuming: bool,
) -> Prepared:
    """Load the model and the rows and make ready to learn.

    Args:
        task: the module in `ftstudio.tasks`.
        model_folder: the pretrained model.
        dataset: the project's data.
        settings: the effective settings.
        hardware: where to compute.
        tell: told (phase, done, total); may raise to cancel.
        resuming: a checkpoint will be loaded, so no probe is needed.
    """
    torch.manual_seed(settings.seed)
    tell(LOADING, 0, 1)
    bundle = task.load(model_folder, dataset.labels, settings, trained=False)
    bundle.model.to(hardware.device)
    whole = _encoded(task, bundle, dataset, settings, tell)
    plan = plan_layers(bundle.model, settings)
    feeds, uses_features = _feeds(whole, plan, hardware, settings, tell)
    prepared = Prepared(task, bundle, plan, hardware, feeds, whole, _weights(whole, settings, hardware), uses_features)
    if settings.probe_first and not resuming:
        _probe(prepared, settings, tell)
    set_training_mode(bundle.model)
    return prepared


def _encoded(
    task: Task, bundle: Bundle, dataset: Dataset, settings: TrainingSettings, tell: Tell
) -> dict[Split, ModelFeed]:
    result = {}
    for at, split in enumerate(Split):
        tell(ENCODING, at, len(Split))
        examples = task.encode(bundle, dataset.table(split), dataset.folder)
        if split is Split.TRAIN:
            examples = _usable(examples, settings)
        result[split] = ModelFeed(task, bundle, examples, settings)
    return result


def _usable(examples: Examples, settings: TrainingSettings) -> Examples:
    """Leave out rows without a label and, if the user wants it so, texts that are too long."""
    keep = np.asarray(examples.labels) >= 0
    truncated = getattr(examples, "truncated", None)
    if truncated is not None and settings.long_text == "drop":
        keep &= ~truncated
    if not keep.any():
        raise InputError(
            text("No training row is left: every text is longer than {length} tokens.", length=settings.max_length),
            text("Raise the text length, or keep the beginning of longer texts."),
            field="long_text",
        )
    return examples if keep.all() else examples.only(keep)


def _feeds(
    whole: dict[Split, ModelFeed],
    plan: LayerPlan,
    hardware: Hardware,
    settings: TrainingSettings,
    tell: Tell,
) -> tuple[dict[Split, Feed], bool]:
    wanted = (Split.TRAIN, Split.VALIDATION)
    plain: dict[Split, Feed] = {split: whole[split] for split in wanted}
    if not settings.cache_features or settings.augmentation != "none":
        return plain, False
    stored = features.build(
        [whole[split] for split in wanted], plan, hardware, lambda done, total: tell(STORING, done, total)
    )
    return (dict(zip(wanted, stored, strict=True)), True) if stored else (plain, False)


def _weights(whole: dict[Split, ModelFeed], settings: TrainingSettings, hardware: Hardware) -> Tensor | None:
    if settings.class_weights == "none":
        return None
    train = whole[Split.TRAIN]
    weights = balanced_weights(train.labels, len(train.bundle.labels))
    return torch.from_numpy(weights).to(hardware.device)


def _probe(prepared: Prepared, settings: TrainingSettings, tell: Tell) -> None:
    prepared.probe_accuracy = probe.fit_head(
        prepared.bundle.model,
        prepared.feeds[Split.TRAIN],
        prepared.feeds[Split.VALIDATION],
        len(prepared.bundle.labels),
        prepared.hardware,
        balanced=settings.class_weights == "balanced",
        seed=settings.seed,
        tick=lambda done, total: tell(PROBING, done, total),
    )
    learns_below = any(part.kind != "head" for part in prepared.plan.learning)
    if prepared.probe_accuracy is not None and learns_below:
        probe.soften(prepared.bundle.model, len(prepared.bundle.labels))
