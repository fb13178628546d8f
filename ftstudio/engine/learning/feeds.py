"""What the loop learns from: batches in, logits out. One feed runs the whole model, another stored features.

The loop and the evaluation see only a `Feed`; whether the lower layers run or were computed once is not their matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ftstudio.core.settings import TrainingSettings
from ftstudio.engine.task import Batch, Bundle, Examples, Task


class Feed(Protocol):
    """Rows and the module that learns from them.

    `truth` is what answers are scored by, `items` how many answers each row has, `losses` of how many its loss is the
    sum: the labels, 1 and 1 where a row has one label.
    """

    lengths: NDArray[np.int64]
    labels: NDArray[np.int64]
    items: NDArray[np.int64]
    losses: NDArray[np.int64]
    module: nn.Module

    @property
    def truth(self) -> NDArray[Any]:
        """What answers are scored by."""
        ...

    @property
    def held_bytes(self) -> int:
        """What is kept of these rows from one epoch to the next, beside the encoded rows themselves."""
        ...

    def readable(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which of `rows` can be learned from: all, but for pictures that a run has left out."""
        ...

    def batch(self, rows: Sequence[int] | NDArray[np.int64], seed: int | None = None) -> Batch:
        """Collate rows; `seed` starts augmentation, None leaves rows as they are."""
        ...

    def logits(self, batch: Batch) -> Tensor:
        """Run `module` on a batch; shape [rows, classes]."""
        ...

    def loss(self, logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
        """Return the loss of each row, summed over its items, shape [rows]."""
        ...


class Logits(nn.Module):
    """The model as a module from inputs to logits, so that it can be wrapped for several processes."""

    def __init__(self, model: nn.Module, task: Task) -> None:
        super().__init__()
        self.model = model
        self.task = task

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """Return logits, shape [rows, classes]."""
        return self.task.logits(self.model, inputs)


class ModelFeed:
    """Runs the whole model on encoded rows."""

    def __init__(self, task: Task, bundle: Bundle, examples: Examples, settings: TrainingSettings) -> None:
        self.task, self.bundle, self.examples, self.settings = task, bundle, examples, settings
        self.lengths, self.labels = examples.lengths, examples.labels
        self.items: NDArray[np.int64] = getattr(examples, "items", np.ones(len(self.labels), np.int64))
        self.losses: NDArray[np.int64] = getattr(examples, "losses", self.items)
        self.module: nn.Module = Logits(bundle.model, task)

    @cached_property
    def truth(self) -> NDArray[Any]:
        """That of the examples, made when it is first asked for: that of a whole corpus takes much memory."""
        truth: NDArray[Any] = getattr(self.examples, "truth", self.labels)
        return truth

    @property
    def row_by_row(self) -> bool:
        """Whether the model reads one thing for each row, so that what it makes of it can be stored by row."""
        return bool(getattr(self.examples, "row_by_row", True))

    @property
    def held_bytes(self) -> int:
        """Decoded pictures, for tasks that keep them."""
        return int(getattr(self.examples, "held_bytes", 0))

    def readable(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Ask the examples, where some of them may have broken."""
        ask: Callable[[NDArray[np.int64]], NDArray[np.int64]] | None = getattr(self.examples, "readable", None)
        return rows if ask is None else ask(rows)

    def batch(self, rows: Sequence[int] | NDArray[np.int64], seed: int | None = None) -> Batch:
        """Collate rows through the task."""
        return self.examples.batch([int(row) for row in rows], seed)

    def logits(self, batch: Batch) -> Tensor:
        """Run the model."""
        result: Tensor = self.module(batch.inputs)
        return result

    def loss(self, logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
        """Ask the task."""
        return self.task.loss(logits, labels, self.settings, weights)

    def over(self, examples: Examples) -> ModelFeed:
        """Return a feed of other rows through the same (possibly wrapped) module."""
        other = ModelFeed(self.task, self.bundle, examples, self.settings)
        other.module = self.module
        return other


class Subset:
    """Some rows of another feed, in the order of `rows`, through the same module: a fold, a fraction of the data."""

    def __init__(self, feed: Feed, rows: NDArray[np.int64]) -> None:
        self.feed, self.rows = feed, rows
        self.lengths, self.labels = feed.lengths[rows], feed.labels[rows]
        self.items, self.losses = feed.items[rows], feed.losses[rows]

    @cached_property
    def truth(self) -> NDArray[Any]:
        """That of the chosen rows."""
        return self.feed.truth[self.rows]

    @property
    def module(self) -> nn.Module:
        """The module of the whole feed."""
        return self.feed.module

    @module.setter
    def module(self, module: nn.Module) -> None:
        self.feed.module = module

    @property
    def held_bytes(self) -> int:
        """That of the whole feed."""
        return self.feed.held_bytes

    def readable(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Ask the whole feed."""
        return rows[np.isin(self.rows[rows], self.feed.readable(self.rows[rows]))]

    def batch(self, rows: Sequence[int] | NDArray[np.int64], seed: int | None = None) -> Batch:
        """Collate rows, counted within the subset."""
        return self.feed.batch(self.rows[np.asarray(rows, dtype=np.int64)], seed)

    def logits(self, batch: Batch) -> Tensor:
        """Run the module."""
        return self.feed.logits(batch)

    def loss(self, logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
        """Ask the whole feed."""
        return self.feed.loss(logits, labels, weights)


def unwrapped(module: Any) -> nn.Module:
    """Return the module inside the wrapper that several processes need."""
    inner: nn.Module = getattr(module, "module", module)
    return inner
