"""The loss curve of transformers' Trainer on batches that are given to it, to compare ours with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn


def trainer_curve(model: nn.Module, batches: list[dict[str, Any]], folder: Path, **options: Any) -> list[float]:
    """Return the loss of each step on `batches` in their order, one batch a step, as Trainer logs it (rounded)."""
    from transformers import Trainer, TrainerCallback, TrainingArguments

    told: list[float] = []

    class Listener(TrainerCallback):  # type: ignore[misc]
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **others: Any) -> None:
            if "loss" in logs:
                told.append(float(logs["loss"]))

    class InOurOrder(Trainer):  # type: ignore[misc]
        def get_train_dataloader(self) -> Any:
            return torch.utils.data.DataLoader(batches, batch_size=None)  # type: ignore[arg-type]

    arguments = TrainingArguments(
        str(folder),
        max_steps=len(batches),
        learning_rate=2e-3,
        weight_decay=0.05,
        max_grad_norm=0.5,
        lr_scheduler_type="linear",
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
        **options,
    )
    InOurOrder(model, arguments, train_dataset=batches, callbacks=[Listener()]).train()
    return told
