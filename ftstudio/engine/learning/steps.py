"""One optimiser step: forward and backward over the portions of a batch, clip, step. Nothing of it knows the task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor

from ftstudio.core.errors import StudioError
from ftstudio.core.messages import Remark
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.text import text, text_plural
from ftstudio.engine.learning import dropping, exchange, memory, objectives
from ftstudio.engine.learning.batching import BatchPlan
from ftstudio.engine.learning.feeds import Feed
from ftstudio.engine.learning.optim import Optimisers, clip
from ftstudio.engine.vision.left_out import refuse_empty

MOST_HALVINGS = 3
FEW = 2  # rows of a batch, the last of an epoch perhaps, that may all have been left out by chance


@dataclass(frozen=True)
class StepResult:
    """What one step told: mean loss over the answers of the batch, total gradient norm, rate of the head, rows of all
    processes.
    """

    loss: float
    gradient_norm: float
    learning_rate: float
    rows: int


def _nobody(remark: Remark) -> None:
    """Tell nobody."""


class Stepper:
    """Takes optimiser steps on the batches it is given. `plan` changes only when memory runs out; `tell` is told."""

    def __init__(
        self,
        feed: Feed,
        optimisers: Optimisers,
        accelerator: Accelerator,
        plan: BatchPlan,
        settings: TrainingSettings,
        class_weights: Tensor | None,
        tell: Callable[[Remark], None] = _nobody,
    ) -> None:
        self.feed, self.optimisers, self.accelerator, self.plan = feed, optimisers, accelerator, plan
        self.settings, self.tell, self.halvings = settings, tell, 0
        self.objective = objectives.choose(feed, settings, accelerator.autocast, class_weights)
        self.rewind = memory.Rewind(feed.module, accelerator.device)
        self.parameters = optimisers.parameters()
        self.last: StepResult | None = None

    def step(self, batch: NDArray[np.int64], step: int, seed: int) -> StepResult:
        """Learn from the rows `batch`; `step` counts from 0; `seed` starts the chance of augmentation."""
        rate = self.optimisers.set_rates(step)
        asked, batch = batch, self.feed.readable(batch)
        if not len(batch):
            return self._skipped(len(asked))
        loss = self._gradients(batch, step, seed)
        norm = self._clip()
        if not (np.isfinite(loss) and np.isfinite(norm)):
            self._refuse(step, loss)
        self.optimisers.step()
        self.last = StepResult(loss, norm, rate, len(batch))
        return self.last

    def _skipped(self, rows: int) -> StepResult:
        """Learn nothing from a batch of which no picture is left; raises `StudioError` where it had more than a few."""
        if rows > FEW or self.last is None:
            refuse_empty(rows)
        assert self.last is not None
        return replace(self.last, rows=0)

    def _gradients(self, batch: NDArray[np.int64], step: int, seed: int) -> float:
        self.rewind.note()
        while (loss := self._attempt(batch, seed)) is None:
            # Only here, with the exception gone, can the memory of the failed pass be given back.
            self.optimisers.drop_gradients()
            memory.give_back(self.accelerator.device)
            self.rewind.go_back()
            self._halve(batch, step)
        if self.plan.world > 1:
            self._exchange()
        return float(self._over_all_processes(loss))

    def _attempt(self, batch: NDArray[np.int64], seed: int) -> Tensor | None:
        """Return this process's part of the loss, its gradients in place; None when memory ran out in any process."""
        loss: Tensor | None = None
        try:
            loss = self._backward(batch, seed)
        except Exception as error:
            if not memory.ran_out(error):
                raise
        return None if exchange.anywhere(loss is None, self.accelerator) else loss

    def _halve(self, batch: NDArray[np.int64], step: int) -> None:
        """Compute half as many rows at once from now on; raises `StudioError` when that was tried often enough."""
        tried = max(len(portion) for portion in self.plan.shares(batch))
        if tried == 1 or self.halvings == MOST_HALVINGS:
            self._give_up(tried)
        self.halvings += 1
        self.plan = replace(self.plan, micro_rows=tried // 2)
        self.tell(
            Remark(
                severity="warning",
                code="memory_halved",
                step=step + 1,
                text=text(
                    "Memory ran out at step {step}. Instead of {before} rows, {rows} are now computed at once; a step "
                    "still averages {batch} rows, so what is learned stays the same.",
                    step=step + 1,
                    before=tried,
                    rows=tried // 2,
                    batch=self.plan.batch_size,
                ),
            )
        )

    def _give_up(self, tried: int) -> None:
        raise memory.TooLittleMemoryError(
            text_plural(
                "There is too little memory, even for one row at once.",
                "There is too little memory, even for {count} rows at once.",
                count=tried,
            ),
            text(
                "Choose shorter texts or smaller pictures, fewer layers (“top layers” or “head”), or a smaller model; "
                "or close other programs. `ftstudio rehearse` measures what fits."
            ),
            field="micro_batch_size",
        )

    def _backward(self, batch: NDArray[np.int64], seed: int) -> Tensor:
        # Gradients of several processes are averaged, so each weighs its rows by all rows of the batch.
        # Every answer counts the same, however many its row has.
        share = self.plan.world / max(1, int(self.feed.losses[batch].sum()))
        total = torch.zeros((), device=self.accelerator.device)
        with self.accelerator.no_sync(self.feed.module), dropping.cheaply(self.accelerator.device):
            for at, portion in enumerate(self.plan.portions(batch)):
                rows = self.feed.batch(portion, seed + at).to(self.accelerator.device)
                loss = self.objective.losses(rows, seed + at).sum() * (share * rows.weight)
                self.accelerator.backward(loss)
                total += loss.detach()
        return total

    def _exchange(self) -> None:
        """Average gradients over all processes, and batch statistics, which else would differ from one to the other."""
        gradients = [parameter.grad for parameter in self.parameters if parameter.grad is not None]
        exchange.average(
            [*gradients, *(one for one in self.rewind.statistics if one.is_floating_point())], self.accelerator
        )

    def _over_all_processes(self, loss: Tensor) -> Tensor:
        if self.plan.world == 1:
            return loss
        mean = self.accelerator.reduce(loss, reduction="mean")
        assert isinstance(mean, Tensor)
        return mean

    def _clip(self) -> float:
        if self.accelerator.scaler is not None:
            self.accelerator.unscale_gradients()
        return clip(self.parameters, self.settings.max_grad_norm)

    def _refuse(self, step: int, loss: float) -> None:
        self.optimisers.drop_gradients()
        raise StudioError(
            text("The training stopped at step {step}: the loss is no longer a number.", step=step + 1),
            text("The best checkpoint before it is kept. Try a learning rate three times smaller, or precision fp32."),
            field="learning_rate",
        )
