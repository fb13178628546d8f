"""Made-up runs for the tests of the doctor: a case, and curves as events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ftstudio.core.messages import Measured
from ftstudio.core.settings import TrainingSettings
from ftstudio.doctor.case import Case

PER_EPOCH = 10


def case(epochs: int = 10, **changes: Any) -> Case:
    """Return a case of 160 training and 80 validation rows in two even classes, 10 steps an epoch."""
    settings = {"early_stopping": False, "epochs": float(epochs), **changes.pop("settings", {})}
    values: dict[str, Any] = {
        "modality": "text",
        "rows": 160,
        "validation_rows": 80,
        "rows_per_class": {"bad": 80, "good": 80},
        "validation_per_class": (40, 40),
        "parameters": 22_000_000,
        "total_steps": PER_EPOCH * epochs,
        "steps_per_epoch": PER_EPOCH,
        "metric": "accuracy",
        "metric_title": "Accuracy",
        "settings": TrainingSettings(**settings),
    }
    return Case(**{**values, **changes})


def steps(first: int, last: int, loss: float) -> list[Measured]:
    """Return the steps `first` to `last` with the same training loss."""
    values = {"loss": loss, "learning_rate": 1e-5, "gradient_norm": 1.0}
    return [
        Measured(split="train", step=step, epoch=step / PER_EPOCH, seconds=0.0, values=values)
        for step in range(first, last + 1)
    ]


def check(step: int, loss: float, score: float) -> Measured:
    """Return one look at the validation rows."""
    values = {"accuracy": score, "loss": loss}
    return Measured(split="validation", step=step, epoch=step / PER_EPOCH, seconds=0.0, values=values)


def curves(train: Sequence[float], valid: Sequence[float], scores: Sequence[float]) -> list[Measured]:
    """Return a run of an epoch for each training loss; losses and scores begin with the check before the first step."""
    events = [check(0, valid[0], scores[0])]
    for epoch, loss in enumerate(train):
        events += steps(PER_EPOCH * epoch + 1, PER_EPOCH * (epoch + 1), loss)
        events.append(check(PER_EPOCH * (epoch + 1), valid[epoch + 1], scores[epoch + 1]))
    return events
