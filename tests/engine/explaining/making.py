"""Models to explain, loaded as a finished run's would be, without a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ftstudio.core import catalog
from ftstudio.core.deciding import AS_TRAINED
from ftstudio.core.settings import build
from ftstudio.core.specs import Modality
from ftstudio.engine.device import Hardware
from ftstudio.engine.inference.answering import Trained

SETTINGS = {"max_length": 32, "precision": "fp32", "device": "cpu", "augmentation": "none"}
LABELS = ["bad", "fine", "good"]


def trained(folder: Path, task: str, labels: Sequence[str] = LABELS, **settings: Any) -> Trained:
    """Return the model of a folder with a new head, as if it had been trained."""
    module: Any = catalog.tasks().module(task)
    torch.manual_seed(3)
    bundle = module.load(folder, list(labels), build({**SETTINGS, **settings}), trained=False)
    bundle.model.eval()
    with torch.no_grad():
        for weights in bundle.model.parameters():
            if weights.ndim == 2 and 0 < weights.std() < 0.05:
                weights.mul_(10.0)  # as made, such a model says nearly the same to everything
    return Trained("run", module, bundle, Hardware(torch.device("cpu"), "fp32"))


class Parts:
    """A subject of named parts whose logits are a function of which are there: what a check sees of a real one."""

    modality = Modality.TEXT

    def __init__(self, parts: int, logits: Callable[[NDArray[np.bool_]], Sequence[float]]) -> None:
        self.parts, self._logits = parts, logits
        self.worth = np.ones(parts, dtype=bool)
        self.trained: Any = SimpleNamespace(decision=AS_TRAINED)

    def without(self, removals: Sequence[NDArray[np.bool_]]) -> NDArray[np.float32]:
        return np.array([self._logits(~removed) for removed in removals], dtype=np.float32)

    def part_weights(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return weights
