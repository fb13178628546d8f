"""Dropout whose chance costs a fifth on a processor: one fast stream of bits, 16 of them for each number.

Each number is dropped by itself, with the share that was asked for (in steps of 1/65536). PyTorch's own generator
starts each stream, so seeds, resumed runs and layers that are computed again drop what they should. Measured for 16 x
33 x 384 numbers in bfloat16 on one core: 0.28 ms instead of 1.4 ms; drawing was a tenth of a step of a small encoder.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

_CHANCES = 1 << 16  # what 16 bits tell apart
_DRAWN_AT_ONCE = 4  # so many of them are in one draw
_native = functional.dropout


def cheaply(device: torch.device) -> AbstractContextManager[None]:
    """Return the context in which whatever a model drops on a processor is drawn cheaply; other devices do so anyway.

    It must hold for the forward and the backward pass alike, because recomputed layers drop in the latter. Every
    network drops through `torch.nn.functional`, the attention of transformers too, so that is where it is changed.
    """
    return _in_place() if device.type == "cpu" else nullcontext()


@contextmanager
def _in_place() -> Iterator[None]:
    before = functional.dropout
    functional.dropout = dropped
    try:
        yield
    finally:
        functional.dropout = before


def dropped(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:  # noqa: A002 - as there
    """Set a share `p` of numbers to 0 and enlarge the others, as `functional.dropout` does."""
    bound = round(p * _CHANCES)
    if not training or not 0 < bound < _CHANCES or not input.is_floating_point() or input.device.type != "cpu":
        return _native(input, p, training, inplace)
    kept = _kept(input, bound)
    return input.mul_(kept) if inplace else input * kept


def _kept(like: Tensor, bound: int) -> Tensor:
    """Return 0 for a share of `bound`/65536 of the numbers, for the others what makes up for them, of one kind."""
    count = like.numel()
    stream = np.random.SFC64(int(torch.randint(2**62, ())))
    drawn = torch.from_numpy(stream.random_raw(-(-count // _DRAWN_AT_ONCE)).view(np.int16))[:count].view(like.shape)
    # Whole numbers are compared and multiplied many at once, which PyTorch does not do where one kind becomes another:
    # so 1 is written as the bits of the wanted number.
    kept, scale = drawn.ge_(bound - _CHANCES // 2), _CHANCES / (_CHANCES - bound)
    if like.dtype == torch.bfloat16:
        return kept.mul_(_bits(scale)).view(torch.bfloat16)
    return kept.mul_(_bits(1.0)).view(torch.bfloat16).to(like.dtype).mul_(scale)


def _bits(number: float) -> int:
    return int(torch.tensor(number, dtype=torch.bfloat16).view(torch.int16))
