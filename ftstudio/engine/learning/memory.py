"""Memory that runs out, on a graphics card or in the computer: telling it from other errors, and going back before it.

PyTorch has an exception only for graphics cards; the processor's allocator raises a plain RuntimeError.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import sys
from contextlib import suppress

import torch
from torch import Tensor, nn

from ftstudio.core.errors import StudioError

# What allocators say: PyTorch's on Linux and macOS, on Windows; Apple's; oneDNN's; cuBLAS and cuDNN.
_SAYINGS = (
    "defaultcpuallocator",
    "can't allocate memory",
    "cannot allocate memory",
    "not enough memory",
    "mps backend out of memory",
    "out of memory",
    "could not create a memory object",
    "could not create a primitive",
    "cublas_status_alloc_failed",
    "cudnn_status_alloc_failed",
    "std::bad_alloc",
)


class TooLittleMemoryError(StudioError):
    """Memory does not suffice even for a fraction of the rows that were to be computed at once."""


def ran_out(error: BaseException) -> bool:
    """Whether `error` says that there was too little memory."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _SAYINGS)


def give_back(device: torch.device) -> None:
    """Give what is no longer used back to the card or to the computer."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):  # other C libraries than glibc have no such call
            ctypes.CDLL(None).malloc_trim(0)


class Rewind:
    """Chance and batch statistics as they were before a pass, so that it can be done over as if for the first time."""

    def __init__(self, module: nn.Module, device: torch.device) -> None:
        self._device = device
        self._keepers = [one for one in module.modules() if getattr(one, "track_running_stats", False)]
        self._chance = torch.get_rng_state()
        self._card_chance: Tensor | None = None
        self._kept: list[Tensor] = []
        self.statistics: list[Tensor] = []

    @torch.no_grad()
    def note(self) -> None:
        """Take note of all that a pass changes besides gradients; `statistics` are those that it will change."""
        self._chance = torch.get_rng_state()
        if self._device.type == "cuda":
            self._card_chance = torch.cuda.get_rng_state(self._device)
        live = [buffer for one in self._keepers if one.training for buffer in one.buffers(recurse=False)]
        if [one.shape for one in live] != [one.shape for one in self._kept]:  # other layers learn than before
            self._kept = [buffer.clone() for buffer in live]
        elif live:
            torch._foreach_copy_(self._kept, live)
        self.statistics = live

    @torch.no_grad()
    def go_back(self) -> None:
        """Put everything back."""
        torch.set_rng_state(self._chance)
        if self._card_chance is not None:
            torch.cuda.set_rng_state(self._card_chance, self._device)
        if self.statistics:
            torch._foreach_copy_(self.statistics, self._kept)
