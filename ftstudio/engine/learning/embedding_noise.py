"""NEFTune: a little uniform noise on the word vectors while training (Jain et al. 2023, arXiv:2310.05914)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ftstudio.engine.learning.feeds import unwrapped
from ftstudio.engine.task import Batch


def noisy(forward: Callable[[Batch], Tensor], module: nn.Module, strength: float) -> Callable[[Batch], Tensor]:
    """Return `forward` with noise of `strength` (the paper's alpha) on what the word embeddings of `module` give.

    The noise is there only during the call, so checks and the finished model never have it. A model without word
    embeddings runs as it is.
    """
    embeddings = _word_embeddings(module)
    if embeddings is None:
        return forward

    def run(rows: Batch) -> Tensor:
        handle = embeddings.register_forward_hook(_adder(strength))
        try:
            return forward(rows)
        finally:
            handle.remove()

    return run


def _adder(strength: float) -> Callable[[nn.Module, Any, Tensor], Tensor]:
    def add(_: nn.Module, __: Any, vectors: Tensor) -> Tensor:
        reach = strength / math.sqrt(vectors.shape[-2] * vectors.shape[-1])
        return vectors + torch.empty_like(vectors).uniform_(-reach, reach)

    return add


def _word_embeddings(module: nn.Module) -> nn.Embedding | None:
    model = getattr(unwrapped(module), "model", None)
    find = getattr(model, "get_input_embeddings", None)
    try:
        found = find() if find is not None else None
    except NotImplementedError:
        return None
    return found if isinstance(found, nn.Embedding) else None
