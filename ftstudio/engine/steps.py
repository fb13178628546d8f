"""One optimiser step: forward and backward over the portions of a batch, clip, step. Nothing of it knows the task."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor

from ftstudio.core.errors import StudioError
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.text import text, text_plural
from ftstudio.engine.batching import BatchPlan
from ftstudio.engine.feeds import Feed
from ftstudio.engine.optim import Optimisers, clip

MOST_HALVINGS = 3


@dataclass(frozen=True)
class StepResult:
    """What one step told: mean loss over the batch, total gradient norm, rate of the head, rows of all processes."""

    loss: float
    gradient_norm: float
    learning_rate: float
    rows: int


class Stepper:
    """Takes optimiser steps on the batches it is given. `plan` changes only when memory runs out."""

    def __init__(
        self,
        feed: Feed,
        optimisers: Optimisers,
        accelerator: Accelerator,
        plan: BatchPlan,
        settings: TrainingSettings,
        class_weights: Tensor | None,
    ) -> None:
        self.feed, self.optimisers, self.accelerator, self.plan = feed, optimisers, accelerator, plan
        self.settings, self.class_weights = settings, class_weights
        self.parameters = optimisers.parameters()

    def step(self, batch: NDArray[np.int64], step: int, seed: int) -> StepResult:
        """Learn from the rows `batch`; `step` counts from 0; `seed` starts the chance of augmentation."""
        rate = self.optimisers.set_rates(step)
        loss = self._gradients(batch, seed)
        norm = self._clip()
        if not (np.isfinite(loss) and np.isfinite(norm)):
            self._refuse(step, loss)
        self.optimisers.step()
        return StepResult(loss, norm, rate, len(batch))

    def _gradients(self, batch: NDArray[np.int64], seed: int) -> float:
        tried = len(batch)
        for _ in range(MOST_HALVINGS + 1):
            tried = min(self.plan.micro_rows or tried, len(batch))
            with suppress(torch.OutOfMemoryError):
                return self._backward(batch, seed)
            # Only here, with the exception gone, can the memory of the failed pass be given back.
            self.optimisers.drop_gradients()
            torch.cuda.empty_cache()
            self.plan = replace(self.plan, micro_rows=max(1, tried // 2))
        raise StudioError(
            text_plural(
                "The graphics card has too little memory, even for one row at once.",
                "The graphics card has too little memory, even for {count} rows at once.",
                count=tried,
            ),
            text("Choose a smaller model, shorter texts, or the tuning method “head”."),
            field="micro_batch_size",
        )

    def _backward(self, batch: NDArray[np.int64], seed: int) -> float:
        portions = self.plan.portions(batch)
        # Gradients of several processes are averaged, so each weighs its rows by all rows of the batch.
        share = self.plan.world / len(batch)
        total = torch.zeros((), device=self.accelerator.device)
        for at, portion in enumerate(portions):
            rows = self.feed.batch(portion, seed + at).to(self.accelerator.device)
            with self._synchronised(last=at == len(portions) - 1):
                with self.accelerator.autocast():
                    logits = self.feed.logits(rows)
                loss = self.feed.loss(logits.float(), rows.labels, self.class_weights).sum() * share
                self.accelerator.backward(loss)
            total += loss.detach()
        return float(self._over_all_processes(total))

    def _synchronised(self, *, last: bool) -> Any:
        """Exchange gradients between processes only with the last portion."""
        return self.accelerator.no_sync(self.feed.module) if not last else torch.enable_grad()

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
