"""A task as it is where the rows of a project have several labels each, or a number.

Such a task loads, reads, runs and saves its models as ever; only what the outputs mean is another: their loss, their
scores and how they become answers. So every classifier can do it, of texts as of pictures, and knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ftstudio.core import catalog
from ftstudio.core.deciding import AS_TRAINED, Decision
from ftstudio.core.errors import InputError
from ftstudio.core.samples import Prediction
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import Answer, TaskSpec
from ftstudio.core.text import text
from ftstudio.engine import rows
from ftstudio.engine.answers import numbers, several_labels, target_scale
from ftstudio.engine.task import Batch, Bundle, Examples, Task
from ftstudio.engine.vision.left_out import LeftOut

_KINDS: dict[Answer, ModuleType] = {Answer.LABELS: several_labels, Answer.NUMBER: numbers}
_PROBLEMS = {Answer.LABELS: "multi_label_classification", Answer.NUMBER: "regression"}
_SENSELESS = {Answer.LABELS: ("r_drop",), Answer.NUMBER: ("r_drop", "label_smoothing")}
UNIT = "number_unit"
"""What the configuration of a saved model calls the unit of its loss."""


def task_of(key: str, answer: Answer | None) -> Task:
    """Return what trains and asks models of a task, where labels are of a kind (None: the usual one)."""
    module: Any = catalog.tasks().module(key)
    spec = module.SPEC.shaped(answer)
    task: Task = module if spec is module.SPEC else ShapedTask(module, spec)
    return task


class Answered:
    """Encoded rows of a task with other answers: `truth` has them, one line a row, NaN where they are not known."""

    def __init__(self, examples: Examples, truth: NDArray[np.float32]) -> None:
        self._examples, self.truth = examples, truth
        self.lengths = examples.lengths
        self.labels = np.where(np.isnan(truth).any(axis=1), -1, 0).astype(np.int64)

    def __getattr__(self, name: str) -> Any:
        """Return what else the task knows of its rows."""
        return getattr(self._examples, name)

    def __len__(self) -> int:
        return len(self.truth)

    def batch(self, indices: Sequence[int], seed: int | None) -> Batch:
        """Collate rows as the task does, with their own answers."""
        return Batch(self._examples.batch(indices, seed).inputs, torch.from_numpy(self.truth[list(indices)]))

    def survive(self, left_out: LeftOut) -> None:
        """Leave out pictures that cannot be read from now on, where rows are pictures."""
        inner: Any = self._examples
        if hasattr(inner, "survive"):
            inner.survive(left_out, self._forget)

    def _forget(self, row: int) -> None:
        self.labels[row], self.truth[row, 0] = -1, np.nan

    def only(self, keep: NDArray[np.bool_]) -> Answered:
        """Return the rows that `keep` marks."""
        return Answered(self._examples.only(keep), self.truth[keep])


class ShapedTask:
    """A task whose outputs mean what its `SPEC.answer` says."""

    def __init__(self, task: Any, spec: TaskSpec) -> None:
        self._task: Task = task
        self.SPEC = spec
        self._kind: Any = _KINDS[spec.answer]

    def load(self, folder: Path, labels: Sequence[str], settings: TrainingSettings, *, trained: bool) -> Bundle:
        """Load a model of the task with one output for each of `labels`; raises `InputError` for senseless settings."""
        if not trained:
            _refuse_senseless(self.SPEC, settings)
        bundle = self._task.load(folder, labels, settings, trained=trained)
        config = getattr(bundle.model, "config", None)
        if config is not None and not trained:
            config.problem_type = _PROBLEMS[self.SPEC.answer]
        if self.SPEC.answer is Answer.NUMBER:
            target_scale.attach(bundle.model)
        if trained:
            bundle.unit = float(getattr(config, UNIT, 0.0) or 0.0)
        return bundle

    def encode(self, bundle: Bundle, table: pa.Table, folder: Path) -> Answered:
        """Encode the inputs as the task does; the first rows that are learned from say how numbers lie."""
        inputs = table.drop_columns("label") if "label" in table.column_names else table
        examples = self._task.encode(bundle, inputs, folder)
        if self.SPEC.answer is Answer.LABELS:
            return Answered(examples, rows.label_sets(table, bundle.labels))
        truth = rows.numbers(table)
        return Answered(examples, np.column_stack((truth, np.full(len(truth), _unit(bundle, truth), np.float32))))

    def logits(self, model: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
        """Run the model; shape [rows, labels], or [rows, 1] in the unit of the user's numbers."""
        return self._task.logits(model, inputs)

    def loss(self, logits: Tensor, labels: Tensor, settings: TrainingSettings, weights: Tensor | None) -> Tensor:
        """Return the loss of each row, shape [rows]."""
        result: Tensor = self._kind.loss(logits, labels, settings, weights)
        return result

    def weights(self, truth: NDArray[np.float32], settings: TrainingSettings) -> NDArray[np.float32] | None:
        """Return how much each label counts in the loss; None where all count the same."""
        result: NDArray[np.float32] | None = self._kind.weights(truth, settings)
        return result

    def choose(self, logits: NDArray[Any], truth: NDArray[Any], names: Sequence[str]) -> Decision:
        """Return how answers are best decided, as answers to validation rows show it."""
        result: Decision = self._kind.choose(logits, truth, names)
        return result

    def score(
        self, logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str] = (), decision: Decision = AS_TRAINED
    ) -> dict[str, float]:
        """Return the metrics of its SPEC."""
        result: dict[str, float] = self._kind.score(logits, labels, names, decision)
        return result

    def intervals(
        self, logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
    ) -> dict[str, tuple[float, float]]:
        """Return between what each metric lies on other rows of the same kind, 95 times of 100."""
        result: dict[str, tuple[float, float]] = self._kind.intervals(logits, labels, names, decision)
        return result

    def calibration_error(
        self, logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
    ) -> float | None:
        """Return how far what the model claims is from how often it is right; None if that has no sense."""
        result: float | None = self._kind.calibration_error(logits, labels, names, decision)
        return result

    def report(
        self, logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
    ) -> dict[str, Any]:
        """Return what the result page shows beside the metrics."""
        result: dict[str, Any] = self._kind.report(logits, labels, names, decision)
        return result

    def decode(
        self, logits: NDArray[Any], inputs: Sequence[str], names: Sequence[str], decision: Decision = AS_TRAINED
    ) -> list[Prediction]:
        """Turn logits into answers for people."""
        result: list[Prediction] = self._kind.decode(logits, inputs, names, decision)
        return result

    def save(self, bundle: Bundle, folder: Path) -> None:
        """Write the model as the task does; one that answers with a number does so by itself then."""
        if self.SPEC.answer is Answer.NUMBER:
            target_scale.fold(bundle.model)
            config = getattr(bundle.model, "config", None)
            if config is not None and bundle.unit:
                setattr(config, UNIT, bundle.unit)
        self._task.save(bundle, folder)


def _unit(bundle: Bundle, truth: NDArray[np.float32]) -> float:
    """Return the unit of the loss; a model that is new takes it from the first rows with numbers."""
    known = truth[~np.isnan(truth)]
    if bundle.unit is None and len(known):
        target_scale.begin(bundle.model, known)
        bundle.unit = target_scale.spread_of(known)
    return bundle.unit or (target_scale.spread_of(known) if len(known) else 1.0)


def _refuse_senseless(spec: TaskSpec, settings: TrainingSettings) -> None:
    for key in _SENSELESS[spec.answer]:
        if getattr(settings, key):
            raise InputError(
                text("“{key}” cannot be used where a row does not have one label.", key=key),
                text("Set it to 0."),
                field=key,
            )
