"""The exact state of a model and of chance, to be put back after trying something on it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Snapshot:
    """Copies of all weights and buffers, of what learns, of the modes, and of every source of chance."""

    weights: dict[str, Tensor]
    learning: dict[str, bool]
    modes: dict[str, bool]
    chance: tuple[Any, Any, Tensor, list[Tensor]]


def take(model: nn.Module) -> Snapshot:
    """Copy the state of `model` and of chance as they are now."""
    return Snapshot(
        weights={name: value.detach().clone() for name, value in model.state_dict().items()},
        learning={name: parameter.requires_grad for name, parameter in model.named_parameters()},
        modes={name: module.training for name, module in model.named_modules()},
        chance=(random.getstate(), np.random.get_state(), torch.get_rng_state(), _cuda_chance()),
    )


@torch.no_grad()
def put_back(snapshot: Snapshot, model: nn.Module, *, chance: bool = True) -> None:
    """Make `model` (and, if wanted, chance) exactly what it was; gradients are dropped."""
    now = model.state_dict()
    for name, value in snapshot.weights.items():
        now[name].copy_(value)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(snapshot.learning[name])
        parameter.grad = None
    for name, module in model.named_modules():
        module.training = snapshot.modes[name]
    if chance:
        python, numpy, cpu, cuda = snapshot.chance
        random.setstate(python)
        np.random.set_state(numpy)
        torch.set_rng_state(cpu)
        if cuda:
            torch.cuda.set_rng_state_all(cuda)


def _cuda_chance() -> list[Tensor]:
    return torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
