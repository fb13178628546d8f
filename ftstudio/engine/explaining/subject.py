"""What is explained: one input as a model sees it, made of parts that can be taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ftstudio.core.specs import Modality
from ftstudio.engine.inference.answering import Trained

Removal = NDArray[np.bool_]


class Subject(Protocol):
    """One input. `parts` counts what can be taken away; `worth` marks the parts that the model read, shape [parts]."""

    modality: Modality
    trained: Trained
    inputs: dict[str, Tensor]
    parts: int
    worth: NDArray[np.bool_]

    def without(self, removals: Sequence[Removal]) -> NDArray[np.float32]:
        """Return the logits [removals, classes] of the input without some parts; each removal has shape [parts]."""
        ...

    def part_weights(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weight of each part, shape [parts], from the weights that a method gave."""
        ...


@dataclass(frozen=True)
class Weighed:
    """What a method found: `weights` of words, shape [parts], or over a picture, shape [height, width].

    `gap` is the share of the score that they leave unexplained, for methods that promise to explain all of it.
    """

    weights: NDArray[np.float64]
    gap: float | None = None


def model_of(subject: Subject) -> nn.Module:
    """Return the model in the mode in which it answers."""
    return subject.trained.bundle.model.eval()


def score(subject: Subject, inputs: dict[str, Tensor], target: int) -> Tensor:
    """Return the log-odds of label `target` for each row of `inputs`, in float32, fit for gradients; shape [rows]."""
    logits = subject.trained.task.logits(model_of(subject), inputs).float()
    others = torch.cat((logits[:, :target], logits[:, target + 1 :]), dim=1)
    return logits[:, target] - torch.logsumexp(others, dim=1)


def log_odds(logits: NDArray[np.float32], target: int) -> NDArray[np.float64]:
    """Return the log-odds of label `target` for each row of logits."""
    values = logits.astype(np.float64)
    others = np.delete(values, target, axis=1)
    top = others.max(axis=1)
    result: NDArray[np.float64] = values[:, target] - top - np.log(np.exp(others - top[:, None]).sum(axis=1))
    return result


def repeated(inputs: dict[str, Tensor], rows: int) -> dict[str, Tensor]:
    """Return the one row of `inputs` as `rows` equal ones."""
    return {key: value.expand(rows, *value.shape[1:]) for key, value in inputs.items()}
