"""Lets a head learn standardised numbers while the model already answers in the user's unit, exactly.

A new head makes answers around 0; numbers around 40 000 would take it thousands of steps to reach. So what the head
makes is stretched and moved as the training rows lie (their standard deviation and mean), by a hook on it. At the end
that is folded into its weights: what is saved is a plain model that answers in the user's unit by itself.

The hook also computes the head in float32 where the rest is computed in bfloat16, which near 2 000 knows only every
eighth number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ftstudio.engine.layers.modules import final_linear


class Scale:
    """A forward hook on a head: its answers, in float32, become `spread` times as large, plus `mean`."""

    def __init__(self) -> None:
        self.mean, self.spread = 0.0, 1.0

    def __call__(self, module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        """Return what the head shall have said."""
        head: Any = module
        with torch.autocast(output.device.type, enabled=False):
            exact = functional.linear(inputs[0].float(), head.weight.float(), _float(head.bias))
        return exact * self.spread + self.mean


def _float(bias: Tensor | None) -> Tensor | None:
    return None if bias is None else bias.float()


def spread_of(numbers: NDArray[Any]) -> float:
    """Return the standard deviation of numbers, 1 where they do not differ."""
    return float(np.std(numbers, dtype=np.float64)) or 1.0


def attach(model: nn.Module) -> None:
    """Have the head of a model answer exactly; one without a linear head stays as it is."""
    head = final_linear(model, 1)
    if head is not None and scale_of(head) is None:
        head.register_forward_hook(Scale())


def begin(model: nn.Module, numbers: NDArray[Any]) -> None:
    """Have the head answer as `numbers` lie, those of the training rows.

    A head without a bias cannot be moved later, so it is only stretched.
    """
    head = final_linear(model, 1)
    scale = scale_of(head)
    if head is None or scale is None:
        return
    bias: Tensor | None = head.bias
    if bias is None:
        scale.spread = float(np.sqrt(np.mean(np.square(numbers, dtype=np.float64)))) or 1.0
    else:
        scale.mean, scale.spread = float(np.mean(numbers, dtype=np.float64)), spread_of(numbers)


@torch.no_grad()
def fold(model: nn.Module) -> None:
    """Put the scale into the weights of the head; the answers stay the same."""
    head = final_linear(model, 1)
    scale = scale_of(head)
    if head is None or scale is None:
        return
    head.weight.mul_(scale.spread)
    bias: Tensor | None = head.bias
    if bias is not None:
        bias.mul_(scale.spread).add_(scale.mean)
    scale.mean, scale.spread = 0.0, 1.0


def scale_of(head: nn.Module | None) -> Scale | None:
    """Return what stretches the answers of a head; None where nothing does."""
    hooks = head._forward_hooks.values() if head is not None else ()
    return next((hook for hook in hooks if isinstance(hook, Scale)), None)
