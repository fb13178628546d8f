"""What several processes of one run tell each other: whether all went well, what each found, and the gradients.

Gradients are exchanged after all portions are done, not during the last, so that a process that runs out of memory
can say so and all do the step over together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import torch
from accelerate import Accelerator
from accelerate.utils import gather_object
from torch import Tensor

T = TypeVar("T")


def anywhere(here: bool, accelerator: Accelerator) -> bool:
    """Whether `here` is true in any of the processes."""
    if accelerator.num_processes == 1:
        return here
    count = accelerator.reduce(torch.tensor(float(here), device=accelerator.device), reduction="sum")
    assert isinstance(count, Tensor)
    return bool(count > 0)


def gathered(here: Sequence[T], accelerator: Accelerator) -> list[T]:
    """Return what all processes have found, those of the first before those of the second."""
    if accelerator.num_processes == 1:
        return list(here)
    everywhere: list[T] = gather_object(list(here))
    return everywhere


@torch.no_grad()
def average(tensors: Sequence[Tensor], accelerator: Accelerator) -> None:
    """Replace each of `tensors` by its mean over all processes, in as few messages as there are kinds of numbers."""
    if accelerator.num_processes == 1:
        return
    for kind in sorted({tensor.dtype for tensor in tensors}, key=str):
        members = [tensor for tensor in tensors if tensor.dtype == kind]
        mean = accelerator.reduce(torch.cat([member.reshape(-1) for member in members]), reduction="mean")
        assert isinstance(mean, Tensor)
        parts = torch.split(mean, [member.numel() for member in members])
        for member, part in zip(members, parts, strict=True):
            member.copy_(part.view_as(member))
