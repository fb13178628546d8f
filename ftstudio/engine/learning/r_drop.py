"""R-Drop: two passes with different dropout must give the same answer (Wu et al. 2021, arXiv:2106.14448)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from ftstudio.engine.task import Batch


@dataclass(frozen=True)
class RDrop:
    """The mean loss of both passes plus `weight` times how far their answers lie apart (symmetric KL divergence)."""

    forward: Callable[[Batch], Tensor]
    score: Callable[[Tensor, Tensor], Tensor]
    weight: float

    def losses(self, rows: Batch, seed: int) -> Tensor:
        """Run every row twice, in one pass of twice the rows as in the paper."""
        labels = torch.cat([rows.labels, rows.labels])
        twice = Batch({key: torch.cat([value, value]) for key, value in rows.inputs.items()}, labels)
        logits = self.forward(twice).float()
        first, second = self.score(logits, labels).chunk(2)
        return (first + second) / 2 + self.weight * _apart(*logits.chunk(2))


def _apart(first: Tensor, second: Tensor) -> Tensor:
    """Return the mean of the KL divergences both ways, shape [rows]."""
    one, other = functional.log_softmax(first, dim=-1), functional.log_softmax(second, dim=-1)
    # KL(p‖q) + KL(q‖p) = Σ (p − q)(log p − log q)
    return ((one.exp() - other.exp()) * (one - other)).flatten(1).sum(dim=1) / 2
