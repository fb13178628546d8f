"""A network as if it had never been trained: what pretraining was worth is seen beside it."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from ftstudio.engine.layers import pooling

SPREAD = 0.02  # of embeddings, and of weights that no layer knows how to draw


@torch.no_grad()
def draw(model: nn.Module, seed: int) -> None:
    """Give all weights and statistics of `model` the values that its layers begin with; equal for equal seeds."""
    torch.manual_seed(seed)
    pooled = any(getattr(parameter, "fixed", False) for parameter in model.parameters())
    for module in model.modules():
        own = list(module.parameters(recurse=False))
        reset: Any = getattr(module, "reset_parameters", None)
        if isinstance(module, nn.Embedding) or (own and reset is None):
            for parameter in own:
                parameter.normal_(0.0, SPREAD)
        elif reset is not None:
            reset()
    if pooled:
        pooling.initialise(model)  # a mean is a mean: that layer was never trained
