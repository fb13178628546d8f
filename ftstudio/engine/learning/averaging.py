"""A running mean of the weights, which is checked and kept instead of the last ones.

An exponential mean (Polyak and Juditsky 1992; as used by Tarvainen and Valpola 2017, arXiv:1703.01780). In the first
steps it forgets faster, so that the start does not weigh on a short run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

_COUNT = "updates"


class Averages:
    """The running mean of what learns in `model` (weights, and the statistics that change with them)."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model, self.decay = model, decay
        self.updates = 0
        self._means = {name: value.clone() for name, value in _followed(model)}

    @torch.no_grad()
    def update(self) -> None:
        """Take in the weights as they are after a step; what began to learn since joins as it is."""
        self.updates += 1
        keep = min(self.decay, (1 + self.updates) / (10 + self.updates))
        now = dict(_followed(self.model))
        means = [self._means.setdefault(name, value.clone()) for name, value in now.items()]
        torch._foreach_lerp_(means, list(now.values()), 1.0 - keep)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the model have the mean weights for a while; afterwards it has exactly its own again."""
        known = self._known()
        own = {name: known[name].detach().clone() for name in self._means}
        self.put_in()
        try:
            yield
        finally:
            self._copy(own)

    def put_in(self) -> None:
        """Give the model the mean weights for good."""
        self._copy(self._means)

    def tensors(self) -> dict[str, Tensor]:
        """Return what a checkpoint must hold."""
        means = {name: value.to("cpu").contiguous() for name, value in self._means.items()}
        return {**means, _COUNT: torch.tensor(self.updates)}

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from a checkpoint; raises KeyError when it is not one of averages."""
        self.updates = int(tensors[_COUNT])
        known = self._known()
        found = {name: value for name, value in tensors.items() if name != _COUNT}
        self._means = {name: torch.empty_like(known[name]).copy_(value) for name, value in found.items()}

    @torch.no_grad()
    def _copy(self, values: Mapping[str, Tensor]) -> None:
        known = self._known()
        for name, value in values.items():
            known[name].copy_(value)

    def _known(self) -> dict[str, Tensor]:
        return dict(self.model.named_parameters()) | dict(self.model.named_buffers())


def _followed(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Yield the weights that learn and the floating statistics of the modules in which something learns."""
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            yield name, parameter.detach()
    for prefix, module in model.named_modules():
        if any(parameter.requires_grad for parameter in module.parameters(recurse=False)):
            for name, buffer in module.named_buffers(recurse=False):
                if buffer.is_floating_point():
                    yield f"{prefix}.{name}".lstrip("."), buffer
