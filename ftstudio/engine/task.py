"""The questions a task answers, and the few things that pass between a task and the engine.

A task is a module in `ftstudio.tasks` with a `SPEC` and these functions; the loop, the caches, cross-validation
and the exporters know no more of it than this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ftstudio.core.deciding import AS_TRAINED, Decision
from ftstudio.core.samples import Prediction
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import TaskSpec
from ftstudio.core.states import Split

if TYPE_CHECKING:
    from ftstudio.core.manner import Manner
    from ftstudio.engine.learning.feeds import ModelFeed


@dataclass
class Bundle:
    """A loaded model with what is needed to feed it.

    `processor` is the task's own: a tokenizer, an image preparer. `settings` are those that decide the input. `unit` is
    in what the loss of a model that answers with numbers is measured (`engine.answers.target_scale`).
    """

    model: nn.Module
    processor: Any
    labels: list[str]
    source: str
    base: Path
    settings: TrainingSettings
    unit: float | None = None


@dataclass(frozen=True)
class Batch:
    """Inputs of one forward pass, and the truth: `inputs` by argument name, `labels` int64, shape [rows] or, where a
    row has several answers, [rows, items]; where an answer is several labels or a number, float, shape [rows, columns].
    `weight` is what the losses of its rows are multiplied by where chance has made them sums over more or fewer answers
    than the rows have by themselves (`Examples.losses`).
    """

    inputs: dict[str, Tensor]
    labels: Tensor
    weight: float = 1.0

    def to(self, device: torch.device) -> Batch:
        """Return the batch on `device`."""
        inputs = {key: value.to(device, non_blocking=True) for key, value in self.inputs.items()}
        return replace(self, inputs=inputs, labels=self.labels.to(device, non_blocking=True))


class Examples(Protocol):
    """Encoded rows. `lengths` are relative costs of rows (tokens; 1 for pictures of one size), shape [rows].

    Where a row has several answers, `labels` only say whether they are known (0, else -1), `truth` has them, an array
    a row, and `items` how many they are (`engine.answers.outputs`). `losses`, where it is there, says of how many
    answers a
    row's loss is the sum, and `row_by_row` whether a batch has one input for each row. Where an answer is several
    labels or a number, `truth` is a matrix (`engine.answers.shaped`).
    """

    lengths: NDArray[np.int64]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of rows."""
        ...

    def batch(self, indices: Sequence[int], seed: int | None) -> Batch:
        """Collate the rows at `indices`; `seed` starts the chance of augmentation, None leaves rows as they are."""
        ...

    def only(self, keep: NDArray[np.bool_]) -> Examples:
        """Return the rows that `keep` marks."""
        ...


Tick = Callable[[int, int], None]


class Task(Protocol):
    """What a module in `ftstudio.tasks` offers."""

    SPEC: TaskSpec

    def load(self, folder: Path, labels: Sequence[str], settings: TrainingSettings, *, trained: bool) -> Bundle:
        """Load a pretrained model with a new head for `labels`, or, when `trained`, one this program has made."""
        ...

    def encode(self, bundle: Bundle, table: pa.Table, folder: Path) -> Examples:
        """Turn rows (columns named by role, pictures relative to `folder`) into examples; empty labels are -1."""
        ...

    def logits(self, model: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
        """Run the model; returns float logits, shape [rows, classes] or [rows, items, classes]."""
        ...

    # A task whose answers are places also has `token_logits(model, inputs)`: what an exported network says, of which
    # `logits` picks (`engine.export.onnx_graph`). One whose models loop over what they find has `graph_logits`, too.

    def loss(self, logits: Tensor, labels: Tensor, settings: TrainingSettings, weights: Tensor | None) -> Tensor:
        """Return the loss of each row, summed over its items, shape [rows]; `weights` are per class."""
        ...

    def score(
        self,
        logits: NDArray[Any],
        labels: NDArray[Any],
        names: Sequence[str] = (),
        decision: Decision = AS_TRAINED,
    ) -> dict[str, float]:
        """Return the task's metrics, keyed as in its SPEC, plus `loss`, when answers to `names` are so decided."""
        ...

    def intervals(
        self,
        logits: NDArray[Any],
        labels: NDArray[Any],
        names: Sequence[str],
        decision: Decision = AS_TRAINED,
    ) -> dict[str, tuple[float, float]]:
        """Return between what each metric lies on other rows of the same kind, 95 times of 100."""
        ...

    def calibration_error(
        self,
        logits: NDArray[Any],
        labels: NDArray[Any],
        names: Sequence[str],
        decision: Decision = AS_TRAINED,
    ) -> float | None:
        """Return how far what the model claims is from how often it is right, on average; None if that has no sense."""
        ...

    def report(
        self,
        logits: NDArray[Any],
        labels: NDArray[Any],
        names: Sequence[str],
        decision: Decision = AS_TRAINED,
    ) -> dict[str, Any]:
        """Return what the result page shows beside the metrics (per-class table, confusion matrix, baseline)."""
        ...

    def decode(
        self,
        logits: NDArray[Any],
        inputs: Sequence[str],
        names: Sequence[str],
        decision: Decision = AS_TRAINED,
    ) -> list[Prediction]:
        """Turn logits into answers for people."""
        ...

    def save(self, bundle: Bundle, folder: Path) -> None:
        """Write the model with everything needed to use it elsewhere into an existing, empty folder."""
        ...


class WritingTask(Task, Protocol):
    """What a task offers besides whose models write (`core.specs.Answer.writes`)."""

    def write(self, bundle: Bundle, table: pa.Table, manner: Manner, tick: Tick) -> list[str]:
        """Return what the model writes to each row; `tick(done, most)` is told and may raise to cancel."""
        ...

    def samples(self, bundle: Bundle, feeds: Mapping[Split, ModelFeed]) -> list[str]:
        """Return what the model writes now to some validation rows, a line each, for the log of a run."""
        ...

    def for_strangers(self, bundle: Bundle, table: pa.Table) -> list[dict[str, str]]:
        """Return rows as one who has only the model could be given them (`exporters/_token_losses.py`)."""
        ...
