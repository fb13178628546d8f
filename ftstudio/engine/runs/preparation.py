"""Everything that must be ready before the first step: model, encoded rows, what learns, stored features, probe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch import Tensor

from ftstudio.core.errors import InputError
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text
from ftstudio.engine.answers.classification import balanced_weights
from ftstudio.engine.answers.outputs import flat
from ftstudio.engine.answers.shaped import ShapedTask
from ftstudio.engine.device import Hardware
from ftstudio.engine.layers import features
from ftstudio.engine.layers.freezing import LayerPlan, keep_statistics, plan_layers, set_training_mode
from ftstudio.engine.learning import recomputing
from ftstudio.engine.learning.feeds import Feed, ModelFeed
from ftstudio.engine.probes import probe, shaped_probe
from ftstudio.engine.task import Bundle, Examples, Task
from ftstudio.engine.vision.left_out import LeftOut

Tell = Callable[[Text, int, int], None]

ENCODING = text("Reading the rows as the model sees them")
LOADING = text("Loading the model")
STORING = text("Running the frozen layers once")
PROBING = text("Fitting the head on the unchanged model")


class Source(Protocol):
    """Rows to train on: a project's data set, or a choice of its rows. Pictures lie below `folder`."""

    folder: Path

    @property
    def labels(self) -> list[str]:
        """The class names as training sees them."""
        ...

    def table(self, split: Split) -> pa.Table:
        """Return the usable rows of a split, columns named by role."""
        ...


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
    linear_probe: probe.Probe | None = None
    left_out: LeftOut | None = None

    def agree(self) -> None:
        """Let all processes of the run leave out the pictures that one of them could not read."""
        if self.left_out is not None:
            self.left_out.agree()


def prepare(
    task: Task,
    model_folder: Path,
    dataset: Source,
    settings: TrainingSettings,
    hardware: Hardware,
    tell: Tell,
    *,
    resuming: bool,
    strengths: Sequence[float] = (),
    left_out: LeftOut | None = None,
) -> Prepared:
    """Load the model and the rows and make ready to learn.

    Args:
        task: the module in `ftstudio.tasks`.
        model_folder: the pretrained model.
        dataset: the project's data, or some of its rows.
        settings: the effective settings.
        hardware: where to compute.
        tell: told (phase, done, total); may raise to cancel.
        resuming: a checkpoint will be loaded, so no probe is needed.
        strengths: the regularisation that the probe may have; none given means the usual ones.
        left_out: takes note of pictures that cannot be read; without it the first of them is an error.
    """
    bundle = load(task, model_folder, dataset.labels, settings, hardware, tell, shrinks=True)
    whole = _encoded(task, bundle, dataset, settings, tell)
    if left_out is not None:
        survive(whole.values(), left_out)
    plan = plan_layers(bundle.model, settings)
    bundle.model.to(hardware.device)
    wanted = (Split.TRAIN, Split.VALIDATION)
    stored, uses_features = learning_feeds([whole[split] for split in wanted], plan, hardware, settings, tell)
    if left_out is not None:
        left_out.agree()
    prepared = Prepared(
        task=task,
        bundle=bundle,
        plan=plan,
        hardware=hardware,
        feeds=dict(zip(wanted, stored, strict=True)),
        whole=whole,
        class_weights=label_weights(task, whole[Split.TRAIN], bundle, settings, hardware),
        uses_features=uses_features,
        left_out=left_out,
    )
    start(prepared, settings, tell, resuming=resuming, strengths=strengths)
    prepared.agree()
    return prepared


def load(
    task: Task,
    model_folder: Path,
    labels: list[str],
    settings: TrainingSettings,
    hardware: Hardware,
    tell: Tell,
    *,
    shrinks: bool = False,
) -> Bundle:
    """Load the pretrained model with a new head for `labels`; the seed of the settings starts all chance.

    With `shrinks` the layers are planned next: a model of which some will rest in 4 bits is not moved before that.
    """
    torch.manual_seed(settings.seed)
    tell(LOADING, 0, 1)
    bundle = task.load(model_folder, labels, settings, trained=False)
    if not shrinks or settings.lora_base == "whole":
        bundle.model.to(hardware.device)
    if settings.gradient_checkpointing:
        recomputing.switch_on(bundle.model)
    if settings.batch_norm == "keep":
        keep_statistics(bundle.model)
    return bundle


def start(
    prepared: Prepared,
    settings: TrainingSettings,
    tell: Tell,
    *,
    resuming: bool = False,
    strengths: Sequence[float] = (),
) -> None:
    """Bring the model to where training begins: fit the probe if the settings want one, switch to training."""
    if settings.probe_first and not resuming:
        _probe(prepared, settings, tell, strengths)
    set_training_mode(prepared.bundle.model)


def _encoded(
    task: Task, bundle: Bundle, dataset: Source, settings: TrainingSettings, tell: Tell
) -> dict[Split, ModelFeed]:
    result = {}
    for at, split in enumerate(Split):
        tell(ENCODING, at, len(Split))
        examples = task.encode(bundle, dataset.table(split), dataset.folder)
        if split is Split.TRAIN:
            examples = in_blocks(usable(examples, settings))
        result[split] = ModelFeed(task, bundle, examples, settings)
    return result


def surviving(prepared: Prepared, left_out: LeftOut) -> Prepared:
    """Return what was prepared, in a run of which pictures that break are left out."""
    survive(prepared.whole.values(), left_out)
    return replace(prepared, left_out=left_out)


def survive(feeds: Iterable[ModelFeed], left_out: LeftOut) -> None:
    """Let a run go on without the pictures that break, where rows are pictures."""
    for feed in feeds:
        survive: Callable[[LeftOut], None] | None = getattr(feed.examples, "survive", None)
        if survive is not None:
            survive(left_out)


def in_blocks(examples: Examples) -> Examples:
    """Let what is read on in blocks be learned from block by block, where a task has that."""
    blocks: Callable[[], Examples] | None = getattr(examples, "in_blocks", None)
    return examples if blocks is None else blocks()


def usable(examples: Examples, settings: TrainingSettings) -> Examples:
    """Leave out rows without a label and, if the user wants it so, texts that are too long."""
    keep = learnable(examples, settings)
    if not (np.asarray(examples.labels) >= 0).any():
        raise InputError(
            text("No training row is left: none has an answer that can be learned."),
            text(
                "The report on the data tells which rows cannot be used, and why. Correct them and import them again."
            ),
        )
    if not keep.any():
        raise InputError(
            text("No training row is left: every text is longer than {length} tokens.", length=settings.max_length),
            text("Raise the text length, or keep the beginning of longer texts."),
            field="long_text",
        )
    return examples if keep.all() else examples.only(keep)


def learnable(examples: Examples, settings: TrainingSettings) -> NDArray[np.bool_]:
    """Return which rows may be learned from: those with a label, and whose text is not too long for the settings."""
    keep: NDArray[np.bool_] = np.asarray(examples.labels) >= 0
    truncated = getattr(examples, "truncated", None)
    return keep & ~truncated if truncated is not None and settings.long_text == "drop" else keep


def learning_feeds(
    whole: Sequence[ModelFeed], plan: LayerPlan, hardware: Hardware, settings: TrainingSettings, tell: Tell
) -> tuple[list[Feed], bool]:
    """Return feeds over the same rows that skip what is frozen where that can be, and whether they do.

    The first of `whole` is learned from. Frozen layers run once over all rows, and their outputs are stored.
    """
    if settings.cache_features and not settings.changes_inputs:
        stored = features.build(whole, plan, hardware, lambda done, total: tell(STORING, done, total))
        if stored is not None:
            return list(stored), True
    return list(whole), False


def label_weights(
    task: Task, feed: Feed, bundle: Bundle, settings: TrainingSettings, hardware: Hardware
) -> Tensor | None:
    """Return what a task weighs its labels by, where it says so itself, else the weight of each class."""
    if task.SPEC.answer.writes:
        return None
    if not isinstance(task, ShapedTask):
        return class_weights(feed.truth, bundle, settings, hardware)
    found = task.weights(feed.truth, settings)
    return None if found is None else torch.from_numpy(found).to(hardware.device)


def class_weights(truth: NDArray[Any], bundle: Bundle, settings: TrainingSettings, hardware: Hardware) -> Tensor | None:
    """Return the weight of each class, shape [classes], None where all rows count the same or there are no classes."""
    if settings.class_weights == "none" or settings.balanced_sampling:
        return None
    labels = flat(truth)
    if labels.dtype.kind != "i":
        return None
    return torch.from_numpy(balanced_weights(labels, len(bundle.labels))).to(hardware.device)


def _probe_shaped(prepared: Prepared, settings: TrainingSettings, tell: Tell, strengths: Sequence[float]) -> None:
    prepared.linear_probe = shaped_probe.fit_head(
        prepared.bundle.model,
        prepared.feeds[Split.TRAIN],
        prepared.feeds[Split.VALIDATION],
        len(prepared.bundle.labels),
        prepared.hardware,
        weights=prepared.class_weights,
        seed=settings.seed,
        tick=lambda done, total: tell(PROBING, done, total),
        strengths=strengths,
    )


def _probe(prepared: Prepared, settings: TrainingSettings, tell: Tell, strengths: Sequence[float]) -> None:
    if isinstance(prepared.task, ShapedTask):
        _probe_shaped(prepared, settings, tell, strengths)
        return
    prepared.linear_probe = probe.fit_head(
        prepared.bundle.model,
        prepared.feeds[Split.TRAIN],
        prepared.feeds[Split.VALIDATION],
        len(prepared.bundle.labels),
        prepared.hardware,
        balanced=settings.class_weights == "balanced",
        seed=settings.seed,
        tick=lambda done, total: tell(PROBING, done, total),
        strengths=strengths,
    )
    learns_below = any(part.kind != "head" for part in prepared.plan.learning)
    if prepared.linear_probe is not None and learns_below:
        probe.soften(prepared.bundle.model, len(prepared.bundle.labels))
