"""What a portion of rows is asked for while learning: the loss of its answers, or one of the ways against overfitting.

The step knows only `losses`. Each way lies in a file of its own and is put together here from the settings; with all
of them off, `Plain` computes exactly what the task's loss says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from ftstudio.core.settings import TrainingSettings
from ftstudio.engine.learning import embedding_noise
from ftstudio.engine.learning.feeds import Feed
from ftstudio.engine.learning.mixing import Mixed
from ftstudio.engine.learning.r_drop import RDrop
from ftstudio.engine.task import Batch

Forward = Callable[[Batch], Tensor]
Score = Callable[[Tensor, Tensor], Tensor]


class Objective(Protocol):
    """How the loss of a portion is made."""

    def losses(self, rows: Batch, seed: int) -> Tensor:
        """Return the loss of each row, shape [rows]; `seed` starts whatever chance it needs of its own."""
        ...


@dataclass(frozen=True)
class Plain:
    """The task's own loss of the model's answers."""

    forward: Forward
    score: Score

    def losses(self, rows: Batch, seed: int) -> Tensor:
        """Run the model and score it."""
        return self.score(self.forward(rows), rows.labels)


def choose(feed: Feed, settings: TrainingSettings, autocast: Callable[[], Any], weights: Tensor | None) -> Objective:
    """Return the objective that the settings ask for.

    Args:
        feed: whose module learns.
        settings: the effective settings.
        autocast: makes the context in which the model runs.
        weights: of the classes, or None.
    """

    def forward(rows: Batch) -> Tensor:
        with autocast():
            return feed.logits(rows)

    def score(logits: Tensor, labels: Tensor) -> Tensor:
        return feed.loss(logits.float(), labels, weights)

    run: Forward = forward
    if settings.embedding_noise:
        run = embedding_noise.noisy(forward, feed.module, settings.embedding_noise)
    if settings.r_drop:
        return RDrop(run, score, settings.r_drop)
    if settings.mixup or settings.cutmix:
        return Mixed(run, score, settings.mixup, settings.cutmix)
    return Plain(run, score)
